package query

import (
	"cmp"
	"slices"
	"strings"
)

// Expr is a query that was understood. The zero Expr selects everything.
type Expr struct{ root term }

// And is the expression that selects what both do.
func (x Expr) And(y Expr) Expr {
	switch {
	case x.root == nil:
		return y
	case y.root == nil:
		return x
	}
	return Expr{all([]term{x.root, y.root})}
}

// String is the query in canonical form: parsed again it is the same, and
// queries that differ only in spelling have it in common.
func (x Expr) String() string {
	if x.root == nil {
		return ""
	}
	if all, ok := x.root.(and); ok {
		return joined(all, " ")
	}
	return x.root.String()
}

// term is one condition, or several joined.
type term interface {
	// String is the canonical form.
	String() string
	match(*subject) bool
	// sql is as Filter.SQL's.
	sql(Scope) Condition
	// cost is about how much work a match is: what is cheap is asked first.
	cost() int
}

type (
	and []term
	or  []term
	not struct{ term }
)

// all joins terms that must all hold.
func all(terms []term) term {
	var flat []term
	for _, t := range terms {
		if inner, ok := t.(and); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, t)
		}
	}
	if flat = ordered(flat); len(flat) == 1 {
		return flat[0]
	}
	return and(flat)
}

// either joins terms of which one must hold.
func either(terms []term) term {
	var flat []term
	for _, t := range terms {
		if inner, ok := t.(or); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, t)
		}
	}
	if flat = ordered(flat); len(flat) == 1 {
		return flat[0]
	}
	return or(flat)
}

// negate is what holds where t doesn't.
func negate(t term) term {
	if inner, ok := t.(not); ok {
		return inner.term
	}
	return not{t}
}

// ordered sorts terms, which doesn't change what they select, and drops
// repeats.
func ordered(terms []term) []term {
	type named struct {
		term
		name string
	}
	sorted := make([]named, len(terms))
	for i, t := range terms {
		sorted[i] = named{t, t.String()}
	}
	slices.SortFunc(sorted, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.cost(), b.cost()), strings.Compare(a.name, b.name))
	})
	sorted = slices.CompactFunc(sorted, func(a, b named) bool { return a.name == b.name })
	terms = terms[:0]
	for _, n := range sorted {
		terms = append(terms, n.term)
	}
	return terms
}

func (a and) String() string { return "(" + joined(a, " ") + ")" }
func (o or) String() string  { return "(" + joined(o, " OR ") + ")" }
func (n not) String() string { return "-" + n.term.String() }

func joined(terms []term, with string) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = t.String()
	}
	return strings.Join(parts, with)
}

func (a and) match(s *subject) bool {
	for _, t := range a {
		if !t.match(s) {
			return false
		}
	}
	return true
}

func (o or) match(s *subject) bool {
	for _, t := range o {
		if t.match(s) {
			return true
		}
	}
	return false
}

func (n not) match(s *subject) bool { return !n.term.match(s) }

func (a and) cost() int { return total(a) }
func (o or) cost() int  { return total(o) }
func (n not) cost() int { return n.term.cost() }

func total(terms []term) (sum int) {
	for _, t := range terms {
		sum += t.cost()
	}
	return sum
}
