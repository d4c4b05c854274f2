package hub

import (
	"testing"
	"time"

	"tickertape/backend/event"
)

func TestTheNewestCommitsAreRememberedByTheirTime(t *testing.T) {
	var c commits
	begin := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for i := range uint64(maxCommits + 5) { // of two events each, a second apart; the first with event 11
		c.note(11+2*i, begin.Add(time.Duration(i)*time.Second))
	}
	for _, row := range []struct {
		seq  uint64
		want time.Duration // after begin; below 0: not known
	}{
		{1, -1},
		{10, -1},
		{11, -1}, // forgotten
		{20, -1},
		{21, 5 * time.Second}, // the oldest that is remembered
		{22, 5 * time.Second},
		{23, 6 * time.Second},
		{11 + 2*(maxCommits+4), (maxCommits + 4) * time.Second},
	} {
		if got := c.when(row.seq); (row.want < 0) != got.IsZero() || row.want >= 0 && !got.Equal(begin.Add(row.want)) {
			t.Errorf("event %d: %v", row.seq, got)
		}
	}
}

func TestOnlyWhatWasPublishedHasATimeOfCommit(t *testing.T) {
	h := New(Config{Head: 10})
	h.Publish([]event.Event{{ID: event.ID{Seq: 11}}, {ID: event.ID{Seq: 12}}})
	for seq, known := range map[uint64]bool{10: false, 11: true, 12: true, 13: false} {
		if h.CommittedAt(seq).IsZero() == known {
			t.Errorf("event %d: %v", seq, h.CommittedAt(seq))
		}
	}
}
