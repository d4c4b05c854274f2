package query

import "slices"

// Marks is what people have done with events: it changes after an event was
// published, so it isn't part of one, and is looked up when a Filter matches.
// The journal has it. The calls must be cheap, and safe at any time.
type Marks interface {
	// Starred reports whether the event with this seq has a star.
	Starred(seq uint64) bool
	// Seen is up to which seq somebody has seen a feed; 0 for never.
	Seen(feed string) uint64
}

// Marked is the filter that looks marks up there. Without them nothing is
// starred, and everything is unread.
func (f Filter) Marked(m Marks) Filter {
	f.marks = m
	return f
}

// ByMarks reports whether the filter asks for marks, so that what it selects
// may change without an event.
func (f Filter) ByMarks() bool { return f.expr.root != nil && byMarks(f.expr.root) }

func byMarks(t term) bool {
	switch t := t.(type) {
	case is:
		return true
	case not:
		return byMarks(t.term)
	case and:
		return slices.ContainsFunc(t, byMarks)
	case or:
		return slices.ContainsFunc(t, byMarks)
	}
	return false
}

// is holds where an event has a mark: starred, or unread.
type is struct{ mark string }

// isMarks are the marks, each with what it is in SQL.
var isMarks = map[string]string{
	"starred": "seq IN (SELECT seq FROM stars)",
	"unread":  "seq > ifnull((SELECT seen FROM feeds WHERE feeds.feed = events.feed), 0)",
}

func (x is) String() string { return "is:" + x.mark }
func (x is) cost() int      { return 3 }

func (x is) sql(Scope) Condition { return Condition{SQL: isMarks[x.mark], Exact: true} }

func (x is) match(s *subject) bool {
	if x.mark == "unread" {
		return s.marks == nil || s.ID.Seq > s.marks.Seen(s.Feed)
	}
	return s.marks != nil && s.marks.Starred(s.ID.Seq)
}
