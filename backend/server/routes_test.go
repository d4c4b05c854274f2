package server

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// untilItWrites is an answer that nobody waits for the end of: the request ends
// with its first write.
type untilItWrites struct {
	*httptest.ResponseRecorder
	end func()
}

func (w *untilItWrites) Write(b []byte) (int, error) {
	w.end()
	return w.ResponseRecorder.Write(b)
}

func (w *untilItWrites) Flush() { w.end() }

// Whatever is asked of any route, with every right there is: no answer says that
// something went wrong inside, and nothing panics.
func FuzzRoutes(f *testing.F) {
	r := build{window: true, feeds: pushFeeds + "," + paused("a"), listen: "127.0.0.1:0"}.run(f)
	r.cfg.Apply = func() {} // no feed of a fuzzer's runs
	r.cfg.Probe = func(context.Context, string, source.ProbeConfig) *source.ProbeResult { return &source.ProbeResult{} }
	token := r.token(f, "fuzz", settings.ScopePublish)
	routes := append(r.frontRoutes(), r.privateRoutes()...)
	for i, route := range routes {
		_, path, _ := strings.Cut(route.pattern, " ")
		for _, query := range []string{"", "after=" + r.id(1), "limit=1&wait=1&q=a", "feed=a,hooks&type=x&last=3&format=json&batch=5", "before=x&after=x&format=csv&id=1"} {
			f.Add(uint8(i), path, query, `{"id": "a", "name": "x", "kind": "sse", "url": "https://example.com/", "enabled": true}`, "application/json", "")
		}
		f.Add(uint8(i), path, "", "{\"a\":1}\n\n[1", "application/x-ndjson", "x")
	}
	front, private := r.guardFront(r.mux(r.frontRoutes())), r.guardPrivate(r.mux(r.privateRoutes()))
	f.Fuzz(func(t *testing.T, n uint8, path, query, body, contentType, lastID string) {
		method, _, _ := strings.Cut(routes[int(n)%len(routes)].pattern, " ")
		handler, scope := front, "Bearer "+token
		if int(n)%len(routes) >= len(r.frontRoutes()) {
			handler = private
		}
		if method != http.MethodPost {
			scope = ""
		}
		ctx, end := context.WithTimeout(context.WithValue(t.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000})), 30*time.Millisecond)
		defer end()
		request := (&http.Request{
			Method: method, URL: &url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}, Host: "127.0.0.1:5000", RemoteAddr: "127.0.0.1:40000",
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, ContentLength: int64(len(body)),
			Header: http.Header{"Content-Type": {contentType}, "Last-Event-Id": {lastID}, KeyHeader: {r.private.Key}},
		}).WithContext(ctx)
		request.Body = readCloser{strings.NewReader(body)}
		if scope != "" {
			request.Header.Set("Authorization", scope)
		}
		w := &untilItWrites{httptest.NewRecorder(), end}
		defer func() {
			if recover() != nil && strings.Contains(r.log.String(), "a handler panicked") {
				t.Fatalf("%s %s?%s panicked:\n%s", method, path, query, r.log)
			}
		}()
		handler.ServeHTTP(w, request)
		if w.Code >= 500 && (w.Code != http.StatusServiceUnavailable || ctx.Err() == nil) {
			t.Fatalf("%s %s?%s: %d %s", method, path, query, w.Code, w.Body)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
