package sse

// DefaultMaxEvent is the size above which an event is skipped, unless told otherwise.
const DefaultMaxEvent = 4 << 20

// Event is one dispatched event (section 9.2.6). Its strings are valid UTF-8 and may be
// kept; short ones of neighbouring events share an allocation of 2 KiB.
type Event struct {
	// Type is "message" when the stream named none.
	Type string
	Data string
	// LastEventID is sticky: the last ID the stream has set, in this event or before it,
	// as in MessageEvent.lastEventId.
	LastEventID string
	// HasID says that this event's own block carried a valid id field, empty or not.
	HasID bool
}

// Frame is an [Event] whose bytes belong to the Decoder and hold only until its next call.
// Like an Event's strings they are valid UTF-8.
type Frame struct {
	Type        []byte
	Data        []byte
	LastEventID []byte
	HasID       bool
}
