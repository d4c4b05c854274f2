package sse

import "unicode/utf8"

// appendRepaired appends src to dst as the standard's UTF-8 decoder reads it: each maximal
// part of an ill-formed sequence becomes one U+FFFD. strings.ToValidUTF8 (one for a whole
// run) and a range loop (one for each byte) both differ from that.
func appendRepaired(dst, src []byte) []byte {
	for len(src) > 0 {
		good := 0
		for good < len(src) {
			r, n := utf8.DecodeRune(src[good:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			good += n
		}
		dst = append(dst, src[:good]...)
		src = src[good:]
		if len(src) > 0 {
			dst = append(dst, "\uFFFD"...)
			src = src[illFormed(src):]
		}
	}
	return dst
}

// illFormed returns how many bytes of the ill-formed sequence at the start of src one
// U+FFFD stands for: the longest prefix that could have begun a character, at least 1.
func illFormed(src []byte) int {
	low, high, length := byte(0x80), byte(0xBF), 0
	switch lead := src[0]; {
	case lead >= 0xE0 && lead <= 0xEF:
		length = 3
		switch lead {
		case 0xE0: // below it: overlong
			low = 0xA0
		case 0xED: // above it: surrogates
			high = 0x9F
		}
	case lead >= 0xF0 && lead <= 0xF4:
		length = 4
		switch lead {
		case 0xF0: // below it: overlong
			low = 0x90
		case 0xF4: // above it: beyond U+10FFFF
			high = 0x8F
		}
	}
	if length == 0 || len(src) < 2 || src[1] < low || src[1] > high {
		return 1
	}
	if length == 4 && len(src) > 2 && src[2] >= 0x80 && src[2] <= 0xBF {
		return 3
	}
	return 2
}
