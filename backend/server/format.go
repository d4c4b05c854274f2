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

// chunked is a format whose every event is a chunk of HTTP/1.1 (RFC 9112,
// section 7.1): what net/http does to a handler's writes, done once for all
// readers. Without chunks, which end where a write did, some clients wait until
// a buffer of theirs is full.
func chunked(f hub.Format) hub.Format {
	return hub.Format{Name: f.Name + ", chunked", Append: func(dst []byte, e *event.Event) []byte {
		start := len(dst)
		return endChunk(f.Append(beginChunk(dst), e), start)
	}}
}

// chunkHead is the place for a chunk's size, in as many digits as any event
// needs.
const chunkHead = "0000000\r\n"

// lastChunk ends an answer in chunks.
const lastChunk = "0\r\n\r\n"

func beginChunk(dst []byte) []byte { return append(dst, chunkHead...) }

// endChunk ends the chunk that began at start.
func endChunk(dst []byte, start int) []byte {
	const digits = "0123456789abcdef"
	size := len(dst) - start - len(chunkHead)
	for i := start + len(chunkHead) - len("\r\n") - 1; size > 0; i-- {
		dst[i] = digits[size&0xf]
		size >>= 4
	}
	return append(dst, '\r', '\n')
}

var (
	rawChunked  = chunked(formatRaw)
	jsonChunked = chunked(formatJSON)
)
