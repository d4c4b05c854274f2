package hub

import (
	"testing"
	"testing/synctest"

	"tickertape/backend/query"
)

// More readers than may read ahead come from the beginning, while more events
// are stored and one reader stops on its way.
func TestReadersFarBehindGetEveryEventOnceWhetherOrNotTheyReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const before, after = 14_000, 500
		history := &log{}
		history.add("a", before)
		h := New(Config{History: history, Head: before, Ring: 4 << 10})
		var readers []*Reader
		for range maxAhead + 2 {
			r := h.Read(query.Filter{}, numbers, 0)
			readers = append(readers, r)
			if got := told(t, r, 1_500, 4<<10); got != count(1, int(r.After())) {
				t.Fatalf("the first events: %.80s", got)
			}
		}
		if len(h.aheads) != maxAhead {
			t.Errorf("%d readers read ahead", len(h.aheads))
		}
		h.Publish(history.add("a", after))
		readers[0].Close()
		readers[1].Rest()
		for i, r := range readers[1:] {
			from := r.After()
			if got := told(t, r, before+after, 4<<10); got != count(int(from)+1, before+after) {
				t.Errorf("reader %d: %d bytes are not what follows %d", i, len(got), from)
			}
			r.Close()
		}
		if len(h.aheads) != 0 {
			t.Errorf("%d readers still read ahead", len(h.aheads))
		}
	})
}

func TestWhatWasReadAheadIsReadAgainOnceItIsForgotten(t *testing.T) {
	history := &log{}
	history.add("a", 20_000)
	h := New(Config{History: history, Head: 20_000})
	r := h.Read(query.Filter{}, numbers, 0)
	defer r.Close()
	told(t, r, 1_000, 100)
	history.mu.Lock()
	history.trim("a", 15_000)
	history.mu.Unlock()
	h.Forget()
	from := r.After()
	frames, err := r.Next(t.Context(), 100)
	if err != nil || frames.Gap == nil || frames.Gap.To != 15_000 || frames.Last <= 15_000 {
		t.Errorf("after %d: up to %d, %+v, %v", from, frames.Last, frames.Gap, err)
	}
}
