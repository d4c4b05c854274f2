package query

import (
	"testing"

	"tickertape/backend/event"
)

// marked is what people did with the events 1 to 3 of a feed.
type marked struct{}

func (marked) Starred(seq uint64) bool { return seq == 2 }
func (marked) Seen(string) uint64      { return 2 }

func TestMarksAreLookedUpWhenAFilterMatches(t *testing.T) {
	for text, want := range map[string][]uint64{
		"is:starred": {2}, "-is:starred": {1, 3}, "is:unread": {3}, "is:STARRED,unread": {2, 3}, "is:starred is:unread": nil,
	} {
		f := must(t, text)
		if !f.ByMarks() {
			t.Errorf("%s doesn't go by marks", text)
		}
		for seq := uint64(1); seq <= 3; seq++ {
			e := event.Event{ID: event.ID{Seq: seq}, Feed: "f"}
			selected := false
			for _, n := range want {
				selected = selected || n == seq
			}
			if got := f.Marked(marked{}).Match(&e); got != selected {
				t.Errorf("%s of %d: %t", text, seq, got)
			}
		}
	}
	if f := must(t, "a OR -(b c)"); f.ByMarks() {
		t.Error("words go by marks")
	}
}

func TestWithoutMarksNothingIsStarredAndAllIsUnread(t *testing.T) {
	e := event.Event{ID: event.ID{Seq: 1}, Feed: "f"}
	if must(t, "is:starred").Match(&e) || !must(t, "is:unread").Match(&e) {
		t.Error("marks out of nowhere")
	}
}
