package query

import (
	"slices"
	"strings"
	"unicode"
)

// phrase is tokens that must stand next to each other.
type phrase struct {
	tokens string // with a space before and behind each
	prefix bool   // the last token may go on
}

// newPhrase cuts text into a phrase; ok is false when there is nothing in it.
func newPhrase(text string, prefix bool) (p phrase, ok bool) {
	var t tokenizer
	p = phrase{string(t.append(nil, text, false)), prefix}
	return p, !p.empty()
}

func (p phrase) empty() bool { return p.tokens == " " }

// in reports whether the phrase is among the tokens of a text.
func (p phrase) in(tokens []byte) bool {
	needle := p.tokens
	if p.prefix {
		needle = needle[:len(needle)-1]
	}
	return strings.Contains(asString(tokens), needle)
}

func (p phrase) String() string {
	text := quoted(strings.TrimSpace(p.tokens))
	if p.prefix {
		text += "*"
	}
	return text
}

// fts is the phrase in the language of SQLite's FTS5. Tokens have no quotes.
func (p phrase) fts() string {
	text := `"` + strings.TrimSpace(p.tokens) + `"`
	if p.prefix {
		text += " *"
	}
	return text
}

// words holds where one of its phrases is in one of the columns.
type words struct {
	column  column // columns: any
	phrases []phrase
}

// Which parts words look at, by the name of the field.
var wordFields = [...]string{inTitle: "title", inText: "text", inData: "data", columns: ""}

func (w words) String() string {
	parts := make([]string, len(w.phrases))
	for i, p := range w.phrases {
		parts[i] = p.String()
	}
	slices.Sort(parts)
	list := strings.Join(slices.Compact(parts), ",")
	if w.column == columns {
		return list
	}
	return wordFields[w.column] + ":" + list
}

func (w words) match(s *subject) bool {
	if w.column != columns {
		return w.in(s, w.column) || (w.column == inData && !s.JSON && w.in(s, inText) && s.isText())
	}
	return w.in(s, inTitle) || w.in(s, inText) || w.in(s, inData)
}

func (w words) in(s *subject, c column) bool {
	tokens := s.tokens(c)
	return slices.ContainsFunc(w.phrases, func(p phrase) bool { return p.in(tokens) })
}

func (w words) cost() int { return 10 }

// sql asks the full-text index, which doesn't know the columns.
func (w words) sql(scope Scope) Condition {
	parts := make([]string, len(w.phrases))
	for i, p := range w.phrases {
		parts[i] = p.fts()
	}
	return scope.indexed(strings.Join(parts, " OR "))
}

// quoted is text as the parser reads it back: bare where that is possible.
func quoted(text string) string {
	plain := func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.So) || r == '_' || r == '.'
	}
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 && !isKeyword(text) && text != "" {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
