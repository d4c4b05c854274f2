package source

import (
	"bytes"
	"strings"
	"time"
)

// Change is one change of a feed's state.
type Change struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
	Cause string    `json:"cause,omitempty"` // a sentence
}

// BadInput is input that could not be used.
type BadInput struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"` // a sentence
	Sample string    `json:"sample"` // its first 2 KiB
}

const (
	maxChanges = 200
	maxBad     = 20
	sampleSize = 2 << 10
)

// badInput is what a driver reports.
type badInput struct {
	Reason string
	sample []byte
}

// newBad copies what of the input is kept.
func newBad(reason string, input []byte) badInput {
	return badInput{reason, bytes.Clone(input[:min(len(input), sampleSize)])}
}

// history is what a feed remembers of its life.
type history struct {
	changes []Change
	bad     []BadInput
}

func (h *history) change(c Change) { h.changes = remember(h.changes, c, maxChanges) }

func (h *history) addBad(at time.Time, b badInput) {
	h.bad = remember(h.bad, BadInput{at, b.Reason, strings.ToValidUTF8(string(b.sample), "\ufffd")}, maxBad)
}

// remember appends to a list that forgets its oldest beyond most.
func remember[T any](list []T, v T, most int) []T {
	if len(list) == most {
		copy(list, list[1:])
		list[most-1] = v
		return list
	}
	return append(list, v)
}
