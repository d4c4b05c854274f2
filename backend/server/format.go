package server

import (
	"strings"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/sse"
)

// The formats of /event_stream. Readers of one format and selection share the
// encoded bytes.
var (
	// formatRaw is the event under its feed's own name, with the payload as it
	// came.
	formatRaw = hub.Format{Name: "raw", Append: func(dst []byte, e *event.Event) []byte {
		return appendFrame(dst, e.ID.String(), e.Type, e.Data)
	}}
	// formatJSON is an unnamed message with the whole event.
	formatJSON = hub.Format{Name: "json", Append: func(dst []byte, e *event.Event) []byte {
		dst = append(dst, "id: "...)
		dst = e.ID.Append(dst)
		dst = append(dst, "\ndata: "...)
		return append(e.AppendJSON(dst), "\n\n"...) // JSON of ours has no line breaks
	}}
	// formatBatch is the inside of a list, a comma behind each event: frames of
	// many events are made from it by appendBatch.
	formatBatch = hub.Format{Name: "batch", Append: func(dst []byte, e *event.Event) []byte {
		return append(e.AppendJSON(dst), ',')
	}}
)

// appendFrame adds one SSE frame.
func appendFrame(dst []byte, id, typ string, data []byte) []byte {
	framed, err := sse.AppendEvent(dst, id, typ, data)
	if err != nil {
		// The id is ours, so it is the type that can't travel: only feeds that
		// aren't SSE can bring a line break in one.
		typ = strings.NewReplacer("\r", " ", "\n", " ").Replace(typ)
		framed, _ = sse.AppendEvent(dst, id, typ, data)
	}
	return framed
}

// appendBatch adds one unnamed frame with a list of events: encoded is what
// formatBatch made of them, next the id of the last one.
func appendBatch(dst, encoded []byte, next event.ID) []byte {
	dst = append(dst, "id: "...)
	dst = next.Append(dst)
	dst = append(dst, "\ndata: {\"events\":["...)
	dst = append(dst, encoded[:len(encoded)-1]...)
	dst = append(dst, `],"next":"`...)
	dst = next.Append(dst)
	return append(dst, "\"}\n\n"...)
}
