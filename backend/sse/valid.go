package sse

import "encoding/binary"

// valid is utf8.Valid, made for what events hold: ASCII throughout, or text in which every
// other word has a character beyond it, where utf8.Valid has a branch to mispredict each.
func valid(b []byte) bool {
	if isASCII(b) {
		return true
	}
	state := uint64(complete)
	// Four at a time: a loop of a byte is so tight that where it happens to lie in memory
	// makes a fifth of its speed.
	for ; len(b) >= 4; b = b[4:] {
		state = utf8Rows[b[0]] >> (state & 63)
		state = utf8Rows[b[1]] >> (state & 63)
		state = utf8Rows[b[2]] >> (state & 63)
		state = utf8Rows[b[3]] >> (state & 63)
	}
	for _, c := range b {
		state = utf8Rows[c] >> (state & 63)
	}
	return state&63 == complete
}

// isASCII looks at eight bytes at a time, and at the last eight however they overlap.
func isASCII(b []byte) bool {
	const highBits = 0x8080808080808080
	if len(b) < 8 {
		all := byte(0)
		for _, c := range b {
			all |= c
		}
		return all < 0x80
	}
	all := word(b[len(b)-8:])
	for len(b) >= 32 {
		if (word(b)|word(b[8:])|word(b[16:])|word(b[24:]))&highBits != 0 {
			return false
		}
		b = b[32:]
	}
	for len(b) > 8 {
		all |= word(b)
		b = b[8:]
	}
	return all&highBits == 0
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// The states of a UTF-8 decoder: what must come next. Each is the place of its six bits in a
// row of utf8Rows, so that a step is one load and one shift, without a branch.
const (
	complete = 6 * iota // any character
	broken
	one     // one more continuation byte
	two     // two more
	three   // three more
	afterE0 // two more, the first not overlong
	afterED // two more, the first no surrogate
	afterF0 // three more, the first not overlong
	afterF4 // three more, the first not beyond U+10FFFF
)

// utf8Rows has, for each byte, the state that it leads to from each state.
var utf8Rows = func() (rows [256]uint64) {
	for i := range rows {
		b := byte(i)
		row := lead(b) << complete
		set := func(from, to uint64, low, high byte) {
			if b < low || b > high {
				to = broken
			}
			row |= to << from
		}
		set(broken, broken, 0, 0xFF)
		set(one, complete, 0x80, 0xBF)
		set(two, one, 0x80, 0xBF)
		set(three, two, 0x80, 0xBF)
		set(afterE0, one, 0xA0, 0xBF)
		set(afterED, one, 0x80, 0x9F)
		set(afterF0, two, 0x90, 0xBF)
		set(afterF4, two, 0x80, 0x8F)
		rows[i] = row
	}
	return rows
}()

// lead is the state after the first byte of a character.
func lead(b byte) uint64 {
	switch {
	case b <= 0x7F:
		return complete
	case b >= 0xC2 && b <= 0xDF:
		return one
	case b == 0xE0:
		return afterE0
	case b == 0xED:
		return afterED
	case b >= 0xE1 && b <= 0xEF:
		return two
	case b == 0xF0:
		return afterF0
	case b >= 0xF1 && b <= 0xF3:
		return three
	case b == 0xF4:
		return afterF4
	}
	return broken
}
