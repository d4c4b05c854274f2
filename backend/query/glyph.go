package query

import (
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// glyph is what becomes of a character that no other one changes.
type glyph struct {
	does role
	r    rune // what it is in a token
}

// role is what a character does to the tokens.
type role uint8

const (
	combines role = iota // with others, or into several: only composing a whole run can tell
	vanishes             // it is no part of the spelling
	parts                // it stands between tokens
	joins                // the token that it is a letter of
	isAlone              // it is a token of its own
)

func (g glyph) append(dst []byte) []byte {
	switch g.does {
	case joins:
		return utf8.AppendRune(dst, g.r)
	case isAlone:
		return append(utf8.AppendRune(endToken(dst), g.r), ' ')
	}
	return endToken(dst)
}

// glyphs remembers what became of characters, by blocks of 256 of them: to
// compose them anew costs ten times as much.
var glyphs [512]atomic.Pointer[[256]glyph]

func lookUp(r rune) glyph {
	if int(r>>8) >= len(glyphs) {
		if ignored(r) {
			return glyph{does: vanishes}
		}
		return glyph{}
	}
	block := glyphs[r>>8].Load()
	if block == nil {
		block = new([256]glyph)
		for i := range block {
			block[i] = newGlyph(r&^0xff | rune(i))
		}
		glyphs[r>>8].Store(block)
	}
	return block[r&0xff]
}

// newGlyph finds out what r does between two letters.
func newGlyph(r rune) glyph {
	if ignored(r) {
		return glyph{does: vanishes}
	}
	t := tokenizer{run: utf8.AppendRune(nil, r)}
	if !norm.NFKC.Properties(t.run).BoundaryBefore() {
		return glyph{} // it may become one with what is before it
	}
	between := append(t.compose([]byte(" a")), "a "...)
	middle := between[len(" a") : len(between)-len("a ")]
	switch became, size := utf8.DecodeRune(middle); {
	case string(middle) == " ":
		return glyph{does: parts}
	case size > 0 && len(middle) == size:
		return glyph{joins, became}
	case len(middle) > 2 && middle[0] == ' ':
		if became, size := utf8.DecodeRune(middle[1:]); len(middle) == size+2 && middle[size+1] == ' ' {
			return glyph{isAlone, became}
		}
	}
	return glyph{}
}
