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

	expr  Expr // and of those, what this query selects
	marks Marks
}

// New makes a filter in canonical form: sorted, without repeats.
func New(feeds, types []string) Filter {
	return Filter{Feeds: canonical(feeds), Types: canonical(types)}
}

// With is the filter narrowed by a query, in the place of any other.
func (f Filter) With(x Expr) Filter {
	f.expr = x
	return f
}

func canonical(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

// Match reports whether the filter selects e. Words and fields don't allocate.
// What is relative to now is so to the time of the call.
func (f Filter) Match(e *event.Event) bool {
	if (len(f.Feeds) > 0 && !slices.Contains(f.Feeds, e.Feed)) ||
		(len(f.Types) > 0 && !slices.Contains(f.Types, e.Type)) {
		return false
	}
	if f.expr.root == nil {
		return true
	}
	s := newSubject(e)
	s.marks = f.marks
	defer s.release()
	return f.expr.root.match(s)
}

// Key is the same for filters that select the same events, if both were made
// by New. Readers with equal keys share their frames. Relative times stay
// relative in it.
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
	b.WriteString(f.expr.String())
	return b.String()
}

// SQL is the filter as a condition over the journal's events table, which every
// selected event fulfils.
func (f Filter) SQL(s Scope) Condition {
	feed := "feed"
	if s.InTurn {
		feed = "+feed" // which SQLite looks up in no index
	}
	conditions := []Condition{among(feed, f.Feeds), among("type", f.Types)}
	if f.expr.root != nil {
		conditions = append(conditions, f.expr.root.sql(s))
	}
	return every(conditions...)
}

// among holds for one of the names; for all when there are none.
func among(column string, names []string) Condition {
	if len(names) == 0 {
		return everything()
	}
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = name
	}
	return Condition{column + " IN (?" + strings.Repeat(",?", len(names)-1) + ")", args, true}
}
