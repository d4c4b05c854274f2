package query

import (
	"strconv"
	"strings"
)

// Scope is what a condition is made for.
type Scope struct {
	// After and UpTo bound the events that are asked for: after < seq <= upTo.
	// The condition need not hold outside.
	After, UpTo uint64

	// Indexed says that the full-text index, the FTS5 table words, has all of
	// them. A row's one column holds what AppendIndex returns for up to Together
	// events, and its rowid is the seq of the first.
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

// Together is how many events share a row of the full-text index at most: those
// whose seqs divided by it are equal. FTS5 takes a fifth less time and room for
// it, and Match tells them apart.
const Together = 16

// offsets are the seqs that a row of the index may have, from its first one on.
var offsets = func() string {
	all := make([]string, Together)
	for n := range all {
		all[n] = "(" + strconv.Itoa(n) + ")"
	}
	return strings.Join(all, ",")
}()

// indexed is a condition by the full-text index, if that can be used. It is
// never exact.
func (s Scope) indexed(match string) Condition {
	if !s.Indexed {
		return unknown()
	}
	const limit = 1<<63 - 1 // SQLite's integers are signed
	after, upTo := int64(min(s.After, limit)), int64(min(s.UpTo, limit))
	return Condition{
		SQL:  "seq IN (SELECT words.rowid + column1 FROM words CROSS JOIN (VALUES " + offsets + ") WHERE words MATCH ? AND words.rowid > ? AND words.rowid <= ?)",
		Args: []any{match, max(after-Together, -1), upTo},
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
	s.Indexed = false // what it finds is far less than what is asked for
	c := n.term.sql(s)
	if !c.Exact {
		return unknown() // some that it holds for are not selected
	}
	c.SQL = "NOT (" + c.SQL + ")"
	return c
}
