package sse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const soon = time.Millisecond // a reconnection time that tests don't have to wait for

func TestRunSendsTheStandardsRequest(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{stream("id:1\ndata:a\n\n")}}
	if _, err := runAll(t, &Client{URL: serve(t, s), Retry: soon}); !errors.Is(err, ErrNoContent) {
		t.Fatalf("got %v", err)
	}
	for name, want := range map[string][]string{"Accept": {"text/event-stream"}, "Cache-Control": {"no-cache"}, "Pragma": {"no-cache"}} {
		if diff := cmp.Diff([][]string{want, want}, s.headers(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff([][]string{nil, {"1"}}, s.headers("Last-Event-ID")); diff != "" {
		t.Errorf("Last-Event-ID: %s", diff)
	}
	if got := s.requests[0].Method; got != http.MethodGet {
		t.Errorf("method %s", got)
	}
}

func TestRunSendsMethodHeadersAndBodyEachTime(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{stream("data:a\n\n"), stream("data:b\n\n")}}
	c := &Client{URL: serve(t, s), Retry: soon, Method: "REPORT", Body: []byte(`{"stream":true}`), Header: http.Header{
		"Authorization": {"Bearer x"}, "content-type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Host": {"feed.example"},
	}}
	if _, err := runAll(t, c); !errors.Is(err, ErrNoContent) {
		t.Fatalf("got %v", err)
	}
	if len(s.requests) != 3 {
		t.Fatalf("%d requests", len(s.requests))
	}
	for i, r := range s.requests {
		got := []string{r.Method, r.Host, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("Accept"), s.bodies[i]}
		want := []string{"REPORT", "feed.example", "Bearer x", "application/json", "application/json, text/event-stream", `{"stream":true}`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("request %d: %s", i, diff)
		}
	}
}

func TestRunPostsABodyWithoutMethod(t *testing.T) {
	t.Parallel()
	s := &script{}
	_, _ = runAll(t, &Client{URL: serve(t, s), Body: []byte("x")})
	if got := s.requests[0].Method; got != http.MethodPost {
		t.Errorf("method %s", got)
	}
}

func TestRunKeepsTheLastEventIDOverReconnections(t *testing.T) {
	t.Parallel()
	answers := []http.HandlerFunc{
		stream("data:a\n\n"),                      // without an id, that given stays
		stream("id:1\ndata:b\n\nid:2\ndata:lost"), // the second one isn't complete
		stream("id: …\n\n"),                       // UTF-8, and without data
		stream("data:c\n\n"),
		stream("id\ndata:d\n\n"), // reset
		stream("data:e\n\n"),
	}
	for name, c := range map[string]*Client{
		"field":  {LastEventID: "0"},
		"header": {Header: http.Header{"Last-Event-Id": {"0"}}},
		"both":   {LastEventID: "0", Header: http.Header{"Last-Event-Id": {"other"}}},
	} {
		s := &script{answers: answers}
		c.URL, c.Retry = serve(t, s), soon
		events, err := runAll(t, c)
		if !errors.Is(err, ErrNoContent) {
			t.Fatalf("%s: got %v", name, err)
		}
		want := []Event{{"message", "a", "0", false}, {"message", "b", "1", true}, {"message", "c", "…", false}, {"message", "d", "", true}, message("e")}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([][]string{{"0"}, {"0"}, {"1"}, {"…"}, {"…"}, nil, nil}, s.headers("Last-Event-ID")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRunGoesOnWithAnIDThatCannotBeSent(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 8<<20)
	s := &script{answers: []http.HandlerFunc{
		stream("id:a\x01b\ndata:1\n\n"),
		stream("id:a\x7F\ndata:2\n\n"),
		stream("id:" + long + "\ndata:3\n\n"),
		stream("id:" + strings.Repeat("y", maxIDHeader) + "\ndata:4\n\n"),
		stream("id:  \ndata:5\n\n"),
		stream("id:a\tb\ndata:6\n\n"),
	}}
	events, err := runAll(t, &Client{URL: serve(t, s), Retry: soon, MaxEvent: 16 << 20})
	if !errors.Is(err, ErrNoContent) || len(events) != 6 {
		t.Fatalf("got %v after %d events", err, len(events))
	}
	if events[0].LastEventID != "a\x01b" || events[2].LastEventID != long {
		t.Error("the id itself must reach the caller as it is")
	}
	want := [][]string{nil, nil, nil, nil, {strings.Repeat("y", maxIDHeader)}, nil, {"a\tb"}}
	if diff := cmp.Diff(want, s.headers("Last-Event-ID")); diff != "" {
		t.Error(diff)
	}
}

func TestRunReturnsTheErrorOfItsCallbackAsItIs(t *testing.T) {
	t.Parallel()
	for _, want := range []error{io.EOF, &StatusError{Code: 500}, &TooLargeError{}, context.Canceled, errors.New("enough")} {
		s := &script{answers: []http.HandlerFunc{held("data:a\n\n"), held("data:b\n\n")}}
		err := (&Client{URL: serve(t, s), Retry: soon}).Run(t.Context(), func(Event) error { return want })
		if !identical(err, want) || s.count() != 1 {
			t.Errorf("got %v after %d requests, want %v", err, s.count(), want)
		}
	}
}

func TestRunTellsItsHooksEverything(t *testing.T) {
	t.Parallel()
	const body = ": hello\n\ndata:" + "xxxxxxxxxxx\n\ndata:y\n\n"
	s := &script{answers: []http.HandlerFunc{stream(body)}}
	var calls []string
	got := 0
	c := &Client{
		URL: serve(t, s), Retry: soon, MaxEvent: 10,
		OnOpen:    func(r *http.Response) { calls = append(calls, "open "+r.Status) },
		OnComment: func(b []byte) { calls = append(calls, "comment "+string(b)) },
		OnSkip:    func(e *TooLargeError) { calls = append(calls, "skip "+e.Error()) },
		OnRetry: func(err error, after time.Duration) {
			calls = append(calls, fmt.Sprint("retry ", err, " ", after.Round(soon)))
		},
		OnBytes: func(n int) { got += n },
	}
	err := c.Run(t.Context(), func(ev Event) error {
		calls = append(calls, "event "+ev.Data)
		return nil
	})
	if !errors.Is(err, ErrNoContent) {
		t.Fatalf("got %v", err)
	}
	want := []string{"open 200 OK", "comment hello", "skip event of more than 10 bytes skipped", "event y", "retry EOF 1ms"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
	if got != len(body) {
		t.Errorf("told of %d bytes, want %d", got, len(body))
	}
}

func TestRunRetriesWhenTheNetworkFails(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + l.Addr().String()
	_ = l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	c := &Client{URL: refused + "/?key=secret", Retry: soon, OnRetry: func(err error, _ time.Duration) {
		if _, ok := errors.AsType[*net.OpError](err); !ok || Permanent(err) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
		if attempts++; attempts == 4 {
			cancel()
		}
	}}
	if err := c.Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRunRetriesAfterABrokenConnection(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			stream("id:1\ndata:a\n\nid:2\ndata:par")(w, r)
			panic(http.ErrAbortHandler)
		},
		stream("\uFEFFdata:b\n\n"),
	}}
	var why error
	c := &Client{URL: serve(t, s), Retry: soon, OnRetry: func(err error, _ time.Duration) {
		if why == nil {
			why = err
		}
	}}
	events, _ := runAll(t, c)
	if diff := cmp.Diff([]Event{{"message", "a", "1", true}, {"message", "b", "1", false}}, events); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(why, io.ErrUnexpectedEOF) {
		t.Errorf("got %v: it must not look like a clean end", why)
	}
}
