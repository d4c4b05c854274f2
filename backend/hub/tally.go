package hub

import (
	"sync"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// Tally counts the published events that a filter selects. It keeps none of
// them.
type Tally struct {
	filter query.Filter
	from   uint64 // the newest seq that was published before

	mu   sync.Mutex
	n    int64
	upTo uint64 // the newest seq that was looked at
}

// Tally begins to count what f selects, until Drop.
func (h *Hub) Tally(f query.Filter) *Tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := &Tally{filter: f.Marked(h.cfg.Marks), from: h.head, upTo: h.head}
	h.tallies[t] = struct{}{}
	return t
}

// Drop ends a tally.
func (h *Hub) Drop(t *Tally) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.tallies, t)
}

// From is the newest seq that was published before the tally began.
func (t *Tally) From() uint64 { return t.from }

// Count is how many events were selected since Tally or Reset, and up to which
// seq.
func (t *Tally) Count() (n int64, upTo uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n, t.upTo
}

// Reset begins anew at 0.
func (t *Tally) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n = 0
}

func (t *Tally) add(events []event.Event) {
	var n int64
	for i := range events {
		if t.filter.Match(&events[i]) {
			n++
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n += n
	t.upTo = events[len(events)-1].ID.Seq
}
