package simulate

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What the faults 401-basic and 401-bearer want.
const (
	BasicUser     = "tape"
	BasicPassword = "reel"
	BearerToken   = "simulated-token"
)

// spoil answers instead of the feed where the fault says so. It returns false when the feed
// is to answer.
func (s *Server) spoil(x *exchange) bool {
	switch x.fault.Name {
	case "204":
		x.WriteHeader(http.StatusNoContent)
	case "301":
		redirect(x, http.StatusMovedPermanently, withoutFault(x.r.URL, ""))
	case "307":
		redirect(x, http.StatusTemporaryRedirect, withoutFault(x.r.URL, s.otherHost()))
	case "redirect-loop":
		redirect(x, http.StatusFound, x.r.URL.RequestURI())
	case "redirect-private":
		redirect(x, http.StatusFound, "http://10.255.255.254"+x.feed.path)
	case "401-basic":
		user, password, _ := x.r.BasicAuth()
		return challenge(x, user == BasicUser && password == BasicPassword, `Basic realm="simulator"`)
	case "401-bearer":
		return challenge(x, x.r.Header.Get("Authorization") == "Bearer "+BearerToken, `Bearer realm="simulator"`)
	case "429":
		seconds := int(x.fault.wait(2*time.Second).Round(time.Second) / time.Second)
		x.Header().Set("Retry-After", strconv.Itoa(seconds))
		http.Error(x, "too many requests", http.StatusTooManyRequests)
	case "403", "404", "410", "503":
		code, _ := strconv.Atoi(x.fault.Name)
		http.Error(x, http.StatusText(code), code)
	case "slow-header":
		return !x.pause(x.fault.wait(10 * time.Second))
	default:
		return spoilBody(x)
	}
	return true
}

// spoilBody is spoil for faults that answer 200.
func spoilBody(x *exchange) bool {
	if x.feed.protocol != WebSocket {
		x.Header().Set("Content-Type", x.feed.contentType)
	}
	switch x.fault.Name {
	case "login-page":
		x.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(x, "<!doctype html><title>Welcome</title><form><p>Please sign in to the network.</form>\n")
	case "endless-html":
		x.Header().Set("Content-Type", "text/html; charset=utf-8")
		repeat(x, []byte("<!doctype html>\n"), bytes.Repeat([]byte("<p>And so on.</p>\n"), 2000))
	case "endless-line":
		start := map[Protocol]string{SSE: "data: ", Syndication: "<?xml version=\"1.0\"?><rss><channel><title>"}[x.feed.protocol]
		if start == "" {
			start = `{"text":"`
		}
		repeat(x, []byte(start), bytes.Repeat([]byte("and so on "), 4000))
	case "xml-bomb":
		x.Header().Set("Content-Type", "application/rss+xml")
		_, _ = x.Write(xmlBomb())
	case "gzip-bomb":
		x.Header().Set("Content-Encoding", "gzip")
		var err error
		for member, n := gzipMember(1<<20), 0; err == nil && n < 1024; n++ {
			_, err = x.Write(member)
		}
	case "silence":
		if x.feed.protocol == WebSocket {
			return false
		}
		x.WriteHeader(http.StatusOK)
		x.flush()
		<-x.r.Context().Done()
	default:
		return false
	}
	return true
}

func redirect(x *exchange, code int, to string) {
	x.Header().Set("Location", to)
	x.WriteHeader(code)
}

// withoutFault is the same request at another host ("" for the same) with nothing wrong.
func withoutFault(u *url.URL, host string) string {
	query := u.Query()
	for _, name := range []string{"fault", "seed", "times", "p", "wait"} {
		query.Del(name)
	}
	to := url.URL{Path: u.Path, RawQuery: query.Encode()}
	return strings.TrimSuffix(host, "/") + to.String()
}

func (s *Server) otherHost() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.other == "" {
		return "http://other.example"
	}
	return s.other
}

// challenge answers 401 unless the credentials are right.
func challenge(x *exchange, right bool, how string) bool {
	if right {
		return false
	}
	x.Header().Set("WWW-Authenticate", how)
	http.Error(x, "who are you?", http.StatusUnauthorized)
	return true
}

// repeat writes start, and part until the client has had enough.
func repeat(x *exchange, start, part []byte) {
	_, err := x.Write(start)
	for err == nil && x.r.Context().Err() == nil {
		_, err = x.Write(part)
		x.flush()
	}
}

// gzipMember is size blanks, compressed. Members in a row make one valid body.
func gzipMember(size int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(bytes.Repeat([]byte(" "), size))
	_ = z.Close()
	return b.Bytes()
}

// xmlBomb is the well-known document of ten nested entities.
func xmlBomb() []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE rss [\n<!ENTITY a0 \"tape\">\n")
	for i := 1; i < 10; i++ {
		level := strconv.Itoa(i - 1)
		b.WriteString("<!ENTITY a" + strconv.Itoa(i) + " \"" + strings.Repeat("&a"+level+";", 10) + "\">\n")
	}
	b.WriteString("]>\n<rss version=\"2.0\"><channel><title>&a9;</title><item><title>&a9;</title></item></channel></rss>\n")
	return b.Bytes()
}
