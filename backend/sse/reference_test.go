package sse

import (
	"math"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"
)

// reference decodes a whole stream by the letter of the standards, a character at a time
// and as slowly as it likes. It counts sizes in decoded bytes, so a limit is only for
// streams of valid UTF-8.
func reference(stream []byte, lastID string, limit int) decoded {
	text := referenceUTF8(stream)
	if len(text) > 0 && text[0] == '\uFEFF' {
		text = text[1:]
	}
	p := &referenceParser{limit: limit, idBuffer: lastID, lastID: lastID}
	var line []rune
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
			i++
			fallthrough
		case text[i] == '\r', text[i] == '\n':
			p.line(string(line))
			line = nil
		default:
			line = append(line, text[i])
		}
	}
	p.got.LastID = p.lastID
	return p.got
}

type referenceParser struct {
	limit            int
	got              decoded
	data, typ        string
	idBuffer, lastID string
	idSize           int // of this block's own id
	ownID, skip      bool
}

func (p *referenceParser) line(line string) {
	if line == "" {
		p.dispatch()
		return
	}
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	long := len(value) > p.limit
	switch name {
	case "":
		if !long {
			p.got.Comments = append(p.got.Comments, value)
		}
	case "event":
		if p.fits(max(0, len(p.data)-1) + len(value) + p.idSize) {
			p.typ = value
		}
	case "data":
		if p.fits(len(p.data) + len(value) + len(p.typ) + p.idSize) {
			p.data += value + "\n"
		}
	case "id":
		// The id of an event that is skipped still counts, unless it is too long itself.
		fits := p.fits(max(0, len(p.data)-1)+len(p.typ)+len(value)) || p.skip && !long
		if fits && !strings.ContainsRune(value, 0) {
			p.idBuffer, p.idSize, p.ownID = value, len(value), true
		}
	case "retry":
		if value == "" || long || strings.Trim(value, "0123456789") != "" {
			return
		}
		ms, ok := new(big.Int).SetString(value, 10)
		if most := big.NewInt(math.MaxInt64 / int64(time.Millisecond)); !ok || ms.Cmp(most) > 0 {
			ms = most
		}
		p.got.Retries = append(p.got.Retries, time.Duration(ms.Int64())*time.Millisecond)
	}
}

func (p *referenceParser) fits(size int) bool {
	if size > p.limit && !p.skip {
		p.skip, p.data, p.typ = true, "", ""
		p.got.TooLarge++
	}
	return !p.skip
}

func (p *referenceParser) dispatch() {
	p.lastID = p.idBuffer
	if p.data != "" && !p.skip {
		ev := Event{Type: p.typ, Data: strings.TrimSuffix(p.data, "\n"), LastEventID: p.lastID, HasID: p.ownID}
		if ev.Type == "" {
			ev.Type = "message"
		}
		p.got.Events = append(p.got.Events, ev)
	}
	p.data, p.typ, p.idSize, p.ownID, p.skip = "", "", 0, false, false
}

// referenceUTF8 is the UTF-8 decoder of the Encoding standard, step by step.
func referenceUTF8(stream []byte) []rune {
	var out []rune
	var point rune
	var seen, needed int
	lower, upper := byte(0x80), byte(0xBF)
	for i := 0; i < len(stream); i++ {
		b := stream[i]
		if needed == 0 {
			switch {
			case b <= 0x7F:
				out = append(out, rune(b))
			case b >= 0xC2 && b <= 0xDF:
				needed, point = 1, rune(b&0x1F)
			case b >= 0xE0 && b <= 0xEF:
				if b == 0xE0 {
					lower = 0xA0
				}
				if b == 0xED {
					upper = 0x9F
				}
				needed, point = 2, rune(b&0xF)
			case b >= 0xF0 && b <= 0xF4:
				if b == 0xF0 {
					lower = 0x90
				}
				if b == 0xF4 {
					upper = 0x8F
				}
				needed, point = 3, rune(b&0x7)
			default:
				out = append(out, utf8.RuneError)
			}
			continue
		}
		if b < lower || b > upper {
			point, needed, seen, lower, upper = 0, 0, 0, 0x80, 0xBF
			out = append(out, utf8.RuneError)
			i-- // the byte is read again
			continue
		}
		lower, upper = 0x80, 0xBF
		point = point<<6 | rune(b&0x3F)
		if seen++; seen == needed {
			out = append(out, point)
			point, needed, seen = 0, 0, 0
		}
	}
	if needed != 0 {
		out = append(out, utf8.RuneError)
	}
	return out
}
