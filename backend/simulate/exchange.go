package simulate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"net"
	"net/http"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// exchange is one request with its answer: a ResponseWriter that breaks what passes as its
// fault says. Who writes an event or a document calls begin first and writes it at once, so
// that a cut comes in the middle of it. Only its handler's goroutine uses it.
type exchange struct {
	http.ResponseWriter
	r     *http.Request
	entry *logEntry
	feed  *feed
	fault Fault

	events atomic.Int64 // begun so far; a WebSocket's reader asks, too, to answer pings
	writes int          // so far
	noBody bool
	wrote  bool // the header
	zip    *gzip.Writer
}

// begin says that what is written next is an event, or a whole document.
func (x *exchange) begin() { x.events.Add(1) }

// meet makes f the fault of x.
func (x *exchange) meet(f Fault) {
	x.fault = f
	if f.Name == "gzip" {
		x.zip = gzip.NewWriter(x.ResponseWriter)
	}
}

// WriteHeader sends the header, made to fit what the fault does to the body.
func (x *exchange) WriteHeader(code int) {
	x.wrote = true
	x.entry.status(code)
	x.noBody = code == http.StatusNotModified || code == http.StatusNoContent || code < 200
	switch {
	case x.noBody:
	case x.zip != nil:
		x.Header().Set("Content-Encoding", "gzip")
		x.Header().Del("Content-Length")
	case x.fault.Name == "bom", x.fault.Name == "cr", x.fault.Name == "crlf":
		x.Header().Del("Content-Length")
	}
	x.ResponseWriter.WriteHeader(code)
}

// Write sends one event, broken as the fault says. For a cut it doesn't return: it ends the
// handler.
func (x *exchange) Write(p []byte) (int, error) {
	if !x.wrote {
		x.WriteHeader(http.StatusOK)
	}
	out, cut := x.damage(p)
	var err error
	for _, piece := range pieces(x.fault.Name, out) {
		if err = x.send(piece); err != nil {
			return 0, err
		}
		if len(piece) < len(out) || cut {
			x.flush()
		}
	}
	if cut {
		panic(http.ErrAbortHandler)
	}
	return len(p), nil
}

// damage returns what goes out for one write, and whether the connection is cut after it.
func (x *exchange) damage(p []byte) (out []byte, cut bool) {
	x.writes++
	switch x.fault.Name {
	case "bom":
		if x.writes == 1 {
			return append([]byte("\xEF\xBB\xBF"), p...), false
		}
	case "cr":
		return bytes.ReplaceAll(p, []byte("\n"), []byte("\r")), false
	case "crlf":
		return bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")), false
	case "cut-mid-event":
		if x.events.Load() > x.wholeEvents() {
			return p[:len(p)/2], true
		}
	}
	return p, false
}

// wholeEvents is how many come before a cut. A document is cut itself.
func (x *exchange) wholeEvents() int64 {
	if x.feed.protocol.isStream() {
		return int64(x.fault.after())
	}
	return 0
}

// pieces are the parts of p that are to be sent by themselves.
func pieces(fault string, p []byte) [][]byte {
	var parts [][]byte
	switch fault {
	case "one-byte":
		for i := range p {
			parts = append(parts, p[i:i+1])
		}
	case "split-utf8":
		start := 0
		for i := range p {
			if i > 0 && !utf8.RuneStart(p[i]) {
				parts = append(parts, p[start:i])
				start = i
			}
		}
		parts = append(parts, p[start:])
	default:
		parts = [][]byte{p}
	}
	return parts
}

func (x *exchange) send(p []byte) (err error) {
	if x.zip != nil && !x.noBody {
		_, err = x.zip.Write(p)
		return err
	}
	_, err = x.ResponseWriter.Write(p)
	return err
}

// flush sends what has been written. That the client is gone shows in the context.
func (x *exchange) flush() {
	if x.zip != nil {
		_ = x.zip.Flush()
	}
	_ = http.NewResponseController(x.ResponseWriter).Flush()
}

// finish ends the answer.
func (x *exchange) finish() {
	if x.zip != nil && x.wrote && !x.noBody {
		_ = x.zip.Close()
	}
}

// pause waits, and returns false if the client went meanwhile.
func (x *exchange) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	}
}

// Hijack hands over the connection, still broken as the fault says: each write of it is then
// one WebSocket frame.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(x.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	broken := &brokenConn{Conn: conn, x: x}
	return broken, bufio.NewReadWriter(rw.Reader, bufio.NewWriter(broken)), nil
}

// brokenConn is the connection of a WebSocket with a fault.
type brokenConn struct {
	net.Conn
	x *exchange
}

func (c *brokenConn) Write(p []byte) (int, error) {
	out, cut := c.x.damage(p)
	for _, piece := range pieces(c.x.fault.Name, out) {
		if _, err := c.Conn.Write(piece); err != nil {
			return 0, err
		}
	}
	if cut {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return len(p), nil
}
