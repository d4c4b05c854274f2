package sse

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestNothingIsLeftRunning uses the client's own transport, which only a real network has,
// and ends in each of the ways there are.
func TestNothingIsLeftRunning(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{
		redirectTo(302, "/b"), stream("data:a\n\n"), held("data:b\n\n"), held("data:c\n\n"), held("data:d\n\n"), answer(500, "text/plain", "x"), held("data:e\n\n"),
	}}
	url := serve(t, s)
	served := runtime.NumGoroutine()
	stop := errors.New("stop")
	c := &Client{URL: url, Retry: soon}
	if err := c.Run(t.Context(), func(ev Event) error {
		if ev.Data == "b" {
			return stop
		}
		return nil
	}); !identical(err, stop) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.Run(ctx, func(Event) error { cancel(); return nil }); !identical(err, context.Canceled) {
		t.Fatal(err)
	}
	connected, err := c.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = connected.Close()
	for range 2 { // a failed attempt, and a stream whose context ends it
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := c.Connect(ctx)
		cancel()
		if err == nil {
			if _, err := stream.Next(); err == nil {
				_, err = stream.Next()
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
			_ = stream.Close()
		}
	}
	waitForGoroutines(t, served)
}

func TestNoHTTP2ConnectionIsLeftOpen(t *testing.T) {
	srv := httptest.NewUnstartedServer(held("data:a\n\n"))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	before := runtime.NumGoroutine()
	for range 3 {
		// What Connect does, but for trusting the server.
		c := &Client{URL: srv.URL}
		transport, release := NewTransport(new(net.Dialer).DialContext, connectTimeout)
		transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		s, err := c.connect(t.Context(), &http.Client{Transport: transport}, "")
		if err != nil {
			t.Fatal(err)
		}
		s.release = release
		if _, err := s.Next(); err != nil || s.Response.ProtoMajor != 2 {
			t.Fatalf("got %v over %s", err, s.Response.Proto)
		}
		_ = s.Close()
	}
	waitForGoroutines(t, before)
}

// waitForGoroutines waits until there are no more than most, or fails.
func waitForGoroutines(t *testing.T, most int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > most {
		select {
		case <-deadline:
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), most, buf[:runtime.Stack(buf, true)])
		case <-time.After(time.Millisecond):
		}
	}
}

// TestRunStopsAtOnceWhenCanceled cancels in every phase: before the answer, between its
// parts, during an event, at the end and in the waits between connections. The bubble ends
// only when each goroutine has.
func TestRunStopsAtOnceWhenCanceled(t *testing.T) {
	t.Parallel()
	pause := func(r *http.Request) {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause(r)
		for _, part := range []string{": hi\n\nda", "ta:a\n", "\ndata:b\n\n", strings.Repeat("data:c\n\n", 100), "data:d"} {
			stream(part)(w, r)
			pause(r)
		}
	})
	for at := time.Duration(0); at < 20*time.Second; at += 500 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			c := &Client{URL: "http://feed.example/", HTTP: servePipes(t, h)}
			took, err := runFor(t, c, at, ignore)
			if !identical(err, context.DeadlineExceeded) || took != at {
				t.Errorf("canceled after %v: returned %v after %v", at, err, took)
			}
		})
	}
}

func TestRunHandsOutNothingOnceItIsCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := (&Client{URL: serve(t, held(strings.Repeat("data:a\n\n", 100)))}).Run(ctx, func(Event) error {
		n++
		cancel()
		return nil
	})
	if n != 1 || !identical(err, context.Canceled) {
		t.Errorf("%d events, %v", n, err)
	}
}
