package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// maxShown bounds how much of an event a result holds, in bytes.
const maxShown = 64 << 10

var (
	errEnough     = errors.New("enough events")
	errNothingYet = errors.New("nothing came")
)

// collector listens to a driver for a probe, and ends it when it has heard
// enough. It is no feed's runner: nothing counts in anybody's health.
type collector struct {
	p     *prober
	polls bool // a list comes at once, and then nothing for long
	stop  context.CancelCauseFunc
	timer *time.Timer // ends the wait

	mu     sync.Mutex
	isLive bool
	events []event.Raw
	bads   []badInput
	count  int // bytes
}

// listen lets the driver of f read its first events.
func (p *prober) listen(ctx context.Context, f Feed) error {
	f.ID, f.Name = "probe", oneLine(f.Name)
	if f.Name == "" {
		f.Name = oneLine(strings.TrimPrefix(hostOf(f.URL), "www."))
	}
	if err := f.runs(); err != nil {
		return err
	}
	p.step("kind", f.Kind)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c := &collector{p: p, stop: stop, polls: f.Kind == KindRSS || f.Kind == KindPoll || f.Kind == KindLongPoll}
	c.timer = time.AfterFunc(p.wait, func() { stop(errNothingYet) })
	defer c.timer.Stop()
	err := newDriver(f, p.cfg.UserAgent, p.world).Run(ctx, "", &Emitter{to: c})
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return p.conclude(f, c, err)
}

// runs is the feed's problems as one error, or nil.
func (f Feed) runs() error {
	var sentences []string
	for _, sentence := range f.Problems() {
		sentences = append(sentences, sentence)
	}
	if sentences == nil {
		return nil
	}
	slices.Sort(sentences)
	return &optionError{strings.Join(sentences, " ")}
}

// conclude says what a driver's end, and what came before it, mean.
func (p *prober) conclude(f Feed, c *collector, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	silent := errors.Is(err, errNothingYet) || errors.Is(err, context.DeadlineExceeded)
	ended := err == io.EOF //nolint:errorlint // a wrapped one comes from before the answer
	switch {
	case len(c.events) > 0 || errors.Is(err, errEnough):
	case len(c.bads) > 0:
		return &unreadableError{c.bads[0].Reason}
	case silent && c.count > f.maxEvent():
		return &tooLargeError{limit: f.maxEvent()}
	case silent && c.isLive && c.count > 0:
		p.note("It is connected, but in " + p.waited() + " no whole event came.")
	case silent && c.isLive:
		p.note("It is connected, but nothing came in " + p.waited() + ".")
		if f.Kind == KindWebSocket && len(f.Script) == 0 {
			p.note("Many servers send only what they are asked for: the feed may need a script.")
		}
	case ended && c.isLive:
		p.note("The server ended the stream before an event came.")
	default:
		return err
	}
	p.found(f, c)
	return nil
}

// found fills in the result.
func (p *prober) found(f Feed, c *collector) {
	if len(c.events) > 0 && f.Kind == KindSSE && isFirebase(c.events[0]) {
		f.Delta = DeltaFirebase
	}
	id := f.ID
	if p.result.Preset != "" {
		id = p.result.Preset
	}
	for _, raw := range c.events {
		p.result.Events = append(p.result.Events, p.show(id, raw))
	}
	if c.polls && len(c.events) == 0 && f.Kind != KindLongPoll {
		p.note("There is nothing in it at the moment.")
	}
	f.ID = ""
	p.result.Kind, p.result.Name, p.result.Feed = f.Kind, f.Name, &f
}

func (p *prober) note(sentence string) {
	p.result.Note = strings.TrimSpace(p.result.Note + " " + sentence)
}

// show is an event as a result has it.
func (p *prober) show(feed string, raw event.Raw) ProbedEvent {
	shown := ProbedEvent{Raw: ProbedRaw{Type: raw.Type, ID: raw.ID, Data: string(raw.Data)}}
	if len(raw.Data) > maxShown {
		shown.Raw.Data = strings.ToValidUTF8(string(raw.Data[:maxShown]), "") + "…"
	}
	if p.cfg.Map != nil {
		mapped := p.cfg.Map(feed, raw)
		if len(mapped.Data) > maxShown {
			mapped.Data, mapped.JSON = []byte(shown.Raw.Data), false
		}
		shown.Event = &mapped
	}
	return shown
}

// isFirebase reports whether an event is the first of a stream of changes to
// one document.
func isFirebase(raw event.Raw) bool {
	doc := gjson.ParseBytes(raw.Data)
	return raw.Type == "put" && gjson.ValidBytes(raw.Data) && doc.Get("path").Type == gjson.String && doc.Get("data").Exists()
}

// What follows is a collector's part of the Emitter.

func (c *collector) emit(_ context.Context, raws []event.Raw, done func(Outcome)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 {
		c.p.firstEvent()
		c.timer.Reset(probeMore)
	}
	// The newest come last: in a list, these are what people know it by.
	c.events = append(c.events, raws[max(0, len(raws)-probeEvents+len(c.events)):]...)
	c.p.step("event", fmt.Sprintf("%s came", count(len(raws), "event", "events")))
	if len(c.events) >= probeEvents || c.polls {
		c.stop(errEnough)
	}
	done(Outcome{})
	return nil
}

func (p *prober) firstEvent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timings.FirstEvent = milliseconds(time.Since(p.began))
}

func (c *collector) live() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isLive = true
	c.timer.Reset(c.p.wait)
	c.p.step("live", "the server lets us read")
}

func (c *collector) bytes(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count += n
}

func (c *collector) bad(b badInput) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bads = remember(c.bads, b, maxBad)
}

// setResume is all that a list without items says.
func (c *collector) setResume(string) {
	if c.polls {
		c.stop(errEnough)
	}
}

func (c *collector) setEvery(time.Duration)        {}
func (c *collector) setRetry(time.Duration)        {}
func (c *collector) missing(string, time.Time)     {}
func (c *collector) moved(context.Context, string) {}
func (c *collector) notice(notice)                 {}
func (c *collector) stored(Outcome)                {}

// count writes how many there are of something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
