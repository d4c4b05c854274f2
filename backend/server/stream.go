package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/query"
	"tickertape/backend/sse"
)

const (
	// coalesce is how long events are gathered on a busy stream. On an idle
	// one an event leaves at once.
	coalesce = 5 * time.Millisecond
	// maxBatch bounds the batch parameter.
	maxBatch = 10 * time.Second
	// chunk is about how much leaves in one write, in bytes.
	chunk = 64 << 10
	// writeTimeout ends a stream whose reader takes nothing for this long.
	writeTimeout = 20 * time.Second
	// heartbeat is how often an idle stream shows that it lives.
	heartbeat = 15 * time.Second
	// statusInterval is how often a status frame may follow another one while
	// only counts change.
	statusInterval = time.Second
	// A tape has only just begun for this long, and while it has no more
	// events than this.
	justBegun       = 10 * time.Second
	justBegunEvents = 100
)

// streamParams is what a request for /event_stream asks for.
type streamParams struct {
	selection selection
	sharing   sharing // from what selection selects
	format    hub.Format
	json      bool          // format=json, with or without batch
	batch     time.Duration // 0: each event in a frame of its own
	status    bool          // frames about the feeds, too
	last      int           // start with the newest so many events
	after     string        // start after this id; "" with last 0: with what comes
}

func (p streamParams) filter() query.Filter { return p.sharing.filter(p.selection) }

func (s reads) streamParams(r *http.Request) (p streamParams, err error) {
	params := r.URL.Query()
	if p.selection, p.sharing, err = s.selection(r, params); err != nil {
		return p, err
	}
	switch format := params.Get("format"); format {
	case "", "raw":
		p.format = formatRaw
	case "json":
		p.format, p.json = formatJSON, true
	default:
		return p, problem(http.StatusBadRequest, fmt.Sprintf("There is no format %q: use raw or json.", format))
	}
	batch, err := number(params, "batch", 0, 0, int(maxBatch/time.Millisecond))
	if err != nil {
		return p, err
	}
	if p.batch = time.Duration(batch) * time.Millisecond; batch > 0 {
		if !p.json {
			return p, problem(http.StatusBadRequest, "batch= goes with format=json only.")
		}
		p.format = formatBatch
	}
	if p.last, err = number(params, "last", 0, 0, 1000); err != nil {
		return p, err
	}
	status, err := number(params, "status", 0, 0, 1)
	if err != nil {
		return p, err
	}
	p.status = status == 1
	p.after, err = resumeID(r, params)
	return p, err
}

// resumeID is the id to resume after. The header wins: a browser that
// reconnects by itself repeats the URL of its first request.
func resumeID(r *http.Request, params url.Values) (string, error) {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return id, nil
	}
	after := params.Get("after")
	if after == "" {
		return "", nil
	}
	if _, err := event.ParseID(after); err != nil {
		return "", problem(http.StatusBadRequest, fmt.Sprintf("after=%s is not an event's id.", after))
	}
	return after, nil
}

// gap tells a reader that events are missing between two ids.
type gap struct {
	From   string `json:"from"` // what the reader asked to resume after
	To     string `json:"to"`   // the stream goes on after this
	Reason string `json:"reason"`
}

// start finds where the stream begins, and the gap there is before that.
func (s reads) start(ctx context.Context, p streamParams) (after uint64, missing *gap, err error) {
	head := s.cfg.Hub.Head()
	switch {
	case p.after == "" && p.last == 0:
		after, err := s.live(ctx, head)
		return after, nil, err
	case p.after == "":
		newest, err := s.cfg.Journal.ReadBefore(ctx, p.filter(), head+1, p.last)
		if err != nil || len(newest) == 0 {
			return head, nil, err
		}
		return newest[len(newest)-1].ID.Seq - 1, nil, nil
	}
	floor, err := s.cfg.Journal.Floor(ctx)
	if err != nil {
		return 0, nil, err
	}
	id, err := event.ParseID(p.after)
	var reason string
	switch {
	case err != nil:
		reason = "The id to resume after is not one of this server's."
	case id.Epoch != s.cfg.Journal.Epoch():
		reason = "The id to resume after is of another journal: history was begun anew since."
	case id.Seq > head:
		reason = "The id to resume after was never given out: the journal may have been restored from an older copy."
	case id.Seq+1 < floor:
		reason = "The events after this id are older than what is kept."
	default:
		return id.Seq, nil, nil
	}
	to := event.ID{Epoch: s.cfg.Journal.Epoch(), Seq: floor - 1}
	return to.Seq, &gap{From: p.after, To: to.String(), Reason: reason}, nil
}

// live is where a reader without an id begins: with what comes next. On a tape
// that has only just begun that is its first event: whoever starts the program
// and then a reader sees the demonstration from message 0.
func (s reads) live(ctx context.Context, head uint64) (after uint64, err error) {
	if head == 0 || head > justBegunEvents {
		return head, nil
	}
	first, err := s.cfg.Journal.Event(ctx, 1)
	if errors.Is(err, journal.ErrNoEvent) {
		return head, nil
	}
	if err == nil && time.Since(first.ReceivedAt) > justBegun {
		after = head
	}
	return after, err
}

// eventStream is GET /event_stream.
func (s reads) eventStream(w http.ResponseWriter, r *http.Request) error {
	p, err := s.streamParams(r)
	if err != nil {
		return err
	}
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		return problem(http.StatusServiceUnavailable, "There are too many open streams: close some, or try again later.")
	}
	defer s.streams.Add(-1)
	after, missing, err := s.start(r.Context(), p)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // nginx would hold events back
	if r.Method == http.MethodHead {
		return nil // its reader waits for no body, and would wait for the end
	}
	stream := stream{reads: s, params: p, w: w, control: http.NewResponseController(w)}
	stream.reader = s.cfg.Hub.Read(p.filter(), p.format, after)
	defer func() { stream.reader.Close() }()
	stream.run(r.Context(), missing)
	return nil
}

// stream is one open event stream.
type stream struct {
	reads
	params  streamParams
	w       http.ResponseWriter
	control *http.ResponseController
	reader  *hub.Reader

	buf        []byte    // for frames that aren't shared
	lastWrite  time.Time // of anything
	lastStatus []byte
	statusAt   time.Time
}

// run writes until the client goes, the door closes (ctx) or a write fails. It
// ends between two events, never inside one.
func (st *stream) run(ctx context.Context, missing *gap) {
	if st.open(missing) != nil {
		return
	}
	pace := max(coalesce, st.params.batch)
	tick := time.NewTimer(heartbeat)
	defer tick.Stop()
	for ctx.Err() == nil && st.reselect() {
		changed := st.statusChanged()
		frames, wake, err := st.reader.Poll(ctx, chunk)
		if err != nil {
			if ctx.Err() == nil {
				st.cfg.Log.Error("a stream could not read history", "err", err)
			}
			return // the client comes back and resumes
		}
		if frames.Last != 0 {
			if st.events(frames) != nil || !st.rest(ctx, frames, pace) {
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

// reselect follows what the door shares. It reports whether the stream still
// has a meaning: a feed that it asks for by name may be hidden now.
func (st *stream) reselect() bool {
	select {
	case <-st.params.sharing.changed:
	default:
		return true
	}
	st.params.sharing = st.sharing()
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

// open sends the head at once, with what the reader should know first.
func (st *stream) open(missing *gap) error {
	// Clients come back after 2 to 4 s, not all in the same moment.
	st.buf = sse.AppendRetry(st.buf[:0], 2*time.Second+rand.N(2*time.Second)) //nolint:gosec // spreads load, hides nothing
	st.buf = sse.AppendComment(st.buf, "Tickertape")
	if missing != nil {
		data, err := json.Marshal(missing)
		if err != nil {
			return err
		}
		st.buf = appendFrame(st.buf, missing.To, "gap", data)
	}
	if err := st.write(st.buf); err != nil {
		return err
	}
	return st.status()
}

// events writes the frames of events.
func (st *stream) events(frames hub.Frames) error {
	if st.params.batch == 0 {
		return st.write(frames.Bytes)
	}
	st.buf = appendBatch(st.buf[:0], frames.Bytes, event.ID{Epoch: st.cfg.Journal.Epoch(), Seq: frames.Last})
	err := st.write(st.buf)
	if cap(st.buf) > 2*chunk {
		st.buf = nil // one large event shouldn't cost its size for ever
	}
	return err
}

// rest gathers events for a moment, unless more wait already. It reports
// whether to go on.
func (st *stream) rest(ctx context.Context, frames hub.Frames, pace time.Duration) bool {
	if !frames.More {
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
	status := map[string]any{"feeds": st.statuses(), "settings": revision}
	if fault := st.cfg.Journal.Fault(); fault != nil {
		status["fault"] = "Events can't be stored, so the feeds wait: " + fault.Error() + ". It is tried again until it works."
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
	next := heartbeat - time.Since(st.lastWrite)
	if st.params.status {
		next = min(next, statusInterval-time.Since(st.statusAt))
	}
	return next
}

// tick shows that an idle stream lives.
func (st *stream) tick() error {
	if err := st.status(); err != nil {
		return err
	}
	if time.Since(st.lastWrite) < heartbeat {
		return nil
	}
	if st.params.json { // pages can't see comments
		st.buf = appendFrame(st.buf[:0], "", "heartbeat", []byte("{}"))
	} else {
		st.buf = sse.AppendComment(st.buf[:0], "")
	}
	return st.write(st.buf)
}

func (st *stream) write(b []byte) error {
	st.lastWrite = time.Now()
	// Not every ResponseWriter of a test has deadlines; ours do.
	_ = st.control.SetWriteDeadline(st.lastWrite.Add(writeTimeout))
	if _, err := st.w.Write(b); err != nil {
		return err
	}
	return st.control.Flush()
}
