package query

import (
	"testing"

	"tickertape/backend/event"
)

func TestFilterMatch(t *testing.T) {
	tests := []struct {
		name   string
		filter Filter
		event  event.Event
		want   bool
	}{
		{"the zero filter selects all", Filter{}, event.Event{Feed: "a", Type: "t"}, true},
		{"a feed that is named", New([]string{"b", "a"}, nil), event.Event{Feed: "a"}, true},
		{"a feed that isn't", New([]string{"b"}, nil), event.Event{Feed: "a"}, false},
		{"a type that is named", New(nil, []string{"t"}), event.Event{Type: "t"}, true},
		{"a type that isn't", New([]string{"a"}, []string{"t"}), event.Event{Feed: "a", Type: "u"}, false},
		{"empty names are no names", New([]string{""}, []string{""}), event.Event{Feed: "a"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.filter.Match(&tt.event); got != tt.want {
				t.Errorf("Match = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestKeyTellsSelectionsApart(t *testing.T) {
	same := [2]Filter{New([]string{"b", "a", "a"}, nil), New([]string{"a", "b"}, nil)}
	if same[0].Key() != same[1].Key() {
		t.Error("the same selection has two keys")
	}
	apart := []Filter{{}, New([]string{"a"}, nil), New(nil, []string{"a"}), New([]string{"a", "b"}, nil), New([]string{"a,b"}, nil), New([]string{"ab"}, nil)}
	seen := map[string]int{}
	for i, f := range apart {
		if j, ok := seen[f.Key()]; ok {
			t.Errorf("filters %d and %d share the key %q", i, j, f.Key())
		}
		seen[f.Key()] = i
	}
}
