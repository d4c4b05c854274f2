package server

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/sse"
)

const (
	// coalesce is how long events are gathered on a busy stream. On an idle
	// one an event leaves at once.
	coalesce = 5 * time.Millisecond
	// chunk is about how much leaves in one write, in bytes.
	chunk = 64 << 10
	// writeTimeout and heartbeat are the defaults of Config's.
	writeTimeout = 20 * time.Second
	heartbeat    = 15 * time.Second
	// statusInterval is how often a status frame may follow another one while
	// only counts change.
	statusInterval = time.Second
)

// eventStream is GET /event_stream.
func (s reads) eventStream(w http.ResponseWriter, r *http.Request) error {
	p, err := s.streamParams(r)
	if err != nil {
		return err
	}
	if !s.take() {
		return errTooMany
	}
	after, missing, err := s.start(r.Context(), p)
	if err != nil {
		s.leave()
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // nginx would hold events back
	if r.Method == http.MethodHead {
		s.leave()
		return nil // its reader waits for no body, and would wait for the end
	}
	st := &stream{reads: s, params: p}
	if takeOver(w, r, st, after, missing) {
		return nil
	}
	st.reader = s.cfg.Hub.Read(p.filter(), p.format, after)
	defer st.close()
	st.out = &response{w, http.NewResponseController(w)}
	st.run(r.Context(), missing)
	return nil
}

var errTooMany = problem(http.StatusServiceUnavailable, "There are too many open streams: close some, or try again later.")

// take takes a place among the streams, if there is one, until leave.
func (s reads) take() bool {
	if s.streams.Add(1) > int64(s.maxStreams) {
		s.streams.Add(-1)
		return false
	}
	if !s.private {
		s.readers.Add(1)
	}
	return true
}

func (s reads) leave() {
	s.streams.Add(-1)
	if !s.private {
		s.readers.Add(-1)
	}
}

// enter is take for a reader that the handler's goroutine serves to its end,
// and counts it among those of its kind.
func (s reads) enter(kind *atomic.Int64) (leave func(), err error) {
	if !s.take() {
		return nil, errTooMany
	}
	kind.Add(1)
	return func() {
		kind.Add(-1)
		s.leave()
	}, nil
}

// outlet is where a stream's bytes go: an answer of net/http, or a connection
// that was taken over from it.
type outlet interface {
	// write sends all of b, or fails: at the latest after the timeout.
	write(b []byte, timeout time.Duration) error
}

// response is the outlet of HTTP/2, of TLS, and of systems without another.
type response struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (r *response) write(b []byte, timeout time.Duration) error {
	// Not every ResponseWriter of a test has deadlines; ours do.
	_ = r.control.SetWriteDeadline(time.Now().Add(timeout))
	if _, err := r.w.Write(b); err != nil {
		return err
	}
	return r.control.Flush()
}

// stream is one open event stream.
type stream struct {
	reads
	params streamParams
	reader *hub.Reader
	out    outlet

	buf        []byte    // for frames that aren't shared
	lastWrite  time.Time // of anything
	lastStatus []byte
	statusAt   time.Time
}

// close gives up the stream's place; its outlet is somebody else's.
func (st *stream) close() {
	st.reader.Close()
	st.leave()
}

// run writes until the client goes, the door closes (ctx) or a write fails. It
// ends between two events, never inside one.
func (st *stream) run(ctx context.Context, missing *gap) {
	if st.write(st.greeting(nil, missing)) != nil || st.status() != nil {
		return
	}
	pace := max(coalesce, st.params.batch)
	tick := time.NewTimer(st.cfg.Heartbeat)
	defer tick.Stop()
	for ctx.Err() == nil && st.reselect() {
		changed := st.statusChanged()
		frames, wake, err := st.poll(ctx)
		if err != nil {
			return // the client comes back and resumes
		}
		if frames.Last != 0 {
			if st.events(ctx, frames) != nil || !st.rest(ctx, frames, pace) {
				return
			}
			continue
		}
		tick.Reset(st.untilTick())
		select {
		case <-wake:
		case <-st.params.sharing.changed:
		case <-changed:
			err = st.status()
		case <-tick.C:
			err = st.tick()
		case <-ctx.Done():
		}
		if err != nil {
			return
		}
	}
}

// catchUp writes what there is and returns, where run would wait. It reports
// whether the stream goes on.
func (st *stream) catchUp(ctx context.Context) bool {
	defer func() { st.reader.Rest() }() // of whichever selection it is by then
	for ctx.Err() == nil && st.reselect() {
		frames, _, err := st.poll(ctx)
		if err != nil {
			return false
		}
		if frames.Last == 0 {
			return true
		}
		if st.events(ctx, frames) != nil {
			return false
		}
		if !frames.More {
			return true
		}
	}
	return false
}

func (st *stream) poll(ctx context.Context) (hub.Frames, <-chan struct{}, error) {
	frames, wake, err := st.reader.Poll(ctx, chunk)
	if err != nil && ctx.Err() == nil {
		st.cfg.Log.Error("a stream could not read history", "err", err)
	}
	return frames, wake, err
}

// reselect follows what the door shares, and with whom. It reports whether the
// stream may go on: its token may have been revoked, or a feed that it asks for
// by name may be hidden now.
func (st *stream) reselect() bool {
	if !st.outdated() {
		return true
	}
	st.params.sharing = st.sharing()
	if st.params.token != "" && !slices.Contains(st.params.sharing.tokens, st.params.token) {
		return false
	}
	for _, feed := range st.params.selection.feeds {
		if !st.params.sharing.serves(feed) {
			return false
		}
	}
	// What the reader has is behind its place in the new selection as well.
	before := st.reader
	defer before.Close()
	st.reader = st.cfg.Hub.Read(st.params.filter(), st.params.format, before.After())
	return true
}

// outdated reports whether the door shares something else by now.
func (st *stream) outdated() bool {
	select {
	case <-st.params.sharing.changed:
		return true
	default:
		return false
	}
}

// greeting adds what leaves at once, with what the reader should know first.
func (st *stream) greeting(dst []byte, missing *gap) []byte {
	// Clients come back after 2 to 4 s, not all in the same moment.
	dst = sse.AppendRetry(dst, 2*time.Second+rand.N(2*time.Second)) //nolint:gosec // spreads load, hides nothing
	dst = sse.AppendComment(dst, "Tickertape")
	if missing != nil {
		dst = appendGap(dst, *missing, missing.To)
	}
	return dst
}

// events writes the frames of events.
func (st *stream) events(ctx context.Context, frames hub.Frames) error {
	if frames.Gap != nil {
		if err := st.gap(frames.Gap); err != nil || len(frames.Bytes) == 0 {
			return err
		}
	}
	switch {
	case st.params.batch == 0:
		return st.write(frames.Bytes)
	case st.params.most > 0:
		return st.paced(ctx, frames)
	}
	st.buf = appendBatch(st.buf[:0], frames.Bytes, event.ID{Epoch: st.cfg.Journal.Epoch(), Seq: frames.Last})
	return st.writeBuf()
}

func (st *stream) writeBuf() error {
	err := st.write(st.buf)
	if cap(st.buf) > 8*chunk {
		st.buf = nil // one large event shouldn't cost its size for ever
	}
	return err
}

// gap writes what is missing before the next events.
func (st *stream) gap(g *hub.Gap) error {
	st.buf = appendGap(st.buf[:0], st.missing(g.From, g.To, g.Feeds), st.id(g.After))
	return st.write(st.buf)
}

// rest gathers events for a moment, unless more wait already. It reports
// whether to go on.
func (st *stream) rest(ctx context.Context, frames hub.Frames, pace time.Duration) bool {
	if !frames.More || st.params.most > 0 { // a paced one never sends faster than that
		timer := time.NewTimer(pace)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	// A stream that is never idle has its status all the same.
	return !st.params.status || time.Since(st.statusAt) < statusInterval || st.status() == nil
}

// statusChanged is nil, which never wakes, for streams without status.
func (st *stream) statusChanged() <-chan struct{} {
	if !st.params.status {
		return nil
	}
	return st.cfg.Feeds.Changed()
}

// status writes how the feeds are, if that has changed.
func (st *stream) status() error {
	if !st.params.status {
		return nil
	}
	st.statusAt = time.Now()
	_, revision := st.cfg.Settings.Current()
	status := map[string]any{"feeds": st.statuses(), "settings": revision, "views": st.viewStatuses()}
	if fault := st.cfg.Journal.Fault(); fault != nil {
		status["fault"] = "Events can't be stored, so the feeds wait. " + journal.Explain(fault) + " It is tried again until it works."
	}
	data, err := json.Marshal(status)
	if err != nil || bytes.Equal(data, st.lastStatus) {
		return err
	}
	st.lastStatus = data
	st.buf = appendFrame(st.buf[:0], "", "status", data)
	return st.write(st.buf)
}

// untilTick is when an idle stream has to do something next.
func (st *stream) untilTick() time.Duration {
	next := st.cfg.Heartbeat - time.Since(st.lastWrite)
	if st.params.status {
		next = min(next, statusInterval-time.Since(st.statusAt))
	}
	return next
}

// tick shows that an idle stream lives.
func (st *stream) tick() error {
	if err := st.status(); err != nil || time.Since(st.lastWrite) < st.cfg.Heartbeat {
		return err
	}
	return st.write(st.beat())
}

var (
	beatComment = sse.AppendComment(nil, "")
	beatFrame   = appendFrame(nil, "", "heartbeat", []byte("{}"))
)

// beat is what shows that an idle stream lives.
func (st *stream) beat() []byte {
	if st.params.json { // pages can't see comments
		return beatFrame
	}
	return beatComment
}

func (st *stream) write(b []byte) error {
	st.lastWrite = time.Now()
	return st.out.write(b, st.cfg.WriteTimeout)
}
