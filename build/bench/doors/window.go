//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tickertape/backend/server"
	"tickertape/backend/sse"
)

// window reads the private door as the page does.
type window struct {
	close func() // and waits

	mu    sync.Mutex
	since delays // since the last take
	next  uint64 // the seq that comes next; 0 before the first
	wrong error
}

// delays are from when events were made until the window had them.
type delays struct {
	of   []time.Duration
	left int // not sent, but counted (most=)
}

func (d delays) String() string {
	n := len(d.of)
	if n == 0 {
		return "stream had no event"
	}
	of := slices.Sorted(slices.Values(d.of))
	return fmt.Sprintf("%d events (%d more left out): delay p50 %.1f ms, p99 %.1f ms, most %.1f ms", n, d.left, ms(of[n/2]), ms(of[n*99/100]), ms(of[n-1]))
}

func openWindow(ctx context.Context, door server.Private) *window {
	ctx, cancel := context.WithCancel(ctx)
	w, ended := &window{}, make(chan struct{})
	w.close = func() {
		cancel()
		<-ended
	}
	client := sse.Client{URL: door.URL + "/event_stream?format=json&batch=33&most=250&status=1&key=" + door.Key}
	client.OnRetry = func(err error, _ time.Duration) { w.fail(fmt.Errorf("the window's stream was cut: %w", err)) }
	go func() {
		defer close(ended)
		if err := client.Run(ctx, w.frame); ctx.Err() == nil {
			w.fail(err)
		}
	}()
	return w
}

// frame takes a frame, which has events one behind the other and those left out before them.
func (w *window) frame(frame sse.Event) error {
	now := time.Now()
	if frame.Type != "message" { // the feeds' states
		return nil
	}
	var page struct {
		Left   map[string]int
		Events []struct {
			Seq  uint64
			Data struct{ Time time.Time }
		}
	}
	if err := json.Unmarshal([]byte(frame.Data), &page); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range page.Left {
		w.next += uint64(n)
		w.since.left += n
	}
	for _, e := range page.Events {
		if w.next != 0 && e.Seq != w.next {
			w.wrong = errors.Join(w.wrong, fmt.Errorf("event %d came where %d should", e.Seq, w.next))
		}
		w.next = e.Seq + 1
		w.since.of = append(w.since.of, now.Sub(e.Data.Time))
	}
	return nil
}

func (w *window) take() delays {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.since
	w.since = delays{}
	return taken
}

func (w *window) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = errors.Join(w.wrong, err)
}

// problem is what should not have happened.
func (w *window) problem() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wrong
}
