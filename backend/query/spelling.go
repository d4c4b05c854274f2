package query

import (
	"strings"

	"tickertape/backend/event"
)

// A number in a payload has many spellings: 12.5, 12.50, 1.25e1. Those without
// an exponent have their tokens in common; those with one are so rare that all
// the events that have any get a token for it, and are looked at.

// powers is that token, which no query has.
const powers = "\uFFFDe"

// maxZeros is how many zeros are written out to spell a number.
const maxZeros = 40

// spellings are the phrases, in the language of FTS5, of which one is in every
// JSON payload that has the number. Without ok that can't be said.
func (d decimal) spellings() (phrases []string, ok bool) {
	digits := strings.TrimRight(strings.Replace(d.digits, ".", "", 1), "0")
	if d.order > maxZeros || d.order < -maxZeros {
		return nil, false
	}
	whole, fraction := "0", ""
	switch ones := int(d.order) + 1; {
	case digits == "":
	case ones <= 0:
		fraction = strings.Repeat("0", -ones) + digits
	case ones >= len(digits):
		whole = digits + strings.Repeat("0", ones-len(digits))
	default:
		whole, fraction = digits[:ones], digits[ones:]
	}
	p := phrase{tokens: " " + whole + " "}
	if fraction != "" { // zeros may follow
		p = phrase{tokens: " " + whole + " " + fraction + " ", prefix: true}
	}
	return []string{p.fts(), `"` + powers + `"`}, true
}

// hasPowers reports whether a payload has a number with an exponent: perhaps
// also where there is only one in a string.
func hasPowers(e *event.Event) bool {
	if !e.JSON {
		return false
	}
	data := e.Data
	for i := 1; i < len(data)-1; i++ {
		if data[i]|0x20 == 'e' && isDigit(data[i-1]) && (isDigit(data[i+1]) || data[i+1] == '+' || data[i+1] == '-') && beginsNumber(data[:i]) {
			return true
		}
	}
	return false
}

// beginsNumber reports whether data ends with digits and perhaps a point that
// stand where a value of JSON may begin.
func beginsNumber(data []byte) bool {
	i := len(data)
	for i > 0 && (isDigit(data[i-1]) || data[i-1] == '.') {
		i--
	}
	if i > 0 && data[i-1] == '-' {
		i--
	}
	return i == 0 || strings.IndexByte(":,[ \t\r\n", data[i-1]) >= 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
