package hub

import (
	"context"
	"slices"
)

// replay encodes what the journal has between the reader's place and the
// ring's floor, or has it read into the ring where many may want it. No frames
// mean that the reader is to look there again.
func (r *Reader) replay(ctx context.Context, floor uint64, limit int) (Frames, error) {
	if floor-r.after <= maxFill {
		r.Rest()
		if filled, err := r.stream.fill(ctx, r.hub.cfg.History, r.after); filled || err != nil {
			return Frames{}, err
		}
	}
	seg, err := r.history(ctx, floor, limit)
	if err != nil {
		return Frames{}, err
	}
	frames := seg.next(r.after, limit)
	first := uint64(0)
	if frames.Last != 0 {
		first = seg.marks[seg.from(r.after)].seq
	}
	frames.Gap = r.missing(floor, first) // after the read: see History.Missing
	frames.More = true                   // the ring above the floor, at least
	if frames.Last == 0 {
		r.after = floor
		if frames.Gap == nil {
			return Frames{}, nil
		}
		frames.Last = floor
	}
	r.after = frames.Last
	return frames, nil
}

// history returns the next frames of the journal below the floor: none when
// there are none.
func (r *Reader) history(ctx context.Context, floor uint64, limit int) (*segment, error) {
	if r.ahead != nil && r.ahead.forgot == r.hub.forgot.Load() {
		if seg, err := r.ahead.next(r.after); err == nil && len(seg.marks) > 0 {
			return seg, nil
		}
	}
	r.Rest() // it failed, which a read tells of again, or ended at a floor that has risen since
	if r.replays && floor-r.after > maxFill && r.readAhead(ctx, floor) {
		return r.ahead.next(r.after)
	}
	r.replays = true
	seg := &segment{frames: make([]byte, 0, limit+limit/8)}
	err := seg.read(ctx, r.hub.cfg.History, r.stream, r.after, floor, limit)
	return seg, err
}

// ahead is a reader's way through a long history: while one segment is written,
// the next one is read and encoded. Few readers have one (maxAhead), as each
// holds two segments, whose memory is used by turns.
type ahead struct {
	pages  chan page // without a buffer: who takes one is done with the one before
	cancel context.CancelFunc
	now    *segment
	forgot uint64 // what Hub.forgot was at the beginning
}

type page struct {
	seg *segment
	err error
}

// readAhead begins to read up to the floor, unless too many do. Rest ends it.
func (r *Reader) readAhead(ctx context.Context, floor uint64) bool {
	select {
	case r.hub.aheads <- struct{}{}:
	default:
		return false
	}
	ctx, cancel := context.WithCancel(ctx)
	r.ahead = &ahead{pages: make(chan page), cancel: cancel, now: &segment{}, forgot: r.hub.forgot.Load()}
	go r.ahead.run(ctx, r.hub.cfg.History, r.stream, r.after, floor)
	return true
}

// run reads segment after segment, and ends with an empty one or with an error,
// or when ctx ends.
func (a *ahead) run(ctx context.Context, history History, s *stream, after, floor uint64) {
	defer close(a.pages)
	next, other := &segment{}, &segment{}
	for ctx.Err() == nil {
		next.frames, next.marks = next.frames[:0], next.marks[:0]
		err := next.read(ctx, history, s, after, floor, pageBytes)
		select {
		case a.pages <- page{next, err}:
		case <-ctx.Done():
			return
		}
		n := len(next.marks)
		if err != nil || n == 0 {
			return
		}
		after = next.marks[n-1].seq
		next, other = other, next
	}
}

// next returns the segment with what follows a seq.
func (a *ahead) next(after uint64) (*segment, error) {
	if a.now.from(after) < len(a.now.marks) {
		return a.now, nil
	}
	p, ok := <-a.pages
	if !ok {
		return a.now, context.Canceled
	}
	a.now = p.seg
	return a.now, p.err
}

// Rest ends what the reader does by itself between two calls, and returns when
// it has ended. With the next call it begins again.
func (r *Reader) Rest() {
	if r.ahead == nil {
		return
	}
	r.ahead.cancel()
	for range r.ahead.pages { // until it is closed
	}
	r.ahead = nil
	<-r.hub.aheads
}

// missing is what the reader must be told before the next events up to a seq, of
// which the first is known unless there are none; nil for nothing, and for what it was told before.
func (r *Reader) missing(upTo, first uint64) *Gap {
	gap := Gap{From: upTo}
	missing := r.hub.cfg.History.Missing(r.stream.filter, r.after, upTo)
	for feed, to := range missing {
		if told := max(r.told[feed], r.after); to > told {
			gap.From, gap.To = min(gap.From, told), max(gap.To, to)
			gap.Feeds = append(gap.Feeds, feed)
		}
	}
	r.told = missing // the others are behind the reader
	if gap.Feeds == nil {
		return nil
	}
	slices.Sort(gap.Feeds)
	gap.After = gap.To
	if first > 0 {
		gap.After = min(gap.To, first-1)
	}
	return &gap
}
