package query

import "strings"

// Scope is what a condition is made for.
type Scope struct {
	// After and UpTo bound the events that are asked for: after < seq <= upTo.
	// The condition need not hold outside.
	After, UpTo uint64

	// Indexed says that the full-text index, the FTS5 table words, has all of
	// them: the rowid is the seq, and its one column holds what Index returns.
	Indexed bool

	// InTurn says that the filter's feeds have so many of the events that these
	// are better looked at in turn than found by the index over feeds, which
	// would have to be sorted.
	InTurn bool
}

// Condition is a filter over the journal's events table. Everything from
// outside is among the arguments.
type Condition struct {
	SQL  string
	Args []any

	// Exact says that the condition holds for the selected events only. Without
	// it others may be among them, which Filter.Match tells apart.
	Exact bool
}

// everything is the condition that excludes nothing.
func everything() Condition { return Condition{SQL: "1", Exact: true} }

// unknown is the condition of what only Match can tell.
func unknown() Condition { return Condition{SQL: "1"} }

// indexed is a condition by the full-text index, if that can be used.
func (s Scope) indexed(match string, exact bool) Condition {
	if !s.Indexed {
		return unknown()
	}
	const limit = 1<<63 - 1 // SQLite's integers are signed
	return Condition{
		"seq IN (SELECT rowid FROM words WHERE words MATCH ? AND rowid > ? AND rowid <= ?)",
		[]any{match, int64(min(s.After, limit)), int64(min(s.UpTo, limit))},
		exact,
	}
}

func (a and) sql(s Scope) Condition {
	conditions := make([]Condition, len(a))
	for i, t := range a {
		conditions[i] = t.sql(s)
	}
	return every(conditions...)
}

// every holds where all conditions do.
func every(conditions ...Condition) Condition {
	whole := everything()
	var parts []string
	for _, c := range conditions {
		whole.Exact = whole.Exact && c.Exact
		if c.SQL != whole.SQL {
			parts = append(parts, c.SQL)
			whole.Args = append(whole.Args, c.Args...)
		}
	}
	if parts != nil {
		whole.SQL = strings.Join(parts, " AND ")
	}
	return whole
}

func (o or) sql(s Scope) Condition {
	whole := Condition{Exact: true}
	parts := make([]string, len(o))
	for i, t := range o {
		c := t.sql(s)
		if c.SQL == "1" {
			return c
		}
		parts[i] = c.SQL
		whole.Args = append(whole.Args, c.Args...)
		whole.Exact = whole.Exact && c.Exact
	}
	whole.SQL = "((" + strings.Join(parts, ") OR (") + "))"
	return whole
}

func (n not) sql(s Scope) Condition {
	c := n.term.sql(s)
	if !c.Exact {
		return unknown() // some that it holds for are not selected
	}
	c.SQL = "NOT (" + c.SQL + ")"
	return c
}
