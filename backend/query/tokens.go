package query

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tickertape/backend/event"
)

// AppendIndex adds to dst what a full-text index stores of an event: the tokens
// of its payload, text, title and key, with spaces between. Whatever splits them at
// spaces, and at nothing else, finds what words and phrases find, also where
// several events stand behind each other. Which part they stand in it doesn't
// say: a text that was taken from the payload, as most are, is in it once.
func AppendIndex(dst []byte, e *event.Event) []byte {
	s := newSubject(e)
	defer s.release()
	start := len(dst)
	dst = append(dst, s.tokens(inData)...)
	for _, c := range []column{inText, inTitle} {
		if text, _ := s.source(c); s.JSON && isValue(asString(s.Data), text) {
			continue
		}
		if tokens := s.tokens(c); !bytes.Contains(dst[start:], tokens) {
			dst = append(append(dst, border...), tokens...)
		}
	}
	if e.Key != "" && (!s.JSON || !isValue(asString(s.Data), e.Key)) {
		s.key = s.append(s.key[:0], e.Key, false)
		if !bytes.Contains(dst[start:], s.key) {
			dst = append(append(dst, border...), s.key...)
		}
	}
	if hasPowers(e) {
		dst = append(append(dst, powers...), ' ')
	}
	return append(append(dst, border...), ' ')
}

// isValue reports whether a text stands in JSON as it is, between quotation
// marks: its tokens are among those of the JSON then. It may miss some that do.
func isValue(json, text string) bool {
	const enough = 32 // bytes; a few are found much faster than many
	if strings.Contains(text, `\`) {
		return false // it would mean something else there
	}
	head := text[:min(len(text), enough)]
	at := strings.Index(json, head)
	end := at + len(text)
	return at > 0 && end < len(json) && json[at-1] == '"' && json[end] == '"' && json[at:end] == text
}

// border is a token that no query has, so that no phrase reaches from one part,
// or event, into the next.
const border = "\uFFFD"

// IndexVersion tells apart what Index returned at different times: an index of
// another version would miss events, and is to be made anew. The tables of
// Unicode grow with Go and with norm.
const IndexVersion = "4/" + unicode.Version + "/" + norm.Version

// tokenizer cuts text into tokens: runs of letters and digits, compared without
// regard to case, width or accents. Characters of scripts that put no spaces
// between words, and pictures such as emoji, are a token each, so that a word
// of theirs is found as a phrase of its characters.
type tokenizer struct{ run, composed []byte }

// What the bytes of ASCII mean. Everything larger is what a letter or a digit
// becomes.
const (
	between   = iota // tokens
	backslash        // an escape, in JSON
	beyond           // not ASCII
)

var ascii = func() (class [256]byte) {
	for c := range class {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			class[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			class[c] = byte(c) + 'a' - 'A'
		case c == '\\':
			class[c] = backslash
		case c >= utf8.RuneSelf:
			class[c] = beyond
		}
	}
	return class
}()

// append adds the tokens of text to dst: a space, then each with a space behind
// it. In JSON escapes are read as what they stand for; names and values are
// text alike.
func (t *tokenizer) append(dst []byte, text string, json bool) []byte {
	dst = append(slices.Grow(dst, len(text)+2), ' ')
	for i := 0; i < len(text); {
		switch c := ascii[text[i]]; {
		case c > beyond:
			dst = append(dst, c)
			i++
		case c == beyond || (c == backslash && json):
			var n int
			dst, n = t.appendRun(dst, text[i:], json)
			i += n
		default:
			dst = endToken(dst)
			i++
		}
	}
	return endToken(dst)
}

func endToken(dst []byte) []byte {
	if dst[len(dst)-1] != ' ' {
		dst = append(dst, ' ')
	}
	return dst
}

// appendRun adds the tokens of what is not plain ASCII at the beginning of
// text, and says how long that is: one escape, or a whole run of characters,
// as marks combine with what is before them.
func (t *tokenizer) appendRun(dst []byte, text string, json bool) ([]byte, int) {
	t.run = t.run[:0]
	before, simple := len(dst), true
	n := 0
	for n < len(text) {
		r, size := rune(text[n]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[n:])
		} else if json && r == '\\' {
			r, size = unescape(text[n:])
		}
		if r < utf8.RuneSelf {
			if n == 0 { // an escape of ASCII
				return appendRune(dst, r), size
			}
			break
		}
		n += size
		known := lookUp(r)
		if known.does == vanishes {
			continue
		}
		t.run = utf8.AppendRune(t.run, r)
		if simple = simple && known.does != combines; simple {
			dst = known.append(dst)
		}
	}
	if !simple {
		dst = t.compose(dst[:before])
	}
	return dst, n
}

// compose adds the tokens of the run.
func (t *tokenizer) compose(dst []byte) []byte {
	t.composed = norm.NFKC.Append(t.composed[:0], t.run...)
	for rest := t.composed; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r >= utf8.RuneSelf {
			r = base(r, rest)
		}
		dst = appendRune(dst, r)
		rest = rest[size:]
	}
	return dst
}

// base is the letter that r, the first of text, is without its accents.
func base(r rune, text []byte) rune {
	parts := norm.NFD.Properties(text).Decomposition()
	first, size := utf8.DecodeRune(parts)
	for i := size; i < len(parts); {
		mark, size := utf8.DecodeRune(parts[i:])
		if !ignored(mark) {
			return r // が is not an accented か
		}
		i += size
	}
	if size == 0 {
		return r
	}
	return first
}

// appendRune adds a composed character without accents.
func appendRune(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if c := ascii[r]; c > beyond {
			return append(dst, c)
		}
		return endToken(dst)
	}
	switch {
	case ignored(r):
		return dst
	case alone(r):
		dst = utf8.AppendRune(endToken(dst), r)
		return append(dst, ' ')
	case unicode.In(r, unicode.L, unicode.N, unicode.M):
		if spelling, ok := spellings[unicode.ToLower(r)]; ok {
			return append(dst, spelling...)
		}
		return utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return endToken(dst)
}

// spellings are of letters that no decomposition takes apart.
var spellings = map[rune]string{
	'ß': "ss", 'ς': "σ", 'ı': "i", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe",
}

// ignored reports whether a character is no part of the spelling: the accents
// and vowel points of alphabets, and what only steers the layout. The marks of
// Indian scripts and of kana are letters.
func ignored(r rune) bool {
	const (
		softHyphen = 0xad
		tatweel    = 0x640
		dakuten    = 0x3099
		handakuten = 0x309a
	)
	switch {
	case r < 0x300:
		return r == softHyphen
	case r == dakuten || r == handakuten:
		return false
	case r == tatweel || unicode.Is(unicode.Cf, r):
		return true
	}
	return unicode.Is(unicode.Mn, r) &&
		unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic, unicode.Syriac)
}

// alone reports whether a character is a token of its own. Korean has spaces,
// but joins its particles to the words.
func alone(r rune) bool {
	switch {
	case r < 0xa6:
		return false
	case r == utf8.RuneError:
		return false
	case unicode.In(r, unicode.So):
		return true
	}
	return (r >= 0x3005 && r <= 0x30ff || // the marks that kana share, too
		unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
			unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)) &&
		unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// unescape reads the escape that text begins with. What it stands for is a
// space where the exact character makes no difference.
func unescape(text string) (r rune, size int) {
	r, ok := hex4(text)
	if !ok {
		return ' ', min(2, len(text))
	}
	if r >= 0xd800 && r < 0xdc00 {
		if low, ok := hex4(text[6:]); ok && low >= 0xdc00 && low < 0xe000 {
			return (r-0xd800)<<10 + low - 0xdc00 + 0x10000, 12
		}
	}
	if r >= 0xd800 && r < 0xe000 {
		r = utf8.RuneError
	}
	return r, 6
}

// hex4 reads \uXXXX.
func hex4(text string) (r rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(text[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 + rune(c)
	}
	return r, true
}
