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
	"time"
	"unicode"
	"unicode/utf8"

	"tickertape/backend/event"
)

const (
	// maxEvent bounds the payload of a published event, in bytes.
	maxEvent = 4 << 20
	// maxLabel bounds the type and the id that a request gives, in bytes.
	maxLabel = 256
	// inFlight is how many groups of one request may wait to become durable:
	// twice what the journal commits at once, so that it never waits for us.
	inFlight = 8
	// maxPublishers bounds the requests that publish at once, at both doors
	// together: each may hold an event of maxEvent.
	maxPublishers = 1000
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
	errBusy    = problem(http.StatusTooManyRequests, "The journal can't keep up, so what was sent last was not stored: try again in a moment.")
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
	if s.publishers.Add(1) > maxPublishers {
		s.publishers.Add(-1)
		return problem(http.StatusServiceUnavailable, "Too many requests publish at once: send many events by one request, as lines of JSON.")
	}
	defer s.publishers.Add(-1)
	// A read that waits notices neither that the door closes nor that the token
	// was revoked.
	stop := context.AfterFunc(r.Context(), func() { _ = p.control.SetReadDeadline(time.Now()) })
	defer stop()
	err = take()
	settleErr := p.settle()
	if err == nil {
		err = settleErr
	}
	if err != nil {
		return p.explain(err, settleErr == nil)
	}
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // the one since the request came may be over
	return writeJSON(w, http.StatusAccepted, p.answer())
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
