package query

import (
	"slices"
	"strings"

	"tickertape/backend/event"
)

// field is a part of an event that is compared as a whole, or matched by a
// regular expression.
type field struct {
	column string // in the journal; NULL where it is ""
	always bool   // never NULL
	cased  bool   // compared with regard to case
	get    func(*event.Event) string
}

// fields by their names in the language.
var fields = map[string]field{
	"feed":     {"feed", true, true, func(e *event.Event) string { return e.Feed }},
	"type":     {"type", true, false, func(e *event.Event) string { return e.Type }},
	"key":      {"key", false, false, func(e *event.Event) string { return e.Key }},
	"id":       {"source_id", false, false, func(e *event.Event) string { return e.SourceID }},
	"severity": {"severity", false, false, func(e *event.Event) string { return e.Severity }},
	"url":      {"url", false, false, func(e *event.Event) string { return e.URL }},
}

// exact holds where the field is one of the values as a whole, or begins with
// one of those that are prefixes. A to Z and a to z are the same, as in SQLite's
// NOCASE; nothing else is. Feeds alone are compared as they are, by the index
// over them: with what was typed, and with that in lower case, as ids are.
type exact struct {
	name   string
	values []value
}

type value struct {
	text   string
	prefix bool
}

func (v value) String() string {
	text := quoted(v.text)
	if v.prefix {
		text += "*"
	}
	return text
}

// newExact brings values in canonical form.
func newExact(name string, values []value) exact {
	for i, v := range values {
		lower := value{lowerASCII(v.text), v.prefix}
		if fields[name].cased {
			values = append(values, lower)
		} else {
			values[i] = lower
		}
	}
	slices.SortFunc(values, func(a, b value) int { return strings.Compare(a.String(), b.String()) })
	return exact{name, slices.Compact(values)}
}

func (x exact) String() string {
	parts := make([]string, len(x.values))
	for i, v := range x.values {
		parts[i] = v.String()
	}
	return x.name + ":" + strings.Join(parts, ",")
}

func (x exact) match(s *subject) bool {
	f := fields[x.name]
	text := f.get(s.Event)
	for _, v := range x.values {
		if len(text) != len(v.text) && (!v.prefix || len(text) < len(v.text)) {
			continue
		}
		if begins := text[:len(v.text)]; begins == v.text || (!f.cased && equalFold(begins, v.text)) {
			return true
		}
	}
	return false
}

func (x exact) cost() int { return 1 }

// sql asks the full-text index first where that has the field: it may name
// others, but none less.
func (x exact) sql(scope Scope) Condition {
	condition := x.compared()
	if phrases, ok := x.phrases(); ok && scope.Indexed {
		condition = every(scope.indexed(strings.Join(phrases, " OR ")), condition)
		condition.Exact = true
	}
	return condition
}

// phrases are those of which one is in the index where the field is one of the
// values.
func (x exact) phrases() (all []string, ok bool) {
	if x.name != "key" {
		return nil, false
	}
	for _, v := range x.values {
		p, ok := newPhrase(v.text, false)
		if v.prefix || !ok {
			return nil, false
		}
		all = append(all, p.fts())
	}
	return all, true
}

// compared is the condition without the index.
func (x exact) compared() Condition {
	f := fields[x.name]
	collation := " COLLATE NOCASE"
	if f.cased {
		collation = ""
	}
	var parts []string
	var args []any
	for _, v := range x.values {
		if v.prefix {
			parts = append(parts, "substr("+f.column+", 1, length(?)) = ?"+collation)
			args = append(args, v.text, v.text)
		} else {
			parts = append(parts, f.column+" = ?"+collation)
			args = append(args, v.text)
		}
	}
	condition := Condition{"(" + strings.Join(parts, " OR ") + ")", args, true}
	if !f.always {
		// NULL would stay NULL under NOT.
		condition.SQL = "(" + f.column + " IS NOT NULL AND " + condition.SQL + ")"
	}
	return condition
}

// equalFold compares text with one in lower case, ASCII letters without regard
// to case.
func equalFold(text, lower string) bool {
	for i := range len(lower) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// severities are the values of a comparison: those at least, or at most, as
// severe as one.
func severities(op string, than int) []value {
	var values []value
	for i, name := range event.Severities {
		if compares(op, i-than) {
			values = append(values, value{text: name})
		}
	}
	return values
}

// has holds where the event has the field at all.
type has struct{ name string }

// hasFields says of each field whether an event has it, and the same in SQL.
var hasFields = map[string]struct {
	sql  string
	test func(*event.Event) bool
}{
	"id":       {"source_id IS NOT NULL", func(e *event.Event) bool { return e.SourceID != "" }},
	"key":      {"key IS NOT NULL", func(e *event.Event) bool { return e.Key != "" }},
	"title":    {"title IS NOT NULL", func(e *event.Event) bool { return e.Title != "" }},
	"url":      {"url IS NOT NULL", func(e *event.Event) bool { return e.URL != "" }},
	"value":    {"value IS NOT NULL", func(e *event.Event) bool { return e.Value != "" }},
	"severity": {"severity IS NOT NULL", func(e *event.Event) bool { return e.Severity != "" }},
	"time":     {"source_time IS NOT NULL", func(e *event.Event) bool { return !e.SourceTime.IsZero() }},
	"revises":  {"revises IS NOT NULL", func(e *event.Event) bool { return e.Revises != 0 }},
	"json":     {"json", func(e *event.Event) bool { return e.JSON }},
	"data":     {"length(data) > 0", func(e *event.Event) bool { return len(e.Data) > 0 }},
	"text": {"(text IS NOT NULL OR (NOT json AND length(data) > 0))", func(e *event.Event) bool {
		return e.Text != "" || (!e.JSON && len(e.Data) > 0)
	}},
}

func (h has) String() string        { return "has:" + h.name }
func (h has) match(s *subject) bool { return hasFields[h.name].test(s.Event) }
func (h has) cost() int             { return 1 }
func (h has) sql(Scope) Condition   { return Condition{SQL: hasFields[h.name].sql, Exact: true} }
