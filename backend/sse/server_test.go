package sse

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// script answers its n-th request with its n-th answer, then 204, and remembers the requests.
type script struct {
	answers []http.HandlerFunc

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r.Clone(context.WithoutCancel(r.Context())))
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	if n >= len(s.answers) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.answers[n](w, r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// headers returns the values of a header in each request.
func (s *script) headers(name string) [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all [][]string
	for _, r := range s.requests {
		all = append(all, r.Header[http.CanonicalHeaderKey(name)])
	}
	return all
}

// stream answers with an event stream, flushed, which ends after body.
func stream(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
	}
}

// held is stream, but the stream doesn't end before the client goes.
func held(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		stream(body)(w, r)
		<-r.Context().Done()
	}
}

// answer answers with any status and content type.
func answer(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		if contentType == "" {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// serve runs a server on loopback and returns its URL.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// servePipes runs a server on pipes, so that time may be synctest's, and returns a client
// that reaches it whatever the URL.
func servePipes(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = srv.Close()
		wg.Wait()
	})
	return &http.Client{Transport: transport}
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// identical says whether err is want itself, and not only around it.
func identical(err, want error) bool { return any(err) == any(want) }

// runAll runs c to its end and returns all events.
func runAll(t *testing.T, c *Client) ([]Event, error) {
	t.Helper()
	var events []Event
	err := c.Run(t.Context(), func(ev Event) error {
		events = append(events, ev)
		return nil
	})
	return events, err
}
