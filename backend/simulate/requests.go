package simulate

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// maxRequests is how many requests a Server remembers.
const maxRequests = 1000

// Request is what a client asked for. Its header tells about its manners: If-None-Match,
// Last-Event-ID, User-Agent.
type Request struct {
	At     time.Time
	Method string
	Host   string
	Path   string
	Query  url.Values
	Header http.Header
	Status int // of the answer; 0 while there is none
}

// requestLog remembers the last requests.
type requestLog struct {
	mu      sync.Mutex
	entries []*Request
}

func (l *requestLog) add(r *http.Request) *logEntry {
	entry := &Request{
		At: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path,
		Query: r.URL.Query(), Header: r.Header.Clone(),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) == maxRequests {
		l.entries = append(l.entries[:0], l.entries[1:]...)
	}
	l.entries = append(l.entries, entry)
	return &logEntry{log: l, request: entry}
}

func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Request, 0, len(l.entries))
	for _, entry := range l.entries {
		all = append(all, *entry)
	}
	return all
}

// logEntry is a request whose answer is still to be noted.
type logEntry struct {
	log     *requestLog
	request *Request
}

func (e *logEntry) status(code int) {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.request.Status = code
}
