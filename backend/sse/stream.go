package sse

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Stream is one connection to an event stream, made by [Client.Connect]. One goroutine at
// a time may call its methods; Close may be called from any.
type Stream struct {
	// Response is the answer; its Request.URL is where redirects led. Its body belongs to
	// the Stream.
	Response *http.Response

	dec     *Decoder
	cancel  context.CancelFunc
	release func()
	closed  atomic.Bool
}

// Next waits for the next event. It returns io.EOF when the server has ended the stream, a
// *TooLargeError for an event that was skipped (call it again to go on), an error that
// wraps ctx.Err() once the context given to Connect is done, net.ErrClosed after Close, and
// otherwise an error of the network.
func (s *Stream) Next() (Event, error) {
	ev, err := s.dec.Next()
	if err == nil {
		return ev, nil
	}
	return Event{}, s.readError(err)
}

// NextFrame is Next without any copy. The frame holds until the next call.
func (s *Stream) NextFrame() (Frame, error) {
	f, err := s.dec.NextFrame()
	if err == nil {
		return f, nil
	}
	return Frame{}, s.readError(err)
}

func (s *Stream) readError(err error) error {
	_, large := errors.AsType[*TooLargeError](err)
	switch {
	case large, err == io.EOF: //nolint:errorlint // a Reader says io.EOF itself; a wrapped one is an error
		return err
	case s.closed.Load():
		return fmt.Errorf("read event stream: %w", net.ErrClosed)
	default:
		return fmt.Errorf("read event stream: %w", err)
	}
}

// LastEventID returns the last event ID: where the next connection has to resume.
func (s *Stream) LastEventID() string { return s.dec.LastEventID() }

// Retry returns the reconnection time that the server set on this connection, and whether
// it set one. It is as the server sent it, however absurd.
func (s *Stream) Retry() (time.Duration, bool) { return s.dec.Retry() }

// Close ends the connection, and with it a Next in another goroutine. Closing twice is fine.
func (s *Stream) Close() error {
	s.closeBody()
	s.release()
	return nil
}

func (s *Stream) closeBody() {
	s.closed.Store(true)
	s.cancel()
	// What closing says about a connection that is being dropped anyway is of no use.
	_ = s.Response.Body.Close()
}

// newStream checks that resp is an event stream and wraps it.
func (c *Client) newStream(resp *http.Response, lastID string, cancel context.CancelFunc) (*Stream, error) {
	var body io.Reader = resp.Body
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		// net/http has decoded what it asked for itself. This was asked for by the caller's
		// Accept-Encoding, or by nobody.
		body = &lazyGzip{src: resp.Body}
	default:
		return nil, &EncodingError{Encoding: encoding, URL: resp.Request.URL.Redacted()}
	}
	if c.OnBytes != nil {
		body = &countingReader{src: body, on: c.OnBytes}
	}
	dec := NewDecoder(body, DecoderConfig{MaxEvent: c.MaxEvent, LastEventID: lastID, Comment: c.OnComment, Odd: c.OnOdd})
	return &Stream{Response: resp, dec: dec, cancel: cancel, release: func() {}}, nil
}

// lazyGzip reads the gzip header with the first bytes instead of before them, when there
// may be none yet.
type lazyGzip struct {
	src io.Reader
	zip *gzip.Reader
}

func (z *lazyGzip) Read(p []byte) (int, error) {
	if z.zip == nil {
		zip, err := gzip.NewReader(z.src)
		if err != nil {
			return 0, err
		}
		z.zip = zip
	}
	return z.zip.Read(p)
}

// countingReader tells on of all bytes that pass.
type countingReader struct {
	src io.Reader
	on  func(n int)
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if n > 0 {
		r.on(n)
	}
	return n, err
}
