package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tickertape/backend/event"
)

// field reads the name of a field and the operator behind it. Where there is
// none op is "", and nothing is read.
func (p *parser) field() (name string, names []string, op string) {
	start := p.pos
	for c := p.next() | 0x20; c >= 'a' && c <= 'z'; c = p.next() | 0x20 {
		p.pos++
	}
	name = strings.ToLower(p.text[start:p.pos])
	if name == "data" && p.next() == '.' {
		names = p.path()
	}
	for _, op := range []string{":", ">=", "<=", "!=", "=", ">", "<"} {
		if name != "" && strings.HasPrefix(p.text[p.pos:], op) {
			p.pos += len(op)
			return name, names, op
		}
	}
	p.pos = start
	return "", nil, ""
}

// path reads the names behind data, each after a point.
func (p *parser) path() (names []string) {
	for p.next() == '.' {
		p.pos++
		var name string
		if p.next() == '"' {
			start := p.pos
			var err error
			if name, err = p.quotedText(); err != nil {
				p.pos = start
				return names
			}
		} else {
			rest := p.text[p.pos:]
			end := strings.IndexFunc(rest, func(r rune) bool { return ends(r) || strings.ContainsRune(".:<>=!,", r) })
			if end < 0 {
				end = len(rest)
			}
			name = rest[:end]
			p.pos += end
		}
		names = append(names, name)
	}
	return names
}

// fieldTerm reads what a field is compared with.
func (p *parser) fieldTerm(start int, name string, names []string, op string) (term, error) {
	switch {
	case names != nil:
		return p.pathTerm(start, names, op)
	case name == "value":
		return p.number(op)
	case name == "severity":
		return p.severity(op)
	case !slices.Contains(fieldNames, name):
		return nil, p.fail(start, p.pos, "There is no field %q: put quotes around the text to search for it as it is. Fields are %s, and data.name for what is in JSON.",
			name, strings.Join(fieldNames, ", "))
	case op != ":":
		return nil, p.fail(p.pos-len(op), p.pos, "Expected a colon after %s, as in %s:…. Only value, severity and data.name can be compared by size.", name, name)
	}
	switch name {
	case "since", "after", "before", "until":
		return p.time(name)
	case "has":
		return p.has()
	case "is":
		return p.is()
	}
	if p.next() == '/' {
		return p.regex(name)
	}
	at := p.pos
	values, err := p.values(name)
	if err != nil {
		return nil, err
	}
	if c := slices.Index(wordFields[:], name); c >= 0 {
		return p.words(column(c), at, values)
	}
	return newExact(name, values), nil
}

// fieldNames are all that may stand before an operator.
var fieldNames = []string{
	"feed", "type", "key", "id", "title", "text", "data", "url", "severity", "value", "has", "is", "since", "after", "before", "until",
}

// values reads a list, parted by commas.
func (p *parser) values(name string) (list []value, err error) {
	for {
		start := p.pos
		v, err := p.value(",")
		if err != nil {
			return nil, err
		}
		if v.text == "" {
			return nil, p.fail(start, p.pos, "Expected a value for %s here, or several with commas between them. has:… asks whether there is one.", name)
		}
		if list = append(list, v); p.next() != ',' {
			return list, nil
		}
		p.pos++
	}
}

func (p *parser) time(name string) (term, error) {
	start := p.pos
	v, err := p.value("")
	if err != nil {
		return nil, err
	}
	w, ok := newWhen(name, v.text)
	if !ok || v.prefix {
		return nil, p.fail(start, p.pos, "Expected a time after %s: such as 30s, 5m, 2h, 1d, 1w, 2026-11-01, 2026-11-01T08:30 or 2026-11-01T08:30:00Z.", name)
	}
	return w, nil
}

func (p *parser) has() (term, error) {
	start := p.pos
	if strings.HasPrefix(p.text[p.pos:], "data.") {
		p.pos += len("data")
		p.terms++
		names := p.path()
		if r, size := utf8.DecodeRuneInString(p.text[p.pos:]); size > 0 && !ends(r) {
			return nil, p.fail(p.pos, p.pos+size, "Expected a space after has:data.…, which asks for one path.")
		}
		return path{names: names}, p.checkPath(start, names)
	}
	values, err := p.values("has")
	if err != nil {
		return nil, err
	}
	var terms []term
	for _, v := range values {
		name := strings.ToLower(v.text)
		if _, known := hasFields[name]; !known || v.prefix {
			return nil, p.fail(start, p.pos, "Expected a field after has: one of id, key, title, text, url, value, severity, time, data, json, revises, or data.name for what is in JSON.")
		}
		terms = append(terms, has{name})
	}
	return either(terms), nil
}

func (p *parser) is() (term, error) {
	start := p.pos
	values, err := p.values("is")
	if err != nil {
		return nil, err
	}
	var terms []term
	for _, v := range values {
		name := strings.ToLower(v.text)
		if _, known := isMarks[name]; !known || v.prefix {
			return nil, p.fail(start, p.pos, "Expected starred or unread after is:, as in is:starred.")
		}
		terms = append(terms, is{name})
	}
	return either(terms), nil
}

// decimal reads the number of a comparison.
func (p *parser) decimal(name, op string) (d decimal, err error) {
	start := p.pos
	v, err := p.value("")
	if err != nil {
		return d, err
	}
	d, ok := parseDecimal(v.text)
	if !ok || v.prefix {
		return d, p.fail(start, p.pos, "Expected a number right behind %s%s, as in %s%s1.5.", name, op, name, op)
	}
	return d, nil
}

func (p *parser) number(op string) (term, error) {
	d, err := p.decimal("value", op)
	if op == ":" {
		op = "="
	}
	return number{op, d}, err
}

func (p *parser) severity(op string) (term, error) {
	start := p.pos
	values, err := p.values("severity")
	if err != nil {
		return nil, err
	}
	var than int
	for _, v := range values {
		than = slices.Index(event.Severities, strings.ToLower(v.text))
		if than < 0 || v.prefix || (op != ":" && len(values) > 1) {
			return nil, p.fail(start, p.pos, "Expected one of %s, as in severity:error or severity>=warning.", strings.Join(event.Severities, ", "))
		}
	}
	if op != ":" {
		if values = severities(op, than); values == nil {
			return nil, p.fail(start, p.pos, "No severity is that: they are %s.", strings.Join(event.Severities, ", "))
		}
	}
	return newExact("severity", values), nil
}

func (p *parser) pathTerm(start int, names []string, op string) (term, error) {
	t := path{names: names, op: op}
	if err := p.checkPath(start, names); err != nil {
		return nil, err
	}
	switch {
	case op == ":" && p.next() == '/':
		re, err := p.regexp()
		t.re = &re
		return t, err
	case op == ":":
		values, err := p.values("data")
		for _, v := range values {
			t.list = append(t.list, newOperand(v))
		}
		return t, err
	case op == "=" || op == "!=":
		return p.equals(t)
	}
	d, err := p.decimal("data.…", op)
	t.list = []operand{newOperand(value{text: d.text})}
	return t, err
}

// equals reads what the value at a path is as a whole. "" is one, nothing at all
// is not, and a star is a star.
func (p *parser) equals(t path) (term, error) {
	start := p.pos
	v, err := p.value("")
	if err == nil && p.pos == start {
		err = p.fail(start, start, "Expected a value right behind %s, as in data.user=bob.", t.op)
	}
	if v.prefix {
		v = value{text: v.text + "*"}
	}
	t.list = []operand{newOperand(v)}
	return t, err
}

// checkPath refuses paths with empty names and very long ones.
func (p *parser) checkPath(start int, names []string) error {
	if len(names) > maxDepth || slices.Contains(names, "") || len(names) == 0 {
		return p.fail(start, p.pos, "Expected names with a point before each, as in data.user.name: at most %d, with quotes around those that have spaces or points.", maxDepth)
	}
	return nil
}

// regex reads a regular expression over a field, or over all that is text.
func (p *parser) regex(name string) (term, error) {
	re, err := p.regexp()
	return pattern{name, re}, err
}

// regexp reads /…/, with an i behind it when case makes no difference.
func (p *parser) regexp() (re regex, err error) {
	if p.regexes++; p.regexes > maxRegexes {
		return re, p.fail(p.pos, len(p.text), "There are too many regular expressions: at most %d.", maxRegexes)
	}
	start := p.pos
	text, ok := p.regexText()
	if !ok {
		return re, p.fail(start, len(p.text), "This regular expression is never closed: add a / where it ends. Quotes search for text that begins with a slash.")
	}
	if p.next() == 'i' {
		p.pos++
		text = "(?i)" + text
	}
	if r, size := utf8.DecodeRuneInString(p.text[p.pos:]); size > 0 && !unicode.IsSpace(r) && r != ')' {
		return re, p.fail(start, p.pos+size, "Expected a space after the regular expression. Quotes search for text with slashes.")
	}
	if re, err = compile(text); err != nil {
		return re, p.fail(start, p.pos, "This regular expression is not valid (%s): see the RE2 syntax.", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// regexText reads up to the slash that closes. \/ is a slash in it.
func (p *parser) regexText() (string, bool) {
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '/':
			p.pos++
			return b.String(), true
		case c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			if p.text[p.pos] != '/' {
				b.WriteByte('\\')
			}
			b.WriteByte(p.text[p.pos])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}
