package query

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// pattern holds where the regular expression matches one of the named field, or
// with none the title, the text or the payload as it came.
type pattern struct {
	name string
	re   regex
}

func (p pattern) String() string {
	if p.name == "" {
		return p.re.String()
	}
	return p.name + ":" + p.re.String()
}

func (p pattern) match(s *subject) bool {
	switch p.name {
	case "":
		return p.re.in(s.Title) || p.re.in(s.text()) || (!s.isText() && p.re.in(asString(s.Data)))
	case "title":
		return p.re.in(s.Title)
	case "text":
		return p.re.in(s.text())
	case "data":
		return p.re.in(asString(s.Data))
	}
	return p.re.in(fields[p.name].get(s.Event))
}

func (p pattern) cost() int           { return 100 }
func (p pattern) sql(Scope) Condition { return unknown() }

// regex is a regular expression in RE2's syntax. It takes time in proportion to
// the text and to its own size, so both are bounded: what a stranger asks for
// is matched on the way of each event.
type regex struct{ *regexp.Regexp }

const (
	maxRegex    = 500      // instructions; \w+@\w+ has seven
	maxSearched = 64 << 10 // bytes of each text
)

func compile(text string) (regex, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return regex{}, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err == nil && len(program.Inst) > maxRegex {
		err = errors.New("it is too large")
	}
	if err != nil {
		return regex{}, err
	}
	re, err := regexp.Compile(text)
	return regex{re}, err
}

// in reports whether the expression matches in the beginning of a text.
func (r regex) in(text string) bool { return r.MatchString(text[:min(len(text), maxSearched)]) }

// String is the expression between slashes.
func (r regex) String() string {
	var b strings.Builder
	b.WriteByte('/')
	text := r.Regexp.String()
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			b.WriteByte('\\')
			i++
		case text[i] == '/':
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte('/')
	return b.String()
}
