package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
)

const (
	// maxWait bounds the wait parameter: proxies between cut a silent request
	// after a minute or so.
	maxWait = time.Minute
	// maxPolled ends an answer of /poll that has come to so many bytes. One
	// event may be larger.
	maxPolled = 1 << 20
)

// formatLines is a JSON object a line: what /poll and /ws share.
var formatLines = hub.Format{Name: "lines", Append: func(dst []byte, e *event.Event) []byte {
	return append(e.AppendJSON(dst), '\n') // JSON of ours has no line breaks
}}

// pollParams is what a request for /poll asks for.
type pollParams struct {
	streamParams
	limit int
	wait  time.Duration // 0: an answer at once
}

func (s reads) pollParams(r *http.Request) (p pollParams, err error) {
	params := r.URL.Query()
	if p.streamParams, err = s.readerParams(r, params); err != nil {
		return p, err
	}
	p.format = formatLines
	if p.limit, err = number(params, "limit", defaultPage, 1, journal.MaxPage); err != nil {
		return p, err
	}
	p.wait, err = waitParam(params)
	return p, err
}

// waitParam reads wait=, in seconds unless it names a unit.
func waitParam(params url.Values) (time.Duration, error) {
	text := params.Get("wait")
	if text == "" {
		return 0, nil
	}
	if _, err := strconv.Atoi(text); err == nil {
		text += "s"
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > maxWait {
		return 0, problem(http.StatusBadRequest, "wait= is how long to wait for the next event, such as 25s: up to 60s.")
	}
	return wait, nil
}

// polled is what one answer of /poll holds.
type polled struct {
	gaps   []gap  // that stand before or between the events
	events []byte // a comma behind each
	count  int
	next   string // the id to go on after
}

// pollEvents is GET /poll: the events after an id, or what comes next. With
// wait= it is a long poll, answered when the first of them is there.
func (s reads) pollEvents(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pollParams(r)
	if err != nil {
		return err
	}
	leave, err := s.enter(&s.polls)
	if err != nil {
		return err
	}
	defer leave()
	// Before the wait: HTTP/2 gives a stream up whose deadline is over.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(p.wait + s.cfg.WriteTimeout))
	after, missing, err := s.start(r.Context(), p.streamParams)
	if err != nil {
		return err
	}
	if missing != nil {
		p.wait = 0 // that is news already
	}
	st := &stream{reads: s, params: p.streamParams, reader: s.cfg.Hub.Read(p.filter(), p.format, after)}
	defer st.reader.Close()
	got, err := st.collect(r.Context(), p)
	if err != nil {
		return err
	}
	if missing != nil {
		got.gaps = append([]gap{*missing}, got.gaps...)
	}
	body := got.appendJSON(nil)
	tag := entityTag(body)
	w.Header().Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	writeBody(w, http.StatusOK, body)
	return nil
}

// collect takes the events that there are, and waits for the first of them. It
// comes back with none when the wait is over, the door closes, or what is
// shared has changed.
func (st *stream) collect(ctx context.Context, p pollParams) (got polled, err error) {
	id := func(seq uint64) string { return event.ID{Epoch: st.cfg.Journal.Epoch(), Seq: seq}.String() }
	got.next = id(st.reader.After())
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	for wait := p.wait > 0; ; {
		// Nothing up to here is selected, if there is nothing: the next poll
		// needs not look there again.
		head := st.cfg.Hub.Head()
		frames, wake, err := st.poll(ctx)
		switch {
		case err != nil && ctx.Err() != nil: // the door closes, or the client has gone
			return got, nil
		case err != nil:
			return got, err
		case st.outdated(): // looked at last: what came since must not be selected by the old one
			return got, nil
		case frames.Last != 0:
			if g := frames.Gap; g != nil {
				got.gaps = append(got.gaps, st.missing(g.From, g.To, g.Feeds))
				got.next, wait = id(g.After), false // that is news already
			}
			if got.take(frames.Bytes, p.limit) && frames.More {
				continue
			}
			return got, nil
		case got.count > 0 || !wait:
			if head > st.reader.After() {
				got.next = id(head)
			}
			return got, nil
		}
		select {
		case <-wake:
		case <-st.params.sharing.changed:
		case <-timer.C:
			wait = false
		case <-ctx.Done():
			return got, nil
		}
	}
}

// take adds the lines, up to limit events in all. It reports whether there is
// room for more.
func (p *polled) take(lines []byte, limit int) bool {
	for p.count < limit && len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n')
		line := lines[:end]
		lines = lines[end+1:]
		p.events = append(append(p.events, line...), ',')
		p.next = idOfLine(line)
		p.count++
	}
	return p.count < limit && len(p.events) < maxPolled
}

// idOfLine is the id of an event in JSON, whose first member it is.
func idOfLine(line []byte) string {
	line = line[len(`{"id":"`):]
	return string(line[:bytes.IndexByte(line, '"')])
}

// appendJSON adds the answer: a list as that of /events.
func (p polled) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"events":[`...)
	dst = append(dst, bytes.TrimSuffix(p.events, []byte(","))...)
	dst = fmt.Appendf(dst, `],"next":%q`, p.next)
	if p.gaps != nil {
		gaps, _ := json.Marshal(p.gaps) // strings always encode
		dst = append(append(dst, `,"gaps":`...), gaps...)
	}
	return append(dst, "}\n"...)
}

// entityTag names a body: an idle poll that is asked again has the same one.
func entityTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// matches reports whether If-None-Match lists the tag (RFC 9110, section
// 13.1.2).
func matches(header, tag string) bool {
	for listed := range strings.SplitSeq(header, ",") {
		if listed = strings.TrimSpace(listed); listed == "*" || strings.TrimPrefix(listed, "W/") == tag {
			return true
		}
	}
	return false
}
