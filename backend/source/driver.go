package source

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"tickertape/backend/event"
)

// Driver speaks the protocol of one kind of feed.
type Driver interface {
	// Run takes events from upstream and gives them to emit, until upstream
	// ends, fails, or ctx is done. resume is the token of the last event that
	// was emitted, "" for a fresh start. It makes one connection, or
	// polls until a poll fails: the supervisor calls it again. A bare io.EOF means that upstream ended the stream.
	// It leaves no goroutine behind.
	Run(ctx context.Context, resume string, emit *Emitter) error
}

// newDriver makes the driver of a feed that has no Problems.
func newDriver(f Feed, userAgent string, world network) Driver {
	if f.LacksSecret() {
		return lacking{}
	}
	switch f.Kind {
	case KindClock:
		return clock{interval: time.Duration(f.Interval)}
	case KindPush:
		return push{}
	case KindWebSocket:
		return webSocket{f, userAgent, world}
	case KindNDJSON:
		return ndjson{f, userAgent, world}
	case KindRSS:
		return newRSS(f, userAgent, world)
	case KindPoll:
		return newPoll(f, userAgent, world)
	case KindLongPoll:
		return newLongPoll(f, userAgent, world)
	case KindSimulator:
		return simulator{f}
	default:
		return newSSE(f, userAgent, world)
	}
}

// lacking drives a feed whose secret isn't there: a server must not be asked
// with a mask for a key.
type lacking struct{}

// Run fails at once.
func (lacking) Run(context.Context, string, *Emitter) error { return errNoSecret }

var errNoSecret = errors.New("the feed's secret is missing")

// Emitter is where a driver reports to. It belongs to one Run.
type Emitter struct {
	to    receiver
	flood int // bytes since others had their turn

	pieces pieces // of the event that is coming
}

// receiver is who listens to a driver: a feed's runner, or a probe.
type receiver interface {
	emit(ctx context.Context, raws []event.Raw, done func(Outcome)) error
	stored(o Outcome)
	live()
	bytes(n int)
	bad(b badInput)
	setEvery(d time.Duration)
	setResume(token string)
	setRetry(d time.Duration)
	missing(why string, since time.Time)
	moved(ctx context.Context, to string)
	notice(n notice)
}

// Events hands on events that belong together: they are stored all or none,
// next to each other. It blocks while the journal is behind, and fails only
// when the feed is to end.
func (e *Emitter) Events(ctx context.Context, raws ...event.Raw) error {
	e.checkText(raws)
	return e.to.emit(ctx, raws, e.to.stored)
}

// Live says that upstream accepted us: from here on, events come.
func (e *Emitter) Live() { e.to.live() }

// Bytes reports bytes received: a sign of life, whether or not they make an
// event.
func (e *Emitter) Bytes(n int) {
	e.to.bytes(n)
	if n == 0 {
		return // a ping's answer, which comes on another goroutine
	}
	if e.flood += n; e.flood >= floodBytes {
		e.flood = 0
		runtime.Gosched()
	}
}

// floodBytes is how much a feed takes in before the others have their turn: Go
// would let one that never waits go on for ten milliseconds each time.
const floodBytes = 128 << 10

// Bad reports input that could not be used, with the reason in a sentence. The
// start of the input is kept for a while, to be shown.
func (e *Emitter) Bad(reason string, input []byte) { e.to.bad(newBad(reason, input)) }

// Missing says that events since a time may be missing, and why, in the start of
// a sentence.
func (e *Emitter) Missing(why string, since time.Time) { e.to.missing(why, since) }

// Moved says that upstream has moved for good: from now on the feed's URL is this.
func (e *Emitter) Moved(ctx context.Context, to string) { e.to.moved(ctx, to) }

// Every says that signs of life come only at about such intervals.
func (e *Emitter) Every(d time.Duration) { e.to.setEvery(d) }

// Resume sets the token for the next connection without an event. It lasts as
// long as the program runs.
func (e *Emitter) Resume(token string) { e.to.setResume(token) }

// RetryAfter sets how long upstream wants us to wait before the next
// connection.
func (e *Emitter) RetryAfter(d time.Duration) { e.to.setRetry(d) }

// message hands on what a message holds. raw is what its events have in common:
// the resume token goes with the last of them.
func (e *Emitter) message(ctx context.Context, m message, raw event.Raw) error {
	if m.cursor != "" {
		raw.Resume = m.cursor
	}
	if m.more > 0 {
		e.Bad(fmt.Sprintf("A message has %d events more than the limit: they were left out.", m.more), nil)
	}
	if len(m.events) == 0 {
		if raw.Resume != "" {
			e.Resume(raw.Resume)
		}
		return nil
	}
	raws := make([]event.Raw, len(m.events))
	for i, data := range m.events {
		raws[i] = raw
		raws[i].Data = data
		if i < len(raws)-1 {
			raws[i].Resume = ""
		}
		if raw.ID != "" && len(raws) > 1 {
			raws[i].ID = raw.ID + "#" + strconv.Itoa(i) // parts of one event are not its duplicates
		}
	}
	return e.Events(ctx, raws...)
}
