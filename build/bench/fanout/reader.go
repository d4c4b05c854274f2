//go:build linux

package main

import (
	"bytes"
	"strings"
)

// Where a reader is in the response.
const (
	inHead      = iota
	inChunkSize // up to and with its line feed
	inChunk
	inChunkEnd // the line break behind a chunk
	inBody     // that isn't chunked
	ended      // by the server, which may leave the connection open
)

var (
	dataField  = []byte("data:")
	idField    = []byte("id:")
	sentMark   = []byte(`{"sent":`)
	numberMark = []byte(`,"n":`)
	headEnd    = []byte("\r\n\r\n")
)

// reader takes apart one response, with no more work than it takes to find the events' stamps: what the load generator
// spends, the servers don't have.
type reader struct {
	fd     int
	last   int64  // the number of its newest event
	state  int    // one of the above
	size   int    // bytes left of the chunk or the line break, or the chunk's size as far as it was read
	head   []byte // the response's head as far as it was read
	line   []byte // the beginning of a line whose end hasn't come
	lastID string // of the newest event, if keepID
	keepID bool
}

// feed takes the next bytes of the response.
func (r *reader) feed(p []byte, s *swarm) {
	for len(p) > 0 {
		switch r.state {
		case inHead:
			p = r.readHead(p, s)
		case inChunkSize:
			p = r.readChunkSize(p)
		case inChunk:
			n := min(r.size, len(p))
			r.lines(p[:n], s)
			p = p[n:]
			if r.size -= n; r.size == 0 {
				r.state, r.size = inChunkEnd, len("\r\n")
			}
		case inChunkEnd:
			n := min(r.size, len(p))
			p = p[n:]
			if r.size -= n; r.size == 0 {
				r.state = inChunkSize
			}
		case inBody:
			r.lines(p, s)
			return
		case ended:
			return
		}
	}
}

func (r *reader) readHead(p []byte, s *swarm) (rest []byte) {
	r.head = append(r.head, p...)
	end := bytes.Index(r.head, headEnd)
	if end < 0 {
		return nil
	}
	head, rest := string(r.head[:end]), r.head[end+len(headEnd):]
	r.head = nil
	r.state = inBody
	if strings.Contains(strings.ToLower(head), "transfer-encoding: chunked") {
		r.state = inChunkSize
	}
	s.opened(head)
	return rest
}

func (r *reader) readChunkSize(p []byte) (rest []byte) {
	for i, b := range p {
		switch {
		case '0' <= b && b <= '9':
			r.size = r.size<<4 | int(b-'0')
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			r.size = r.size<<4 | int(b|0x20-'a'+10)
		case b == '\n':
			r.state = inChunk
			if r.size == 0 {
				r.state = ended
			}
			return p[i+1:]
		}
	}
	return nil
}

func (r *reader) lines(p []byte, s *swarm) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			r.line = append(r.line, p...)
			return
		}
		if len(r.line) > 0 {
			r.line = append(r.line, p[:end]...)
			r.field(r.line, s)
			r.line = r.line[:0]
		} else {
			r.field(p[:end], s)
		}
		p = p[end+1:]
	}
}

// field takes one line of the stream.
func (r *reader) field(line []byte, s *swarm) {
	if r.keepID && bytes.HasPrefix(line, idField) {
		r.lastID = strings.TrimSpace(string(line[len(idField):]))
	}
	if !bytes.HasPrefix(line, dataField) {
		return
	}
	for {
		sent, number, rest, found := stamp(line)
		if !found {
			return
		}
		s.event(r, number, sent)
		if !s.packed {
			return // saves looking through the rest of every line
		}
		line = rest
	}
}

// stamp finds the next payload in a line, as appendEvent makes it.
func stamp(line []byte) (sent, number int64, rest []byte, found bool) {
	if _, rest, found = bytes.Cut(line, sentMark); !found {
		return 0, 0, nil, false
	}
	sent, rest = digits(rest)
	rest, found = bytes.CutPrefix(rest, numberMark)
	if !found {
		return 0, 0, nil, false
	}
	number, rest = digits(rest)
	return sent, number, rest, true
}

func digits(p []byte) (n int64, rest []byte) {
	for len(p) > 0 && '0' <= p[0] && p[0] <= '9' {
		n = n*10 + int64(p[0]-'0')
		p = p[1:]
	}
	return n, p
}
