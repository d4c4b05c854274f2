package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

const (
	// maxEvent bounds the payload of a published event, in bytes.
	maxEvent = 4 << 20
	// maxLabel bounds the type and the id that a request gives, in bytes.
	maxLabel = 256
	// inFlight is how many groups of one request may wait to become durable:
	// twice what the journal commits at once, so that it never waits for us.
	inFlight = 8
	// readIdle ends a request of which nothing more comes for this long.
	readIdle = time.Minute
	// A busy journal is waited for this long: by one event, whose sender wants
	// to know, and by a stream, which wants to go on.
	patience       = 5 * time.Second
	streamPatience = time.Minute
	// settleTime is how long a request that is cut short waits for what it has
	// handed on. It is less than drainTime: the answer should still get out.
	settleTime = time.Second
)

var (
	errNotPush = problem(http.StatusConflict, "This feed takes its events from elsewhere: only feeds of kind push can be published to.")
	errPaused  = problem(http.StatusConflict, "This feed is paused: nothing was stored. Resume it to publish to it.")
	errBusy    = problem(http.StatusTooManyRequests, "The journal can't keep up, so the event was not stored: try again in a moment.")
	errCutOff  = problem(http.StatusServiceUnavailable, "This door is closing: what was sent last may not have been stored. Try again in a moment.")
	errIdle    = problem(http.StatusRequestTimeout, "Nothing more came for a minute, so the request was ended.")
	errTooLong = problem(http.StatusRequestEntityTooLarge, "An event has 4 MiB at most.")
)

// published is what became of a request's events, once they are durable.
type published struct {
	ID         string `json:"id,omitempty"`    // of the last event, which may be one that was known already
	First      string `json:"first,omitempty"` // of those stored
	Last       string `json:"last,omitempty"`
	Count      int    `json:"count"`      // stored
	Duplicates int    `json:"duplicates"` // known already, and left as they are
}

// publish is POST /feeds/{feed}/events. It answers when the events are durable.
func (s reads) publish(w http.ResponseWriter, r *http.Request) error {
	p := &publishing{
		reads: s, r: r, control: http.NewResponseController(w), feed: r.PathValue("feed"),
		patience: patience, waiting: make(chan struct{}, inFlight),
	}
	take, err := p.prepare()
	if err != nil {
		return err
	}
	// A read that waits notices neither that the door closes nor that the token
	// was revoked.
	stop := context.AfterFunc(r.Context(), func() { _ = p.control.SetReadDeadline(time.Now()) })
	defer stop()
	err = take()
	if settleErr := p.settle(); err == nil {
		err = settleErr
	}
	if err != nil {
		return p.explain(err)
	}
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // the one since the request came may be over
	return writeJSON(w, http.StatusAccepted, p.answer())
}

// publishing is one request that publishes.
type publishing struct {
	reads
	r        *http.Request
	control  *http.ResponseController
	feed     string
	typ, id  string // as the request gives them
	patience time.Duration
	waiting  chan struct{} // holds one for each group that isn't durable yet

	mu         sync.Mutex
	outcome    source.Outcome // of all groups: the First of the first, the Last of the last
	count      int
	duplicates int
}

// prepare checks all that can be known before the body is read, and says how to
// read it.
func (p *publishing) prepare() (take func() error, err error) {
	if err := p.cfg.Feeds.Takes(p.feed); err != nil {
		return nil, p.refusal(err)
	}
	if fault := p.cfg.Journal.Fault(); fault != nil {
		return nil, faultProblem(fault)
	}
	params := p.r.URL.Query()
	if p.typ, err = label(params, "type"); err != nil {
		return nil, err
	}
	if p.id, err = label(params, "id"); err != nil {
		return nil, err
	}
	if coding := p.r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, problem(http.StatusUnsupportedMediaType, "Send the body as it is, without Content-Encoding.")
	}
	contentType, _, err := mime.ParseMediaType(p.r.Header.Get("Content-Type"))
	if p.r.Header.Get("Content-Type") == "" {
		contentType, err = "text/plain", nil
	}
	switch {
	case err != nil:
	case contentType == "application/json":
		return func() error { return p.one(true) }, nil
	case contentType == "text/plain" || contentType == "application/octet-stream":
		return func() error { return p.one(false) }, nil
	case contentType == "application/x-ndjson" && p.id != "":
		return nil, problem(http.StatusBadRequest, "id= is for one event: let the feed's mapping find the ids of many in their payloads.")
	case contentType == "application/x-ndjson":
		p.patience = streamPatience
		return p.lines, nil
	}
	return nil, problem(http.StatusUnsupportedMediaType,
		"Say with Content-Type what the body is: application/json or text/plain for one event, application/x-ndjson for one in each line.")
}

// label reads a parameter that names something.
func label(params url.Values, name string) (string, error) {
	value := params.Get(name)
	if len(value) > maxLabel || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return "", problem(http.StatusBadRequest, fmt.Sprintf("%s= is a text of up to %d bytes without line breaks.", name, maxLabel))
	}
	return value, nil
}

// one publishes the body as one event.
func (p *publishing) one(isJSON bool) error {
	if p.r.ContentLength > maxEvent {
		return errTooLong
	}
	data, err := io.ReadAll(io.LimitReader(bodyReader{p}, maxEvent+1))
	switch {
	case err != nil:
		return err
	case len(data) > maxEvent:
		return errTooLong
	case isJSON:
		if err := checkJSON(data); err != nil {
			return problem(http.StatusBadRequest, fmt.Sprintf("The body is not one JSON value: %v.", err))
		}
	}
	return p.hand([]event.Raw{p.raw(data, time.Now())})
}

func (p *publishing) raw(data []byte, now time.Time) event.Raw {
	return event.Raw{Type: p.typ, ID: p.id, Data: data, ReceivedAt: now}
}

// hand hands on events that belong together. It blocks while too many wait.
func (p *publishing) hand(raws []event.Raw) error {
	if err := p.await(p.r.Context()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.r.Context(), p.patience)
	defer cancel()
	if err := p.cfg.Feeds.Publish(ctx, p.feed, raws, p.stored); err != nil {
		<-p.waiting
		return p.refusal(err)
	}
	return nil
}

// stored is told what became of a group.
func (p *publishing) stored(o source.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.outcome.First == 0 {
		p.outcome.First = o.First
	}
	p.outcome.Last = max(p.outcome.Last, o.Last)
	p.outcome.Known = max(p.outcome.Known, o.Known)
	p.count += o.Stored()
	p.duplicates += o.Duplicates
	<-p.waiting
}

// await takes one of the places for groups that aren't durable yet.
func (p *publishing) await(ctx context.Context) error {
	select {
	case p.waiting <- struct{}{}:
		return nil
	default:
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case p.waiting <- struct{}{}:
			return nil
		case <-tick.C:
			if fault := p.cfg.Journal.Fault(); fault != nil {
				return faultProblem(fault)
			}
		case <-ctx.Done():
			return p.cutOff()
		}
	}
}

// settle waits until all that was handed on is durable: when the request's
// context ends, a moment longer.
func (p *publishing) settle() error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.r.Context()))
	defer cancel()
	stop := context.AfterFunc(p.r.Context(), func() { time.AfterFunc(settleTime, cancel) })
	defer stop()
	for range inFlight {
		if err := p.await(ctx); err != nil {
			return err
		}
	}
	return nil
}

// answer is what became of the events so far.
func (p *publishing) answer() *published {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := func(seq uint64) string {
		if seq == 0 {
			return ""
		}
		return event.ID{Epoch: p.cfg.Journal.Epoch(), Seq: seq}.String()
	}
	last := p.outcome.Last
	if last == 0 {
		last = p.outcome.Known
	}
	return &published{ID: id(last), First: id(p.outcome.First), Last: id(p.outcome.Last), Count: p.count, Duplicates: p.duplicates}
}

// explain adds to a problem what was stored all the same.
func (p *publishing) explain(err error) error {
	asked, ok := errors.AsType[*Problem](err)
	answer := p.answer()
	if !ok || answer.Count+answer.Duplicates == 0 {
		return err
	}
	told := *asked // problems are shared
	told.Stored = answer
	told.Detail += fmt.Sprintf(" Of the events before that, %d were stored; the last one is %s.", answer.Count, answer.ID)
	return &told
}

// refusal is the problem of an event that was not taken.
func (p *publishing) refusal(err error) error {
	switch {
	case errors.Is(err, source.ErrNoFeed):
		return errNoFeed
	case errors.Is(err, source.ErrNotPush):
		return errNotPush
	case errors.Is(err, source.ErrPaused):
		return errPaused
	case errors.Is(err, context.DeadlineExceeded):
		if fault := p.cfg.Journal.Fault(); fault != nil {
			return faultProblem(fault)
		}
		return errBusy
	case errors.Is(err, context.Canceled), errors.Is(err, journal.ErrClosed):
		return p.cutOff()
	}
	return err
}

// cutOff is why the request was ended from here: its token was revoked, or the
// door closes.
func (p *publishing) cutOff() error {
	if !p.private {
		if refused := p.authorize(p.r, settings.ScopePublish); refused != nil {
			return refused
		}
	}
	return errCutOff
}

func faultProblem(fault error) error {
	return problem(http.StatusServiceUnavailable, fmt.Sprintf(
		"Events can't be stored right now (%v). What was sent last may still be, when that is over: with id= it can be sent again and is stored once.", fault))
}

// bodyReader reads the body of a request, which ends when nothing comes.
type bodyReader struct{ p *publishing }

func (b bodyReader) Read(buf []byte) (int, error) {
	began := time.Now()
	_ = b.p.control.SetReadDeadline(began.Add(readIdle))
	// After that: what ends the context sets another deadline.
	if b.p.r.Context().Err() != nil {
		return 0, b.p.cutOff()
	}
	n, err := b.p.r.Body.Read(buf)
	switch {
	case err == nil || err == io.EOF:
		if err != nil {
			_ = b.p.control.SetReadDeadline(time.Time{}) // net/http goes on reading, to see the client go
		}
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded) && time.Since(began) >= readIdle:
		return n, errIdle
	case b.p.r.Context().Err() != nil: // or the client has gone; then nobody reads this
		return n, b.p.cutOff()
	}
	return n, problem(http.StatusBadRequest, fmt.Sprintf("The body can't be read to its end: %v.", err))
}
