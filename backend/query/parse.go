package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of a query.
const (
	MaxLength  = 4096 // bytes
	maxDepth   = 32   // parentheses and minus signs inside one another
	maxTerms   = 200  // words, phrases and values
	maxRegexes = 8
)

// Parse reads a query; README.md describes the language. Text of nothing but
// spaces selects everything. An error is an *Error.
func Parse(text string) (Expr, error) {
	p := parser{text: text}
	switch {
	case len(text) > MaxLength:
		return Expr{}, p.fail(0, len(text), "The query is too long: at most %d bytes.", MaxLength)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return Expr{}, p.fail(0, len(text), "The query is not text: it must be UTF-8 without zero bytes.")
	}
	if p.skipSpace(); p.pos == len(text) {
		return Expr{}, nil
	}
	root, err := p.or()
	if err == nil && p.pos < len(text) {
		err = p.fail(p.pos, p.pos+1, "This parenthesis closes nothing: remove it, or open one before.")
	}
	if err != nil {
		return Expr{}, err
	}
	return Expr{root}, nil
}

// parser is a recursive descent: or, and, unary, primary.
type parser struct {
	text    string
	pos     int // in bytes
	depth   int
	terms   int
	regexes int
}

// fail makes the error of a part of the text, in bytes.
func (p *parser) fail(pos, end int, format string, args ...any) error {
	runes := func(n int) int { return utf8.RuneCountInString(p.text[:min(n, len(p.text))]) }
	return &Error{runes(pos), runes(end), fmt.Sprintf(format, args...)}
}

func (p *parser) skipSpace() {
	p.pos = len(p.text) - len(strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace))
}

// next is the byte that comes next, 0 at the end.
func (p *parser) next() byte {
	if p.pos == len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

// ends reports whether a term can't go on at a character.
func ends(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' }

func isKeyword(word string) bool { return word == "OR" || word == "AND" || word == "NOT" }

// keyword reads one if it comes next.
func (p *parser) keyword(word string) bool {
	rest, found := strings.CutPrefix(p.text[p.pos:], word)
	if r, size := utf8.DecodeRuneInString(rest); !found || (size > 0 && !ends(r)) {
		return false
	}
	p.pos += len(word)
	p.skipSpace()
	return true
}

func (p *parser) or() (term, error) {
	var terms []term
	for {
		t, err := p.and()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		if !p.keyword("OR") {
			return either(terms), nil
		}
	}
}

func (p *parser) and() (term, error) {
	var terms []term
	for {
		t, err := p.unary()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		p.skipSpace()
		if p.keyword("AND") {
			continue
		}
		before := p.pos
		if p.next() == 0 || p.next() == ')' || p.keyword("OR") {
			p.pos = before
			return all(terms), nil
		}
	}
}

func (p *parser) unary() (term, error) {
	start := p.pos
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(start, start+1, "The query is nested too deeply: at most %d levels.", maxDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.next() == '-':
		p.pos++
	case !p.keyword("NOT"):
		return p.primary()
	}
	if r, _ := utf8.DecodeRuneInString(p.text[p.pos:]); p.next() == 0 || unicode.IsSpace(r) {
		return nil, p.fail(start, p.pos, "Expected what to leave out right behind the minus sign, as in -word.")
	}
	t, err := p.unary()
	if err != nil {
		return nil, err
	}
	return negate(t), nil
}

func (p *parser) primary() (term, error) {
	start := p.pos
	switch c := p.next(); {
	case c == '(':
		return p.group()
	case c == 0 || c == ')' || p.keyword("OR") || p.keyword("AND"):
		end := max(p.pos, min(start+1, len(p.text)))
		return nil, p.fail(start, end, "Expected a word, a phrase or a field here.")
	case c == '/':
		return p.regex("")
	case c == '"':
		v, err := p.value("")
		if err != nil {
			return nil, err
		}
		return p.words(columns, start, []value{v})
	}
	if name, names, op := p.field(); op != "" {
		return p.fieldTerm(start, name, names, op)
	}
	v, err := p.value("")
	if err != nil {
		return nil, err
	}
	return p.words(columns, start, []value{v})
}

// group is what stands in parentheses.
func (p *parser) group() (term, error) {
	start := p.pos
	p.pos++
	p.skipSpace()
	t, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.next() != ')' {
		return nil, p.fail(start, start+1, "This parenthesis is never closed: add a ) where it ends.")
	}
	p.pos++
	p.skipSpace()
	return t, nil
}

// value reads a quoted or a bare value, with the star behind it if it is only
// a beginning. Bare ones end at what ends a term, and at the characters of
// until.
func (p *parser) value(until string) (v value, err error) {
	start := p.pos
	if p.terms++; p.terms > maxTerms {
		return v, p.fail(start, len(p.text), "There are too many words and values: at most %d.", maxTerms)
	}
	if p.next() == '"' {
		if v.text, err = p.quotedText(); err == nil && p.next() == '*' {
			v.prefix = true
			p.pos++
		}
		return v, err
	}
	rest := p.text[p.pos:]
	end := strings.IndexFunc(rest, func(r rune) bool { return ends(r) || strings.ContainsRune(until, r) })
	if end < 0 {
		end = len(rest)
	}
	p.pos += end
	v.text, v.prefix = strings.CutSuffix(rest[:end], "*")
	return v, nil
}

// quotedText reads what stands between quotes, where \" is a quote.
func (p *parser) quotedText() (string, error) {
	var b strings.Builder
	start := p.pos
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return b.String(), nil
		case c == '\\' && p.pos+1 < len(p.text) && strings.IndexByte(`"\`, p.text[p.pos+1]) >= 0:
			p.pos++
			b.WriteByte(p.text[p.pos])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail(start, len(p.text), "This quotation mark is never closed: add a \" where it ends.")
}

// words makes the term of words that stand from start to here.
func (p *parser) words(c column, start int, values []value) (term, error) {
	w := words{column: c}
	for _, v := range values {
		phrase, ok := newPhrase(v.text, v.prefix)
		if !ok && strings.ContainsAny(v.text, "<>=") {
			return nil, p.fail(start, p.pos, "Expected no spaces around %s, as in value>100.", v.text)
		}
		if !ok {
			return nil, p.fail(start, p.pos, "Expected letters or digits: nothing else can be searched for as a word. /regular expressions/ find any characters.")
		}
		w.phrases = append(w.phrases, phrase)
	}
	return w, nil
}
