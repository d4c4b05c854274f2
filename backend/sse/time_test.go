package sse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoffGrowsAndNeverUndercutsTheReconnectionTime(t *testing.T) {
	b := newBackoff(0, 0)
	within := func(least time.Duration) {
		t.Helper()
		if d := b.next(); d < least || d > least+least/4 {
			t.Errorf("waits %v, want %v and up to a quarter more", d, least)
		}
	}
	for _, s := range []int{3, 6, 12, 24, 48, 96, 120, 120} {
		within(time.Duration(s) * time.Second)
	}
	b.reset()
	within(3 * time.Second)
	b.set(10 * time.Minute) // more than MaxRetry: the server's word counts
	b.reset()
	within(10 * time.Minute)
	within(10 * time.Minute)
	b.set(1 << 62)
	within(maxServerRetry)
	b.reset()
	b.set(0)
	within(minServerRetry)
	for range 1000 {
		b.next() // no overflow
	}
	within(defaultMaxRetry)
}

// runFor runs c in synctest's time, for d, and returns when Run ended.
func runFor(t *testing.T, c *Client, d time.Duration, on func(Event) error) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	start := time.Now()
	err := c.Run(ctx, on)
	return time.Since(start), err
}

func ignore(Event) error { return nil }

func TestRunObeysTheServersReconnectionTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		note := func(h http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				at = append(at, time.Since(start))
				h(w, r)
			}
		}
		s := &script{answers: []http.HandlerFunc{
			note(stream("data:a\n\n")), note(stream("retry:10000\ndata:b\n\n")), note(stream("data:c\n\n")),
			note(stream("data:d\n\nretry:500\n")), note(held("")),
		}}
		c := &Client{URL: "http://feed.example/", HTTP: servePipes(t, s)}
		if _, err := runFor(t, c, time.Hour, ignore); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		for i, want := range []time.Duration{3 * time.Second, 10 * time.Second, 10 * time.Second, 500 * time.Millisecond} {
			if got := at[i+1] - at[i]; got < want || got > want*5/4 {
				t.Errorf("reconnection %d after %v, want %v", i, got, want)
			}
		}
	})
}

func TestRunStaysCalmWhateverRetrySays(t *testing.T) {
	t.Parallel()
	for retry, most := range map[string]int{
		"0":                    200, // 10 a second, for 20 s
		"9223372036854775807":  3,
		"9223372036854775808":  3,
		"18446744073709551616": 3,
		"99999999999999999999": 3,
	} {
		t.Run(retry, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests++
					stream("retry:"+retry+"\ndata:a\n\n")(w, r)
				})
				d := 3 * time.Hour
				if retry == "0" {
					d = 20 * time.Second
				}
				_, _ = runFor(t, &Client{URL: "http://feed.example/", HTTP: servePipes(t, h)}, d, ignore)
				if requests < 2 || requests > most {
					t.Errorf("%d requests in %v", requests, d)
				}
			})
		})
	}
}

func TestRunBacksOffFromAServerThatOnlyCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			stream("retry:0\n\n")(w, r)
		})
		_, _ = runFor(t, &Client{URL: "http://feed.example/", HTTP: servePipes(t, h)}, time.Hour, ignore)
		if requests < 30 || requests > 50 {
			t.Errorf("%d requests in an hour, want a few at first and then one every two minutes", requests)
		}
	})
}

func TestRunCountsALongSilentConnectionAsAGoodOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stream(": nothing yet\n\n")(w, r)
			select {
			case <-time.After(2 * settled):
			case <-r.Context().Done():
			}
		})
		c := &Client{URL: "http://feed.example/", HTTP: servePipes(t, h), OnRetry: func(_ error, after time.Duration) {
			if after > 4*time.Second {
				t.Errorf("waits %v", after)
			}
		}}
		_, _ = runFor(t, c, time.Hour, ignore)
	})
}

func TestRunWaitsForHoursOnASilentStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stream("data:a\n\n")(w, r)
			<-time.After(12 * time.Hour)
			stream("data:b\n\n")(w, r)
		})
		c := &Client{URL: "http://feed.example/", HTTP: servePipes(t, h)}
		enough := errors.New("enough")
		took, err := runFor(t, c, 24*time.Hour, func(ev Event) error {
			if ev.Data == "b" {
				return enough
			}
			return nil
		})
		if !identical(err, enough) || took != 12*time.Hour {
			t.Errorf("got %v after %v", err, took)
		}
	})
}

func TestConnectDoesNotWaitForAnErrorsBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "not you")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		start := time.Now()
		_, err := (&Client{URL: "http://feed.example/", HTTP: servePipes(t, h)}).Connect(t.Context())
		var status *StatusError
		if !errors.As(err, &status) || status.Body != "not you" || time.Since(start) > bodyWait {
			t.Errorf("got %v (%+v) after %v", err, status, time.Since(start))
		}
	})
}

func ExampleClient_Run() {
	c := &Client{URL: "http://127.0.0.1:5000/event_stream"}
	err := c.Run(context.Background(), func(ev Event) error {
		fmt.Println(ev.Type, ev.Data)
		return nil
	})
	fmt.Println(err)
}
