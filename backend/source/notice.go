package source

import (
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// notice is something wrong with a feed that we get over. It is counted, and named
// in the feed's log the first time.
type notice int

const (
	noticeUTF8 notice = iota
	noticeNUL
	noticePieces
	noticeEntities
	notices // how many there are
)

func (n notice) String() string {
	switch n {
	case noticeUTF8:
		return "The server sends bytes that are no text (not UTF-8): they are shown as \ufffd."
	case noticeNUL:
		return "The server puts a NUL into ids of events, which makes them void: such events can't be resumed after."
	case noticePieces:
		return "The server sends its data in very small pieces, which is slow: it should write whole events."
	case noticeEntities:
		return "The server's XML defines entities of its own: they are not expanded."
	}
	return ""
}

// notice counts something wrong that we get over.
func (e *Emitter) notice(n notice) { e.to.notice(n) }

// odd is a notice of what was wrong in an event stream.
func (e *Emitter) odd(what sse.Oddity) {
	switch what {
	case sse.InvalidUTF8:
		e.notice(noticeUTF8)
	case sse.NULInID:
		e.notice(noticeNUL)
	}
}

// checkText gives notice of events that are no text.
func (e *Emitter) checkText(raws []event.Raw) {
	for _, raw := range raws {
		if !utf8.Valid(raw.Data) {
			e.notice(noticeUTF8)
		}
	}
}

const (
	// manyPieces is over how many pieces their size is looked at.
	manyPieces = 64
	// smallPiece is what they have at least, on average, in bytes. The headers of
	// the smallest packet have more than twice as much.
	smallPiece = 16
	// fewPieces are not too many for an event.
	fewPieces = 4
	// pieceWait is after what silence a piece is the first of something new: a
	// sign of life may be as small.
	pieceWait = 5 * time.Second
)

// pieces are those in which events come.
type pieces struct {
	reads, bytes, events int
	last                 time.Time
}

// piece notes that n bytes have come at once.
func (e *Emitter) piece(n int) {
	p, now := &e.pieces, time.Now()
	if now.Sub(p.last) > pieceWait {
		*p = pieces{}
	}
	p.reads++
	p.bytes += n
	p.last = now
	if p.reads < manyPieces {
		return
	}
	if p.bytes < p.reads*smallPiece && p.events*fewPieces < p.reads {
		e.notice(noticePieces)
	}
	*p = pieces{}
}

// whole notes that an event, or a sign of life, is complete.
func (e *Emitter) whole() { e.pieces.events++ }

// pieceReader notes the pieces that pass.
type pieceReader struct {
	io.Reader
	emit *Emitter
}

func (r pieceReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.emit.piece(n)
	}
	return n, err
}

// pieceTransport notes the pieces that come over an upgraded connection.
type pieceTransport struct {
	next http.RoundTripper
	emit *Emitter
}

func (t pieceTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if conn, ok := resp.Body.(io.ReadWriteCloser); ok && resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = pieceConn{conn, pieceReader{conn, t.emit}}
	}
	return resp, nil
}

type pieceConn struct {
	io.ReadWriteCloser
	in pieceReader
}

func (c pieceConn) Read(p []byte) (int, error) { return c.in.Read(p) }

// notice names what is wrong in the feed's log, once.
func (r *runner) notice(n notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Counts.Odd++
	if r.noticed[n] {
		return
	}
	r.noticed[n] = true
	r.history.change(Change{time.Now(), r.health.State, n.String()})
	r.log.Warn("something is wrong with a feed", "what", n.String())
}
