package sse

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

// TestValidAgreesWithTheStandardLibrary tries every four of the bytes at which a rule begins
// or ends.
func TestValidAgreesWithTheStandardLibrary(t *testing.T) {
	borders := []byte{0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF}
	n := len(borders)
	for i := range n * n * n * n {
		seq := []byte{borders[i%n], borders[i/n%n], borders[i/n/n%n], borders[i/n/n/n]}
		if got, want := valid(seq), utf8.Valid(seq); got != want {
			t.Fatalf("valid(% X) = %v", seq, got)
		}
	}
}

func TestValidSeesEachByte(t *testing.T) {
	for length := range 80 {
		b := bytes.Repeat([]byte("a"), length)
		if !valid(b) {
			t.Errorf("%d bytes of ASCII are not valid", length)
		}
		for i := range b {
			b[i] = 0xFF
			if valid(b) {
				t.Errorf("%d bytes with a wrong one at %d are valid", length, i)
			}
			b[i] = 'a'
		}
	}
}
