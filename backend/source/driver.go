package source

import (
	"context"
	"net/http"
	"time"

	"tickertape/backend/event"
)

// Driver speaks the protocol of one kind of feed.
type Driver interface {
	// Run takes events from upstream and gives them to emit, until upstream
	// ends, fails, or ctx is done. resume is the token of the last event that
	// was emitted, "" for a fresh start. It makes one connection: the
	// supervisor calls it again. A bare io.EOF means that upstream ended the stream.
	// It leaves no goroutine behind.
	Run(ctx context.Context, resume string, emit *Emitter) error
}

// newDriver makes the driver of a feed that has no Problems.
func newDriver(f Feed, userAgent string) Driver {
	switch f.Kind {
	case KindClock:
		return clock{interval: time.Duration(f.Interval)}
	case KindPush:
		return push{}
	default:
		return sseDriver{url: f.URL, header: http.Header{"User-Agent": {userAgent}}}
	}
}

// Emitter is where a driver reports to. It belongs to one Run.
type Emitter struct{ r *runner }

// Events hands on events that belong together: they are stored all or none,
// next to each other. It blocks while the journal is behind, and fails only
// when the feed is to end.
func (e *Emitter) Events(ctx context.Context, raws ...event.Raw) error {
	return e.r.emit(ctx, raws, e.r.stored)
}

// Live says that upstream accepted us: from here on, events come.
func (e *Emitter) Live() { e.r.live() }

// Bytes reports bytes received: a sign of life, whether or not they make an
// event.
func (e *Emitter) Bytes(n int) { e.r.bytes(n) }

// Bad reports input that could not be used, with the reason in a sentence.
func (e *Emitter) Bad(reason string) { e.r.bad(reason) }

// Resume sets the token for the next connection without an event. It lasts as
// long as the program runs.
func (e *Emitter) Resume(token string) { e.r.setResume(token) }

// RetryAfter sets how long upstream wants us to wait before the next
// connection.
func (e *Emitter) RetryAfter(d time.Duration) { e.r.setRetry(d) }
