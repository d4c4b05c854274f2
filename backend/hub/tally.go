package hub

import (
	"sync/atomic"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// Tally counts the published events that a filter selects. It keeps none of
// them.
type Tally struct {
	filter query.Filter
	n      atomic.Int64
}

// Tally begins to count what f selects, until Drop.
func (h *Hub) Tally(f query.Filter) *Tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := &Tally{filter: f}
	h.tallies[t] = struct{}{}
	return t
}

// Drop ends a tally.
func (h *Hub) Drop(t *Tally) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.tallies, t)
}

// Count is how many events were selected since Tally or Reset.
func (t *Tally) Count() int64 { return t.n.Load() }

// Reset begins anew at 0.
func (t *Tally) Reset() { t.n.Store(0) }

func (t *Tally) add(events []event.Event) {
	for i := range events {
		if t.filter.Match(&events[i]) {
			t.n.Add(1)
		}
	}
}
