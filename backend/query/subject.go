package query

import (
	"sync"
	"time"
	"unsafe"

	"tickertape/backend/event"
)

// column is a part of an event that words are looked for in.
type column int

const (
	inTitle column = iota
	inText
	inData
	columns
)

// subject is an event while it is matched: what several terms want to know of
// it is found out once.
type subject struct {
	*event.Event
	tokenizer
	made   [columns]bool
	folded [columns][]byte
	key    []byte
	clock  time.Time
	marks  Marks
}

// subjects are kept, so that matching doesn't allocate.
var subjects = sync.Pool{New: func() any { return new(subject) }}

func newSubject(e *event.Event) *subject {
	s, _ := subjects.Get().(*subject) // nothing else is in there
	s.Event, s.made, s.clock = e, [columns]bool{}, time.Time{}
	return s
}

// release gives s back. It must not be used any more.
func (s *subject) release() {
	const most = 1 << 20 // bytes: one large event shouldn't cost its size for ever
	size := cap(s.run) + cap(s.composed) + cap(s.key)
	for _, tokens := range s.folded {
		size += cap(tokens)
	}
	s.Event, s.marks = nil, nil
	if size <= most {
		subjects.Put(s)
	}
}

// tokens are those of one column, as tokenizer.append writes them.
func (s *subject) tokens(c column) []byte {
	if !s.made[c] {
		text, json := s.source(c)
		s.folded[c] = s.append(s.folded[c][:0], text, json)
		s.made[c] = true
	}
	return s.folded[c]
}

// source is the text of a column, and whether it is JSON.
func (s *subject) source(c column) (text string, json bool) {
	switch {
	case c == inTitle:
		return s.Title, false
	case c == inText:
		return s.text(), false
	case s.isText():
		return "", false // it is looked at as the text
	}
	return asString(s.Data), s.JSON
}

// text is what the journal gives back as the event's text.
func (s *subject) text() string {
	if s.Text == "" && !s.JSON {
		return asString(s.Data)
	}
	return s.Text
}

// isText reports whether the payload is its own text.
func (s *subject) isText() bool { return !s.JSON && (s.Text == "" || s.Text == string(s.Data)) }

// now is when the matching began, for times that are relative to it.
func (s *subject) now() time.Time {
	if s.clock.IsZero() {
		s.clock = time.Now()
	}
	return s.clock
}

// asString is a payload as a string without a copy: payloads may be megabytes,
// and nobody changes one.
func asString(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // see above
}
