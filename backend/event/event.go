package event

import (
	"bytes"
	"strings"
	"time"
)

// DefaultType is the type of an event whose feed named none, as in the WHATWG
// standard's section 9.2.6.
const DefaultType = "message"

// Raw is one event as it came from outside, before any mapping.
type Raw struct {
	Type string // the feed's own event name; "" when it gave none
	Data []byte // the payload; whoever makes a Raw gives the slice away
	ID   string // the feed's own id of this event; "" when it gave none

	// Position says that ID is a place in the stream rather than an item's name:
	// other content under the same id is another event, not a new version.
	Position bool

	// Resume is the token that fetches what comes after this event, in
	// whatever form the feed's kind understands. "" keeps the previous one.
	Resume string

	ReceivedAt time.Time
}

// Event is one event of the tape. The journal fills ID and Revises; the rest
// comes from mapping. Events are shared between goroutines: nobody changes one
// after the journal has numbered it.
type Event struct {
	ID       ID
	Feed     string // the id of the feed
	Type     string // never empty
	SourceID string // the feed's own id, by which duplicates are known
	Position bool   // what Raw.Position says of SourceID; the journal asks when it stores the event
	Key      string // what the event is about, for "latest by key"
	Title    string
	Text     string
	URL      string
	Value    string // a JSON number, digits as they came
	Severity string // one of Severities, or ""

	SourceTime time.Time // when the feed says it happened; zero if it doesn't
	ReceivedAt time.Time

	Revises uint64 // the seq of the event that this one is a new version of; 0 for none

	Data []byte // the payload, byte for byte
	JSON bool   // whether Data is one valid JSON value
}

// Severities lists what Event.Severity may say, from least to most severe.
var Severities = []string{"debug", "info", "warning", "error", "critical"}

// Clone returns a copy that shares no memory with e but the epoch's. Its texts
// are one string, so that a copy is cheap to make and to let go.
func (e *Event) Clone() Event {
	c := *e
	texts := [...]*string{&c.Feed, &c.Type, &c.SourceID, &c.Key, &c.Title, &c.Text, &c.URL, &c.Value, &c.Severity}
	var all strings.Builder
	size := 0
	for _, text := range texts {
		size += len(*text)
	}
	all.Grow(size)
	for _, text := range texts {
		all.WriteString(*text)
	}
	rest := all.String()
	for _, text := range texts {
		*text, rest = rest[:len(*text)], rest[len(*text):]
	}
	c.Data = bytes.Clone(e.Data)
	return c
}

// Size is about how much memory the event holds, in bytes.
func (e *Event) Size() int {
	const fixed = 256 // the struct and the allocator's rounding
	return fixed + len(e.Feed) + len(e.Type) + len(e.SourceID) + len(e.Key) +
		len(e.Title) + len(e.Text) + len(e.URL) + len(e.Value) + len(e.Data)
}
