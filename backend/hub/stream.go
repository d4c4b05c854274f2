package hub

import (
	"context"
	"sort"
	"sync"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// segmentBytes is how much a segment holds before the next one begins. One
// event may be larger: it then has a segment to itself.
const segmentBytes = 64 << 10

// stream is the ring of one selection in one format: segments of ready frames,
// of which the oldest is dropped when all together are larger than the ring.
//
// The frames in it are those of every selected event with floor < seq. Bytes
// once written never change, so readers use them without the lock.
type stream struct {
	filter query.Filter
	format Format

	// Guarded by Hub.mu.
	readers   int
	idleSince time.Time

	mu       sync.Mutex
	segments []*segment
	size     int    // bytes of all segments
	limit    int    // about how many they may be
	floor    uint64 // every selected event above it is in the segments
	wake     chan struct{}
	waiting  bool // somebody holds wake

	filling sync.Mutex // one fill at a time
}

type segment struct {
	frames []byte
	marks  []mark // one an event, in rising seq
}

// add encodes one more event.
func (seg *segment) add(format Format, e *event.Event) {
	// When append moves the frames to a larger array, readers keep the old
	// one, whose bytes are the same.
	seg.frames = format.Append(seg.frames, e)
	seg.marks = append(seg.marks, mark{e.ID.Seq, len(seg.frames)})
}

// read encodes what the stream selects of the history in after < seq <= upTo, until there
// are about size bytes.
func (seg *segment) read(ctx context.Context, history History, s *stream, after, upTo uint64, size int) error {
	return history.EachAfter(ctx, s.filter, after, upTo, func(e *event.Event) (more bool) {
		seg.add(s.format, e)
		return len(seg.frames) < size
	})
}

// from is the first mark after a seq: len(marks) when there is none.
func (seg *segment) from(after uint64) int {
	return sort.Search(len(seg.marks), func(i int) bool { return seg.marks[i].seq > after })
}

// next returns the frames after a seq up to about limit bytes, at least one if
// there is any.
func (seg *segment) next(after uint64, limit int) Frames {
	first := seg.from(after)
	if first == len(seg.marks) {
		return Frames{}
	}
	begin := 0
	if first > 0 {
		begin = seg.marks[first-1].end
	}
	// The last event that still fits.
	last := max(first, sort.Search(len(seg.marks), func(i int) bool { return seg.marks[i].end-begin > limit })-1)
	end := seg.marks[last].end
	return Frames{Bytes: seg.frames[begin:end:end], Last: seg.marks[last].seq, More: last < len(seg.marks)-1}
}

// mark says where an event's frame ends.
type mark struct {
	seq uint64
	end int
}

func newStream(f query.Filter, format Format, head uint64, limit int) *stream {
	return &stream{filter: f, format: format, floor: head, limit: limit, wake: make(chan struct{})}
}

// publish adds the events that the stream selects, and keeps about limit bytes
// of frames.
func (s *stream) publish(events []event.Event, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	added := false
	for i := range events {
		if s.filter.Match(&events[i]) {
			s.add(&events[i])
			added = true
		}
	}
	s.limit = limit
	s.trim()
	if added && s.waiting {
		close(s.wake)
		s.wake, s.waiting = make(chan struct{}), false
	}
}

func (s *stream) add(e *event.Event) {
	var last *segment
	if n := len(s.segments); n > 0 {
		last = s.segments[n-1]
	}
	if last == nil || len(last.frames) >= segmentBytes {
		last = &segment{}
		s.segments = append(s.segments, last)
	}
	before := len(last.frames)
	last.add(s.format, e)
	s.size += len(last.frames) - before
}

// trim drops the oldest segments beyond the limit, but never the newest one.
func (s *stream) trim() {
	for s.size > s.limit && len(s.segments) > 1 {
		oldest := s.segments[0]
		s.floor = oldest.marks[len(oldest.marks)-1].seq
		s.size -= len(oldest.frames)
		s.segments[0] = nil // let it go before the array does
		s.segments = s.segments[1:]
	}
}

// forget drops everything up to a seq, which is the newest one.
func (s *stream) forget(head uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.segments, s.size, s.floor = nil, 0, head
}

// nextWake is closed when the next selected event is published.
func (s *stream) nextWake() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = true
	return s.wake
}

// next returns the frames after a seq, from one segment, up to about limit
// bytes; none (Last 0) when there are none. Below the floor the frames mean
// nothing.
func (s *stream) next(after uint64, limit int) (frames Frames, floor uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after < s.floor {
		return Frames{}, s.floor
	}
	// The first segment whose last event is beyond the reader's place.
	i := sort.Search(len(s.segments), func(i int) bool {
		marks := s.segments[i].marks
		return marks[len(marks)-1].seq > after
	})
	if i == len(s.segments) {
		return Frames{}, s.floor
	}
	frames = s.segments[i].next(after, limit)
	frames.More = frames.More || i < len(s.segments)-1
	return frames, s.floor
}
