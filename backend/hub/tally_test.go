package hub

import (
	"testing"

	"tickertape/backend/query"
)

func TestATallyCountsWhatIsSelectedFromItsBeginningToItsEnd(t *testing.T) {
	history := &log{}
	h := New(Config{History: history})
	h.Publish(history.add("a", 3))
	tally := h.Tally(query.New([]string{"a"}, nil))
	h.Publish(history.add("a", 5))
	h.Publish(history.add("b", 7))
	if n, _ := tally.Count(); n != 5 {
		t.Errorf("count %d, want 5", n)
	}
	tally.Reset()
	h.Publish(history.add("a", 2))
	h.Drop(tally)
	h.Publish(history.add("a", 4))
	if n, upTo := tally.Count(); n != 2 || upTo <= tally.From() {
		t.Errorf("count %d up to %d after a reset, want 2", n, upTo)
	}
}
