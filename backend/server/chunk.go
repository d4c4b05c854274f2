package server

import "strconv"

// lastChunk ends an answer in chunks.
const lastChunk = "0\r\n\r\n"

// appendChunk adds b as one chunk of HTTP/1.1 (RFC 9112, section 7.1): what
// net/http does to a handler's writes. Without chunks, which end where a write
// did, some clients wait until a buffer of theirs is full.
func appendChunk(dst, b []byte) []byte {
	dst = append(appendChunkHead(dst, len(b)), b...)
	return append(dst, "\r\n"...)
}

func appendChunkHead(dst []byte, size int) []byte {
	return append(strconv.AppendInt(dst, int64(size), 16), "\r\n"...)
}

// sharedChunk is the chunk that a writer made last: most of its streams are at
// the same place, so it is made once for them all.
type sharedChunk struct {
	frames []byte // what is in it
	chunk  []byte
	lent   bool // somebody still reads the chunk's bytes
}

// of returns frames, which are some, as a chunk that holds until the next call.
func (s *sharedChunk) of(frames []byte) []byte {
	// The hub's frames never change, so those at the same place are the same.
	if len(frames) == len(s.frames) && &frames[0] == &s.frames[0] {
		return s.chunk
	}
	if s.lent {
		s.chunk, s.lent = nil, false
	}
	s.frames, s.chunk = frames, appendChunk(s.chunk[:0], frames)
	return s.chunk
}

// lend lets the last chunk be read for longer. Streams that are as far behind
// share what is left of it.
func (s *sharedChunk) lend() { s.lent = true }

// shrink lets what one large event took go.
func (s *sharedChunk) shrink() {
	if cap(s.chunk) > 2*chunk {
		*s = sharedChunk{}
	}
}
