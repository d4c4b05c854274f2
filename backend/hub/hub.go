package hub

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

const (
	// maxRing is how many bytes of frames a stream keeps.
	maxRing = 8 << 20
	// maxRings bounds those of all streams together, but for the newest frames
	// of each.
	maxRings = 64 << 20
	// maxIdle is how many streams without readers are kept.
	maxIdle = 32
	// linger is how long a stream without readers is kept, so that a reader
	// who reconnects finds its frames in memory.
	linger = time.Minute
	// maxFill is how far below the ring readers may be who come back, in seqs,
	// for what they have missed to be read into it for all of them.
	maxFill = 10_000
	// historyPage is the most events that fill reads from the journal at a time.
	historyPage = 500
	// pageBytes is about how much of it is read ahead at a time.
	pageBytes = 256 << 10
	// maxAhead is how many readers read the journal ahead of what they return.
	maxAhead = 4
)

// History is the durable log below the rings.
type History interface {
	// EachAfter hands over the events with after < seq <= upTo that f selects,
	// in rising seq, until take wants no more. It may end earlier once there was
	// one; none means that there are none in the range. The event and what it
	// holds are take's only until it returns.
	EachAfter(ctx context.Context, f query.Filter, after, upTo uint64, take func(*event.Event) (more bool)) error
	// ReadBack returns the newest events of the same range, newest first: limit
	// at most, and none only when there are none.
	ReadBack(ctx context.Context, f query.Filter, after, upTo uint64, limit int) ([]event.Event, error)
	// Missing is, by feed, up to which seq of the range events that f selects
	// may be no longer kept. What a read before did not find for that reason it
	// tells of.
	Missing(f query.Filter, after, upTo uint64) map[string]uint64
}

// Config is what a Hub needs.
type Config struct {
	History History
	Marks   query.Marks // what filters look up that ask for it; nil for nothing
	Head    uint64      // the newest seq that is durable already
	Ring    int         // bytes of frames that a stream keeps, fewer when there are many; 0 means 8 MiB
}

// Format is a way to encode events.
type Format struct {
	Name   string // equal names mean equal frames
	Append func(dst []byte, e *event.Event) []byte
}

// Hub hands every published event to the streams that select it.
type Hub struct {
	cfg Config

	mu      sync.Mutex
	head    uint64 // the newest seq published
	streams map[Key]*stream
	commits commits
	tallies map[*Tally]struct{}
	forgot  atomic.Uint64 // how often Forget was called

	aheads chan struct{} // one for each reader that reads ahead
}

// Key names a stream: readers with equal keys get the same frames.
type Key struct{ filter, format string }

// New makes a hub.
func New(cfg Config) *Hub {
	if cfg.Ring == 0 {
		cfg.Ring = maxRing
	}
	return &Hub{cfg: cfg, head: cfg.Head, streams: map[Key]*stream{}, tallies: map[*Tally]struct{}{}, aheads: make(chan struct{}, maxAhead)}
}

// Head is the newest seq published.
func (h *Hub) Head() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head
}

// Publish hands on events that are durable. They must follow on what was
// published before, in rising seq. It never waits for a reader.
func (h *Hub) Publish(events []event.Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head = events[len(events)-1].ID.Seq
	now := time.Now()
	h.commits.note(events[0].ID.Seq, now)
	h.dropIdle(now)
	limit := h.ringLimit()
	for _, s := range h.streams {
		s.publish(events, limit)
	}
	for t := range h.tallies {
		t.add(events)
	}
}

// ringLimit is how many bytes of frames a stream may keep now.
func (h *Hub) ringLimit() int { return min(h.cfg.Ring, maxRings/max(1, len(h.streams))) }

// dropIdle lets streams go that nobody has read for a while, and at once those
// without readers when there are too many.
func (h *Hub) dropIdle(now time.Time) {
	idle := 0
	for key, s := range h.streams {
		if s.readers > 0 {
			continue
		}
		if idle++; idle > maxIdle || now.Sub(s.idleSince) > linger {
			delete(h.streams, key)
		}
	}
}

// Read opens a reader of the events after the given seq that f selects, oldest
// first. after may lie beyond the head: then the reader waits for what comes
// next. Close it.
func (h *Hub) Read(f query.Filter, format Format, after uint64) *Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := Key{f.Key(), format.Name}
	f = f.Marked(h.cfg.Marks)
	s := h.streams[key]
	if s == nil {
		s = newStream(f, format, h.head, h.ringLimit())
		h.streams[key] = s
	}
	s.readers++
	return &Reader{hub: h, stream: s, key: key, after: min(after, h.head)}
}

// Frames is what a reader gets: the frames of some consecutive events of its
// selection.
type Frames struct {
	Bytes []byte // shared with other readers: must not be changed; what Poll returns holds until its next call
	Last  uint64 // the seq of the last event among them
	More  bool   // whether more frames are there already
	Gap   *Gap   // what the reader must be told before the frames, of which there may be none; nil for nothing
}

// Gap says that of some feeds the events with From < seq <= To may be missing:
// they are no longer kept. What is left of them comes all the same.
type Gap struct {
	From, To uint64
	Feeds    []string
	After    uint64 // where the reader stands: to resume there misses nothing that is left
}

// Reader is one reader's place in a stream. It belongs to one goroutine.
type Reader struct {
	hub     *Hub
	stream  *stream
	key     Key
	after   uint64            // the seq up to which the reader has everything
	ahead   *ahead            // what is read beyond that; nil for nothing
	replays bool              // it has read from the journal before
	told    map[string]uint64 // by feed, up to which seq the reader knows that events are missing
}

// Close gives the reader up.
func (r *Reader) Close() {
	r.Rest()
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	r.stream.readers--
	r.stream.idleSince = time.Now()
}

// After is the seq up to which the reader has everything that it selects.
func (r *Reader) After() uint64 { return r.after }

// Key is the same for readers of the same selection and format.
func (r *Reader) Key() Key { return r.key }

// Wake is closed when the next event comes that the reader selects, whether or
// not it has read those before.
func (r *Reader) Wake() <-chan struct{} { return r.stream.nextWake() }

// Ready is what Poll would return, for those who must not wait: ok is false
// when it is no longer in memory, but in the journal. The reader stays where it
// is until it Took the frames.
func (r *Reader) Ready(limit int) (frames Frames, ok bool) {
	frames, floor := r.stream.next(r.after, limit)
	return frames, r.after >= floor
}

// Took moves the reader behind frames that Ready returned.
func (r *Reader) Took(frames Frames) { r.after = max(r.after, frames.Last) }

// Next returns what comes next: as many frames as there are, up to about limit
// bytes, and at least one event's. It waits while there are none.
func (r *Reader) Next(ctx context.Context, limit int) (Frames, error) {
	for {
		frames, wake, err := r.Poll(ctx, limit)
		if err != nil || wake == nil {
			return frames, err
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return Frames{}, ctx.Err()
		}
	}
}

// Poll is Next for those who wait for other things too: when there is nothing,
// it returns at once with a channel that is closed when there is.
func (r *Reader) Poll(ctx context.Context, limit int) (frames Frames, wake <-chan struct{}, err error) {
	for {
		wake := r.Wake() // before looking, so that nothing comes unseen between
		frames, floor := r.stream.next(r.after, limit)
		if r.after >= floor {
			r.Rest()
			r.Took(frames)
			if frames.Last != 0 {
				wake = nil
			}
			return frames, wake, nil
		}
		frames, err := r.replay(ctx, floor, limit)
		if err != nil || frames.Last != 0 {
			return frames, nil, err
		}
	}
}

// ForgetMarked is Forget for those who select by marks, some of which have
// changed.
func (h *Hub) ForgetMarked() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		if s.filter.ByMarks() {
			s.forget(h.head)
		}
	}
}

// Forget drops what is in memory, so that readers read from the journal what
// they want of the past: some of it was cleared there.
func (h *Hub) Forget() {
	h.forgot.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.forget(h.head)
	}
}
