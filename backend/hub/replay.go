package hub

import (
	"context"
	"slices"

	"tickertape/backend/event"
	"tickertape/backend/query"
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
	events, err := r.history(ctx, floor)
	if err != nil {
		return Frames{}, err
	}
	gap := r.missing(floor, events) // after the read: see History.Missing
	if len(events) == 0 {
		r.after = floor
		if gap == nil {
			return Frames{}, nil
		}
		return Frames{Gap: gap, Last: floor, More: true}, nil
	}
	frames := Frames{Gap: gap, More: true, Bytes: make([]byte, 0, limit+limit/8)} // the ring above the floor, at least
	used := 0
	for used < len(events) && len(frames.Bytes) < limit {
		frames.Bytes = r.stream.format.Append(frames.Bytes, &events[used])
		frames.Last = events[used].ID.Seq
		used++
	}
	r.after = frames.Last
	if r.ahead != nil {
		r.ahead.rest = events[used:]
		return frames, nil
	}
	// Next time about as many as fit: what is read beyond is read again.
	r.page = min(max(1, used*limit/max(1, len(frames.Bytes))), historyPage)
	return frames, nil
}

// history returns the next events of the journal below the floor: none when
// there are none.
func (r *Reader) history(ctx context.Context, floor uint64) ([]event.Event, error) {
	if r.ahead != nil && r.ahead.forgot == r.hub.forgot.Load() {
		if events, err := r.ahead.next(); len(events) > 0 && err == nil {
			return events, nil
		}
	}
	r.Rest() // it failed, which a read tells of again, or ended at a floor that has risen since
	if r.replays && floor-r.after > maxFill && r.readAhead(ctx, floor) {
		return r.ahead.next()
	}
	r.replays = true
	return r.hub.cfg.History.ReadAfter(ctx, r.stream.filter, r.after, floor, r.page)
}

// ahead is a reader's way through a long history: while one page is encoded and
// written, the next one is read. Few readers have one (maxAhead), as each holds
// two pages.
type ahead struct {
	pages  chan page
	cancel context.CancelFunc
	rest   []event.Event // of the last page, what isn't encoded yet
	forgot uint64        // what Hub.forgot was at the beginning
}

type page struct {
	events []event.Event
	err    error
}

// readAhead begins to read up to the floor, unless too many do. Rest ends it.
func (r *Reader) readAhead(ctx context.Context, floor uint64) bool {
	select {
	case r.hub.aheads <- struct{}{}:
	default:
		return false
	}
	ctx, cancel := context.WithCancel(ctx)
	r.ahead = &ahead{pages: make(chan page), cancel: cancel, forgot: r.hub.forgot.Load()}
	go r.ahead.run(ctx, r.hub.cfg.History, r.stream.filter, r.after, floor)
	return true
}

// run reads page after page, and ends with one without events or with an error,
// or when ctx ends.
func (a *ahead) run(ctx context.Context, history History, f query.Filter, after, floor uint64) {
	defer close(a.pages)
	for {
		events, err := history.ReadAfter(ctx, f, after, floor, historyPage)
		select {
		case a.pages <- page{events, err}:
		case <-ctx.Done():
			return
		}
		if err != nil || len(events) == 0 {
			return
		}
		after = events[len(events)-1].ID.Seq
	}
}

// next returns what is left of the page, or else the next one.
func (a *ahead) next() ([]event.Event, error) {
	if len(a.rest) > 0 {
		return a.rest, nil
	}
	p, ok := <-a.pages
	if !ok {
		return nil, context.Canceled
	}
	return p.events, p.err
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

// missing is what the reader must be told before the next events up to a seq; nil
// for nothing, and for what it was told before.
func (r *Reader) missing(upTo uint64, events []event.Event) *Gap {
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
	if len(events) > 0 {
		gap.After = min(gap.To, events[0].ID.Seq-1)
	}
	return &gap
}
