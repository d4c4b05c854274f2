//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

// upstream is a feed that sends as many events as it is told to.
type upstream struct {
	server *httptest.Server
	rate   atomic.Int64
	due    atomic.Int64 // of a burst
	sent   atomic.Int64
}

func newUpstream() *upstream {
	u := &upstream{}
	u.server = httptest.NewServer(http.HandlerFunc(u.serve))
	return u
}

func (u *upstream) url() string { return u.server.URL + "/" }

func (u *upstream) close() {
	u.server.CloseClientConnections()
	u.server.Close()
}

// flow lets events go at that rate a second.
func (u *upstream) flow(rate int) { u.rate.Store(int64(rate)) }

// stop ends the flow and says how many events it had.
func (u *upstream) stop() int {
	u.rate.Store(0)
	time.Sleep(50 * time.Millisecond) // until the last of them are written
	return int(u.sent.Load())
}

// burst sends that many events at once.
func (u *upstream) burst(n int) { u.due.Add(int64(n)) }

func (u *upstream) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	if control.Flush() != nil {
		return
	}
	var buf bytes.Buffer
	last, owed := time.Now(), 0.0
	for r.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond)
		now := time.Now()
		owed += now.Sub(last).Seconds() * float64(u.rate.Load())
		last = now
		n := int(owed) + int(u.due.Swap(0))
		owed -= float64(int(owed))
		buf.Reset()
		for range n {
			i := u.sent.Add(1)
			fmt.Fprintf(&buf, "id: %d\nevent: log\ndata: {\"service\":\"checkout\",\"message\":\"request %d served after a cache miss\",\"level\":\"info\",\"ms\":%d,\"host\":\"node-%02d\"}\n\n", i, i, i%900, i%12)
			if buf.Len() > 64<<10 {
				if _, err := w.Write(buf.Bytes()); err != nil {
					return
				}
				buf.Reset()
			}
		}
		if _, err := w.Write(buf.Bytes()); err != nil || control.Flush() != nil {
			return
		}
	}
}
