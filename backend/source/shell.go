package source

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// shellWords takes a command line apart as a POSIX shell does: '…', "…", $'…',
// backslashes, continued lines. What isn't copied from a browser has no meaning
// here: variables stay as they are, and the command ends at a pipe, a
// redirection, a semicolon or the end of the line. One for Windows' cmd, with
// its carets, is read as well.
func shellWords(line string) []string {
	line = strings.ReplaceAll(line, "\r\n", "\n")
	if strings.Contains(line, `^"`) {
		line = withoutCarets(line)
	}
	s := shell{rest: line}
	for s.step() {
	}
	s.end()
	return s.words
}

// withoutCarets undoes the escapes of cmd.exe: a caret takes the next
// character, or the end of the line, for what it is.
func withoutCarets(line string) string {
	var out strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] != '^' || i+1 == len(line) {
			out.WriteByte(line[i])
			continue
		}
		if i++; line[i] == '\n' {
			out.WriteByte(' ')
		} else {
			out.WriteByte(line[i])
		}
	}
	return out.String()
}

// shell is a command line on its way to words.
type shell struct {
	rest  string
	words []string
	word  strings.Builder
	begun bool // a word; '' is one, too
}

func (s *shell) end() {
	if s.begun {
		s.words = append(s.words, s.word.String())
		s.word.Reset()
		s.begun = false
	}
}

func (s *shell) add(text string) {
	s.word.WriteString(text)
	s.begun = true
}

// step reads a character or a quoted part; false is the end of the command.
func (s *shell) step() bool {
	if s.rest == "" {
		return false
	}
	c := s.rest[0]
	switch {
	case strings.HasPrefix(s.rest, "$'"):
		s.ansi()
		return true
	case c == '\'':
		text, rest, _ := strings.Cut(s.rest[1:], "'")
		s.add(text)
		s.rest = rest
		return true
	case c == '"':
		s.double()
		return true
	case c == '\\':
		s.escape()
		return true
	}
	s.rest = s.rest[1:]
	switch {
	case c == '\n':
		s.end()
		// Chats and notes lose the backslash: an option goes on with the command.
		return len(s.words) == 0 || strings.HasPrefix(strings.TrimLeft(s.rest, " \t"), "-")
	case c == ' ' || c == '\t':
		s.end()
	case c == '|' || c == ';' || c == '<' || c == '>':
		return false
	case c == '&' && (!s.begun || strings.HasPrefix(s.rest, "&")): // else it parts a query, in a URL without quotes
		return false
	default:
		s.word.WriteByte(c)
		s.begun = true
	}
	return true
}

// escape reads a backslash and what it stands before.
func (s *shell) escape() {
	if s.rest = s.rest[1:]; s.rest == "" {
		return
	}
	_, size := utf8.DecodeRuneInString(s.rest)
	if blank := strings.TrimLeft(s.rest, " \t"); strings.HasPrefix(blank, "\n") {
		s.rest = blank[1:] // also with blanks before the line's end, which a shell wouldn't forgive
		return
	}
	s.add(s.rest[:size])
	s.rest = s.rest[size:]
}

// double reads "…".
func (s *shell) double() {
	s.add("")
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return
		case c == '\\' && i+1 < len(s.rest) && s.rest[i+1] == '\n':
			i++
		case c == '\\' && i+1 < len(s.rest) && strings.IndexByte("\"\\$`!", s.rest[i+1]) >= 0:
			i++
			s.word.WriteByte(s.rest[i])
		default:
			s.word.WriteByte(c)
		}
	}
	s.rest = ""
}

// ansiEscapes are those of $'…' that stand for one character.
var ansiEscapes = map[byte]string{
	'a': "\a", 'b': "\b", 'e': "\x1b", 'E': "\x1b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v", '\\': `\`, '\'': "'", '"': `"`, '?': "?",
}

// ansi reads $'…'.
func (s *shell) ansi() {
	s.add("")
	text := s.rest[2:]
	for text != "" {
		switch {
		case text[0] == '\'':
			s.rest = text[1:]
			return
		case text[0] == '\\' && len(text) > 1:
			out, size := ansiEscape(text[1:])
			s.word.WriteString(out)
			text = text[1+size:]
		default:
			s.word.WriteByte(text[0])
			text = text[1:]
		}
	}
	s.rest = ""
}

// ansiEscape reads what stands behind a backslash in $'…', and how long it is.
func ansiEscape(text string) (out string, size int) {
	if plain, ok := ansiEscapes[text[0]]; ok {
		return plain, 1
	}
	digits, base, start := 0, 16, 1
	switch text[0] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3', '4', '5', '6', '7':
		digits, base, start = 3, 8, 0
	}
	end := start
	for end < len(text) && end < start+digits && strings.IndexByte("0123456789abcdefABCDEF"[:base+base/16*6], text[end]) >= 0 {
		end++
	}
	number, err := strconv.ParseUint(text[start:end], base, 32)
	if err != nil {
		return `\` + text[:1], 1
	}
	if text[0] != 'u' && text[0] != 'U' {
		return string([]byte{byte(number)}), end
	}
	// Chrome writes the two halves of UTF-16 one after the other.
	if low, ok := strings.CutPrefix(text[end:], `\u`); ok && utf16.IsSurrogate(rune(number)) && len(low) >= 4 {
		if second, err := strconv.ParseUint(low[:4], 16, 16); err == nil {
			return string(utf16.DecodeRune(rune(number), rune(second))), end + 6
		}
	}
	return string(rune(number)), end
}
