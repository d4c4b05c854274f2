package query

import (
	"slices"
	"strings"

	"tickertape/backend/event"
)

// Filter selects events. The zero Filter selects all of them. Filters are
// values: nobody changes one that is in use.
type Filter struct {
	Feeds []string // these feeds only; empty: every feed
	Types []string // these event types only; empty: every type
}

// New makes a filter in canonical form: sorted, without repeats.
func New(feeds, types []string) Filter {
	return Filter{Feeds: canonical(feeds), Types: canonical(types)}
}

func canonical(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

// Match reports whether the filter selects e. It doesn't allocate.
func (f Filter) Match(e *event.Event) bool {
	return (len(f.Feeds) == 0 || slices.Contains(f.Feeds, e.Feed)) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, e.Type))
}

// Key is the same for filters that select the same events, if both were made
// by New. Readers with equal keys share their frames.
func (f Filter) Key() string {
	var b strings.Builder
	for _, names := range [][]string{f.Feeds, f.Types} {
		for _, name := range names {
			// The length keeps {"a,b"} and {"a","b"} apart.
			b.WriteByte(byte(len(name)))
			b.WriteByte(byte(len(name) >> 8))
			b.WriteString(name)
		}
		b.WriteString("\xff\xff") // no name is 65,535 bytes long
	}
	return b.String()
}

// SQL is the filter as a condition over the journal's events table, and its
// arguments. It is "1" when everything is selected.
func (f Filter) SQL() (condition string, args []any) {
	var parts []string
	add := func(column string, names []string) {
		if len(names) == 0 {
			return
		}
		parts = append(parts, column+" IN (?"+strings.Repeat(",?", len(names)-1)+")")
		for _, name := range names {
			args = append(args, name)
		}
	}
	add("feed", f.Feeds)
	add("type", f.Types)
	if parts == nil {
		return "1", nil
	}
	return strings.Join(parts, " AND "), args
}
