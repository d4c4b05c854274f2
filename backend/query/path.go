package query

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// path holds where the JSON payload has a value at a path that passes a test.
// An array on the way stands for each of its elements, unless the path names
// one by its index.
type path struct {
	names []string
	op    string // ":", has (""), or a comparison
	list  []operand
	re    *regex // instead of list
}

// operand is what a value is compared with.
type operand struct {
	value
	phrase   phrase
	number   decimal
	isNumber bool
}

func newOperand(v value) operand {
	o := operand{value: v}
	o.phrase, _ = newPhrase(v.text, v.prefix)
	o.number, o.isNumber = parseDecimal(v.text)
	return o
}

func (p path) String() string {
	names := make([]string, len(p.names))
	for i, n := range p.names {
		names[i] = quotedName(n)
	}
	name := "data." + strings.Join(names, ".")
	switch {
	case p.op == "":
		return "has:" + name
	case p.re != nil:
		return name + ":" + p.re.String()
	}
	parts := make([]string, len(p.list))
	for i, o := range p.list {
		parts[i] = o.String()
	}
	slices.Sort(parts)
	return name + p.op + strings.Join(slices.Compact(parts), ",")
}

// quotedName is one name of a path. A point would part it.
func quotedName(name string) string {
	if strings.ContainsRune(name, '.') {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return quoted(name)
}

func (p path) cost() int { return 20 }

func (p path) match(s *subject) bool {
	if !s.JSON {
		return false
	}
	doc := gjson.Parse(asString(s.Data))
	if p.op == "!=" {
		equal := path{names: p.names, op: "=", list: p.list}
		return anyAt(doc, p.names, isScalar) && !anyAt(doc, p.names, equal.test)
	}
	return anyAt(doc, p.names, p.test)
}

// anyAt reports whether a value at the path passes the test. It looks into an
// array by itself once, not into arrays of arrays: those could be nested by
// the thousand.
func anyAt(v gjson.Result, names []string, test func(gjson.Result) bool) (found bool) {
	if v.IsArray() {
		index, rest := -1, names
		if len(names) > 0 {
			if n, err := strconv.ParseUint(names[0], 10, 31); err == nil {
				index, rest = int(n), names[1:]
			}
		}
		i := -1
		v.ForEach(func(_, element gjson.Result) bool {
			if i++; index < 0 {
				found = !element.IsArray() && anyAt(element, rest, test)
			} else if i == index {
				found = anyAt(element, rest, test)
			}
			return !found && i != index
		})
		return found
	}
	if len(names) == 0 {
		return test(v)
	}
	if v.IsObject() {
		v.ForEach(func(name, member gjson.Result) bool {
			found = name.Str == names[0] && anyAt(member, names[1:], test)
			return !found
		})
	}
	return found
}

func isScalar(v gjson.Result) bool { return !v.IsObject() && !v.IsArray() }

// test is of one value at the path.
func (p path) test(v gjson.Result) bool {
	switch {
	case p.op == "":
		return v.Type != gjson.Null
	case !isScalar(v):
		return false
	case p.re != nil:
		return p.re.in(textOf(v))
	}
	return slices.ContainsFunc(p.list, func(o operand) bool { return o.holds(v, p.op) })
}

// textOf is a string's content, or how a number, true, false or null is written.
func textOf(v gjson.Result) string {
	if v.Type == gjson.String {
		return v.Str
	}
	return v.Raw
}

// holds compares a string, a number, true, false or null with the operand.
func (o operand) holds(v gjson.Result, op string) bool {
	text := textOf(v)
	// Exchanges write numbers as strings, to keep their digits.
	if n, ok := parseDecimal(text); ok && o.isNumber && !o.prefix && (v.Type == gjson.Number || op != ":") {
		return compares(strings.TrimPrefix(op, ":"), n.compare(o.number))
	}
	switch {
	case op == ":" && v.Type == gjson.String && !o.phrase.empty():
		var t tokenizer
		return o.phrase.in(t.append(nil, v.Raw, true))
	case op == ":" && o.prefix:
		return strings.HasPrefix(text, o.text)
	case op == ":", op == "=":
		return len(text) == len(o.text) && equalFold(text, lowerASCII(o.text))
	}
	return false
}

// sql asks the full-text index for the names, which are in the payload as
// well, and for the words that are looked for there.
func (p path) sql(scope Scope) Condition {
	var parts []string
	for _, name := range p.names {
		if _, err := strconv.ParseUint(name, 10, 31); err == nil {
			continue // perhaps an index
		}
		if phrase, ok := newPhrase(name, false); ok {
			parts = append(parts, phrase.fts())
		}
	}
	if alternatives := p.alternatives(); alternatives != nil {
		parts = append(parts, "("+strings.Join(alternatives, " OR ")+")")
	}
	if parts == nil {
		return Condition{SQL: "json"}
	}
	return scope.indexed(strings.Join(parts, " AND "))
}

// alternatives are the phrases of which one is in the payload; none where that
// can't be said.
func (p path) alternatives() []string {
	if p.op != ":" && p.op != "=" {
		return nil
	}
	var parts []string
	for _, o := range p.list {
		if o.phrase.empty() || o.prefix {
			return nil
		}
		if o.isNumber {
			spellings, ok := o.number.spellings()
			if !ok || p.op == "=" { // then strings are compared as numbers, too: "007" is 7
				return nil
			}
			parts = append(parts, spellings...)
		}
		parts = append(parts, o.phrase.fts())
	}
	return parts
}
