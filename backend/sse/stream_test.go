package sse

import (
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConnectServesOneConnection(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{stream("retry:7\nid:2\ndata:a\n\ndata:12345678901\n\ndata:b\n\n")}}
	got, err := (&Client{URL: serve(t, s) + "/feed", LastEventID: "1", MaxEvent: 10}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if path, id := got.Response.Request.URL.Path, got.Response.Request.Header.Get("Last-Event-ID"); path != "/feed" || id != "1" {
		t.Errorf("path %q, id %q", path, id)
	}
	var large *TooLargeError
	if ev, err := got.Next(); err != nil || ev != (Event{"message", "a", "2", true}) {
		t.Errorf("got %v, %v", ev, err)
	}
	if _, err := got.Next(); !errors.As(err, &large) {
		t.Errorf("got %v", err)
	}
	if f, err := got.NextFrame(); err != nil || string(f.Data) != "b" {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := got.Next(); !identical(err, io.EOF) {
		t.Errorf("got %v, want io.EOF itself", err)
	}
	if retry, ok := got.Retry(); !ok || retry != 7*time.Millisecond || got.LastEventID() != "2" {
		t.Errorf("retry %v, id %q", retry, got.LastEventID())
	}
	for range 2 {
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsANextThatWaits(t *testing.T) {
	t.Parallel()
	s, err := (&Client{URL: serve(t, held("data:a\n\n"))}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := s.Next()
		done <- err
	}()
	_ = s.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestStreamDecodesGzipAsItArrives(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip isn't accepted")
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "gzip")
		_ = http.NewResponseController(w).Flush() // and nothing else until the client has it
		zip := gzip.NewWriter(w)
		for range next {
			_, _ = io.WriteString(zip, "data:a\n\n")
			_ = zip.Flush()
			_ = http.NewResponseController(w).Flush()
		}
		_ = zip.Close()
	})
	url := serve(t, h)
	for name, header := range map[string]http.Header{"asked for by net/http": nil, "asked for by the caller": {"Accept-Encoding": {"gzip"}}} {
		next = make(chan struct{})
		s, err := (&Client{URL: url, Header: header}).Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			next <- struct{}{}
			if ev, err := s.Next(); err != nil || ev.Data != "a" {
				t.Fatalf("%s: got %v, %v", name, ev, err)
			}
		}
		close(next)
		if _, err := s.Next(); !identical(err, io.EOF) {
			t.Errorf("%s: got %v", name, err)
		}
		_ = s.Close()
	}
}

func TestStreamSurvivesAGzipBomb(t *testing.T) {
	h := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = io.Copy(zip, endless("data:", 8<<20, "\n\ndata:after\n\n"))
		_ = zip.Close()
	}
	s, err := (&Client{URL: serve(t, http.HandlerFunc(h)), MaxEvent: 64 << 10}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var large *TooLargeError
	n := allocated(func() {
		if _, err := s.Next(); !errors.As(err, &large) {
			t.Errorf("got %v", err)
		}
		if ev, err := s.Next(); err != nil || ev.Data != "after" {
			t.Errorf("got %v, %v", ev, err)
		}
	})
	if n > 4<<20 {
		t.Errorf("allocated %d MiB", n>>20)
	}
}

func TestConnectRefusesAnUnknownContentEncoding(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "zstd")
		stream("data:a\n\n")(w, r)
	}
	_, err := runAll(t, &Client{URL: serve(t, http.HandlerFunc(h))})
	var encoding *EncodingError
	if !errors.As(err, &encoding) || encoding.Encoding != "zstd" {
		t.Errorf("got %v", err)
	}
}

func TestClientSpeaksHTTP2OverTLS(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{stream("id:1\ndata:a\n\n"), stream("data:b\n\n")}}
	srv := httptest.NewUnstartedServer(s)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	events, err := runAll(t, &Client{URL: srv.URL, HTTP: srv.Client(), Retry: soon})
	if !errors.Is(err, ErrNoContent) || s.requests[0].Proto != "HTTP/2.0" {
		t.Errorf("%v over %s", err, s.requests[0].Proto)
	}
	if diff := cmp.Diff([]Event{{"message", "a", "1", true}, {"message", "b", "1", false}}, events); diff != "" {
		t.Error(diff)
	}
}
