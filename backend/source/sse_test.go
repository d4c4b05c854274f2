package source

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/sse"
)

func sseFeed(url string) Feed { return Feed{ID: "x", Name: "X", Kind: KindSSE, URL: url} }

func TestEachWayToFailGivesItsOwnStateAndSentence(t *testing.T) {
	answer := func(status int, contentType, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	tests := []struct {
		name     string
		handler  http.HandlerFunc
		state    State
		sentence string
	}{
		{"204", answer(204, "", ""), Ended, "ended this stream for good"},
		{"401 that names its scheme", answer(401, "", "", "WWW-Authenticate", `Bearer realm="x"`), NeedsAuth, "asks for Bearer authentication"},
		{"401", answer(401, "", ""), NeedsAuth, "401 Unauthorized"},
		{"403", answer(403, "", ""), NeedsAuth, "403 Forbidden"},
		{"404", answer(404, "", ""), Failed, "nothing at this path (404 Not Found)"},
		{"405", answer(405, "", ""), Failed, "405 Method Not Allowed"},
		{"410", answer(410, "", ""), Ended, "gone for good"},
		{"418", answer(418, "", ""), Failed, "418"},
		{"429", answer(429, "", "", "Retry-After", "30"), Retrying, "fewer requests"},
		{"503", answer(503, "", ""), Retrying, "503 Service Unavailable"},
		{"a web page", answer(200, "text/html; charset=utf-8", "<html>"), Failed, "is a web page (text/html), not an event stream"},
		{"JSON", answer(200, "application/json", "{}"), Failed, "answers with JSON"},
		{"RSS", answer(200, "application/rss+xml", "<rss/>"), Failed, "RSS feed"},
		{"a picture", answer(200, "image/png", "x"), Failed, "answers with image/png"},
		{"a stream that ends", answer(200, "text/event-stream", "data: x\n\n"), Retrying, "ended the stream"},
		{"a connection that is cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Retrying, "without an answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.handler)
			defer server.Close()
			s, _ := supervise(t, sseFeed(server.URL))
			h := wait(t, s, func(h Health) bool { return h.Cause != "" })
			if h.State != tt.state || !strings.Contains(h.Cause, tt.sentence) || !strings.HasSuffix(h.Cause, ".") {
				t.Errorf("%s: %q, want %s and …%s…", h.State, h.Cause, tt.state, tt.sentence)
			}
			if (h.State == Retrying) == h.NextAttempt.IsZero() {
				t.Errorf("%s, and the next attempt is %v", h.State, h.NextAttempt)
			}
			if tt.name == "429" && time.Until(h.NextAttempt) < 25*time.Second {
				t.Errorf("Retry-After was not obeyed: the next attempt is in %v", time.Until(h.NextAttempt))
			}
		})
	}
}

func TestNetworkFailuresAreExplained(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	untrusted.StartTLS()
	defer untrusted.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	tests := map[string]struct{ url, sentence string }{
		"refused":            {"http://" + closed.Addr().String(), "Connection refused: nothing listens at " + closed.Addr().String()},
		"unknown authority":  {untrusted.URL, "an authority that this computer doesn't know (TLS)"},
		"TLS to a plain one": {"https" + strings.TrimPrefix(plain.URL, "http"), "begin the URL with http://"},
		"plain to a TLS one": {"http" + strings.TrimPrefix(untrusted.URL, "https"), "400"}, // Go's server says so itself
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := (&sse.Client{URL: tt.url}).Connect(t.Context())
			if got := Explain(tt.url, err); !strings.Contains(got, tt.sentence) {
				t.Errorf("%v was explained as %q", err, got)
			}
		})
	}
	t.Run("no such host", func(t *testing.T) {
		err := fmt.Errorf("wrapped: %w", &net.DNSError{Name: "feeds.example", IsNotFound: true})
		if got := Explain("http://feeds.example/x", err); !strings.Contains(got, "no host called feeds.example") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("nothing in time", func(t *testing.T) {
		if got := Explain("http://a.example/x", fmt.Errorf("wrapped: %w", context.DeadlineExceeded)); got != "a.example did not answer in time." {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a key in the URL is never repeated", func(t *testing.T) {
		_, err := (&sse.Client{URL: "http://127.0.0.1:1/?token=hunter2"}).Connect(t.Context())
		if got := Explain("http://127.0.0.1:1/?token=hunter2", err); strings.Contains(got, "hunter2") {
			t.Errorf("got %q", got)
		}
	})
}

func TestAStreamResumesAfterItsLastEventWhateverEndsIt(t *testing.T) {
	const total = 50
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := connections.Add(1)
		if r.UserAgent() != "test" {
			t.Errorf("User-Agent %q", r.UserAgent())
		}
		next, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
		w.Header().Set("Content-Type", "text/event-stream")
		for i := next + 1; i <= min(next+7, total); i++ {
			fmt.Fprintf(w, "id: %d\ndata: event %d\n\n", i, i)
		}
		if next >= total {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
		fmt.Fprintf(w, "id: 999\ndata: cut off") // an unfinished event is none
		w.(http.Flusher).Flush()
		if n%2 == 0 {
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	s, into := supervise(t, sseFeed(server.URL))
	for len(into.texts()) < total {
		h := wait(t, s, func(h Health) bool { return h.State == Retrying || h.Counts.Received >= total })
		if h.State == Retrying {
			s.Retry("x") // a person who can't wait
		}
		wait(t, s, func(h Health) bool { return h.State != Retrying })
	}
	for i, text := range into.texts() {
		if want := fmt.Sprint("event ", i+1); text != want {
			t.Fatalf("event %d is %q, want %q", i, text, want)
		}
	}
	if len(into.texts()) != total {
		t.Errorf("%d events, want %d", len(into.texts()), total)
	}
}

func TestRetryTriesAgainFromAStateThatWouldNot(t *testing.T) {
	var open atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open.Load() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	s, _ := supervise(t, sseFeed(server.URL))
	t.Cleanup(server.CloseClientConnections)
	wait(t, s, is(Failed))
	open.Store(true)
	if !s.Retry("x") || s.Retry("nobody") {
		t.Error("Retry doesn't know its feeds")
	}
	if h := wait(t, s, is(Live)); h.Cause != "" {
		t.Errorf("live, because %q", h.Cause)
	}
}

func TestAStreamIsAskedForByTheFeedsOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = ": x\nevent: open\ndata: {\"seq\":1}\n\ndata: {\"seq\":2,\"all\":[{\"n\":1},{\"n\":2}]}\nid: 7\n\ndata: [DONE]\n\n"
		f := sseFeed("http://a.example/stream?since={{cursor}}")
		f.Body, f.Headers = `{"stream":true,"after":"{{cursor}}"}`, map[string]string{"Content-Type": "application/json"}
		f.Cursor.Path, f.Items, f.Heartbeat = "seq", "all", "open"
		var bodies []string
		handler := func(w http.ResponseWriter, r *http.Request) {
			sent, _ := io.ReadAll(r.Body)
			bodies = append(bodies, fmt.Sprint(r.Method, " ", r.URL, " ", string(sent), " ", r.Header.Get("Last-Event-ID")))
			say(body, "Content-Type", "text/event-stream")(w, r)
		}
		_, into, _ := polling(t, f, 2*time.Second, handler, fail(http.StatusNoContent))
		diff(t, "events", []string{`{"n":1}`, `{"n":2}`, "[DONE]"}, into.texts())
		diff(t, "ids", []string{"7#0", "7#1", ""}, into.ids())
		diff(t, "requests", []string{`POST /stream {"stream":true,"after":""} `}, bodies)
		if got := into.tokens[f.origin()]; got != "" && got != "2" {
			t.Errorf("token %q", got)
		}
	})
}

func TestACursorInTheURLIsTheLastEventIDUnlessItHasAPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sseFeed("http://a.example/ledgers?cursor={{cursor}}")
		_, _, host := polling(t, f, 4*time.Second, say("id: 12-3\ndata: x\n\n", "Content-Type", "text/event-stream"), fail(204))
		if len(host.requests) != 2 || host.requests[0].URL.RawQuery != "" || host.requests[1].URL.RawQuery != "cursor=12-3" {
			t.Fatalf("%d requests, then %s", len(host.requests), host.requests[len(host.requests)-1].URL)
		}
		if got := host.requests[1].Header.Get("Last-Event-ID"); got != "" {
			t.Errorf("Last-Event-ID %q as well", got)
		}
	})
}
