package simulate

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"
)

// keepAlive is after how long without an event a stream says that it lives.
const keepAlive = 15 * time.Second

// bigEvent is by how many bytes the fault big-event makes an event larger.
const bigEvent = 5 << 20

// answer is an answer that doesn't end by itself: event streams and NDJSON.
type answer struct {
	opening []byte                // sent before any event
	event   func(n uint64) []byte // event n as it goes over the wire
	idle    func() []byte         // a sign of life
}

// stream sends the events from number from on, as they happen.
func (s *Server) stream(x *exchange, from uint64, a answer) {
	x.Header().Set("Content-Type", x.feed.contentType)
	x.Header().Set("Cache-Control", "no-cache")
	x.WriteHeader(http.StatusOK)
	ctx, cancel := x.planEnd()
	defer cancel()
	if len(a.opening) > 0 {
		_, _ = x.Write(a.opening) // whether the client is still there shows below
	}
	for n := from; ; {
		x.flush()
		head, err := s.tape.wait(ctx, n, keepAlive)
		if err != nil {
			return
		}
		if head <= n {
			_, err = x.Write(a.idle())
		}
		for ; n < head && err == nil; n++ {
			if err = x.sendEvent(a.event(n), n); err == nil && x.isOver() {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// sendEvent writes event n, twice where the fault says so.
func (x *exchange) sendEvent(frame []byte, n uint64) error {
	for range x.copies(n) {
		x.begin()
		if _, err := x.Write(frame); err != nil {
			return err
		}
	}
	return nil
}

// planEnd is the context of a stream's life, which the fault cut-24h makes finite.
func (x *exchange) planEnd() (context.Context, context.CancelFunc) {
	if x.fault.Name == "cut-24h" {
		return context.WithTimeout(x.r.Context(), x.fault.wait(24*time.Hour))
	}
	return context.WithCancel(x.r.Context())
}

// isOver says whether the stream has had all the events that the fault planned-close grants it.
func (x *exchange) isOver() bool {
	return x.fault.Name == "planned-close" && x.events.Load() >= int64(x.fault.after())
}

// copies is how often event n is sent.
func (x *exchange) copies(n uint64) int {
	if x.fault.Name == "duplicate-ids" && x.fault.hits(n) {
		return 2
	}
	return 1
}

// payload is the data of event n, broken where the fault says so.
func (x *exchange) payload(n uint64, data []byte) []byte {
	switch {
	case x.fault.Name == "big-event" && x.fault.hits(n):
		return withMember(data, "padding", strings.Repeat("x", bigEvent))
	case x.fault.Name == "invalid-utf8" && x.fault.hits(n):
		return withMember(data, "broken", "a\xFFb\xC3\xE2\x82c")
	}
	return data
}

// frame is event n in an event stream. It is put together here, since an encoder that is any
// good refuses or repairs what some faults are about. The data is one line.
func (x *exchange) frame(n uint64, id, typ string, data []byte) []byte {
	var b bytes.Buffer
	if id != "" {
		if x.fault.Name == "nul-id" && x.fault.hits(n) {
			id += "\x00"
		}
		b.WriteString("id: " + id + "\n")
	}
	if typ != "" {
		b.WriteString("event: " + typ + "\n")
	}
	b.WriteString("data: ")
	b.Write(x.payload(n, data))
	b.WriteString("\n\n")
	return b.Bytes()
}

// line is event n as a line of NDJSON.
func (x *exchange) line(n uint64, data []byte) []byte {
	return append(bytes.Clone(x.payload(n, data)), '\n')
}
