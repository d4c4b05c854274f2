package source

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

const (
	pingEvery = 20 * time.Second
	pongWait  = 20 * time.Second
	// stepWait is how long a message that a script waits for may take.
	stepWait = 30 * time.Second
	// plannedLife is when a connection is renewed: exchanges cut theirs after 24
	// hours, all feeds of a program at once if it began them so.
	plannedLife = 23 * time.Hour
)

var (
	errNoPong  = errors.New("no answer to a ping")
	errPlanned = errors.New("planned renewal of the connection")
)

// scriptError is a step of the feed's script that was not answered.
type scriptError struct {
	step    int // from 1
	waitFor string
}

func (e *scriptError) Error() string {
	return fmt.Sprintf("step %d of the script waited for %q in vain", e.step, e.waitFor)
}

// handshakeError is an answer that is no WebSocket.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// webSocket reads messages, text and binary. It resumes by a cursor, where the
// feed has one.
type webSocket struct {
	feed  Feed
	agent string
	world network
}

func (d webSocket) Run(ctx context.Context, resume string, emit *Emitter) error {
	c, err := newClient(d.feed, d.agent, d.world)
	if err != nil {
		return err
	}
	defer c.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	conn, err := d.dial(ctx, c, resume, emit)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s := session{webSocket: d, conn: conn, emit: emit, reading: newReading(d.feed), fill: template{resume, string(d.feed.Auth.Secret)}}
	var pinging sync.WaitGroup
	defer pinging.Wait()
	defer cancel(nil)
	pinging.Go(func() { s.ping(ctx, cancel) })
	renew := time.AfterFunc(plannedLife+jitter(plannedLife/50), func() { cancel(errPlanned) })
	defer renew.Stop()
	err = s.run(ctx, cancel)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause // why we ended it says more than that it ended
	}
	if errors.Is(err, net.ErrClosed) {
		return errNoPong // the library gives up a connection to which it can't write a ping
	}
	return err
}

func (d webSocket) dial(ctx context.Context, c *client, resume string, emit *Emitter) (*websocket.Conn, error) {
	to, header, err := c.target(d.feed.URL, resume, "")
	if err != nil {
		return nil, err
	}
	dialCtx, cancel := context.WithTimeout(newChain(ctx), 2*d.feed.connectTimeout()+d.feed.answerTimeout())
	defer cancel()
	through := *c.http
	through.Transport = pieceTransport{c.http.Transport, emit}
	conn, resp, err := websocket.Dial(dialCtx, to, &websocket.DialOptions{
		HTTPClient: &through, HTTPHeader: header, Host: header.Get("Host"), Subprotocols: d.feed.Subprotocols,
	})
	switch {
	case err == nil:
		conn.SetReadLimit(-1) // its own would end the connection
		return conn, nil
	case resp == nil:
		return nil, fmt.Errorf("connect: %w", withoutURL(err))
	case resp.StatusCode >= http.StatusBadRequest:
		return nil, sse.NewStatusError(resp, func() {})
	}
	return nil, &handshakeError{err}
}

// session is one connection.
type session struct {
	webSocket

	conn    *websocket.Conn
	emit    *Emitter
	reading reading
	fill    template
	busy    atomic.Bool // handing on an event: nobody reads pongs meanwhile
}

// run does the script, then reads until the connection ends.
func (s *session) run(ctx context.Context, cancel context.CancelCauseFunc) error {
	script := s.feed.Script
	for i, step := range script {
		if step.WaitFor != "" {
			late := time.AfterFunc(stepWait, func() { cancel(&scriptError{i + 1, step.WaitFor}) })
			err := s.await(ctx, pattern(step.WaitFor))
			late.Stop()
			if err != nil {
				return err
			}
		}
		if step.Send != "" {
			if err := s.conn.Write(ctx, websocket.MessageText, []byte(s.fill.body(step.Send))); err != nil {
				return err
			}
		}
	}
	s.emit.Live()
	return s.await(ctx, "")
}

// await hands on messages until one matches, which is the script's and no
// event.
func (s *session) await(ctx context.Context, until pattern) error {
	for {
		kind, data, over, err := s.next(ctx)
		if err != nil {
			return err
		}
		s.emit.whole()
		if over {
			s.emit.Bad(fmt.Sprintf("A message has more than %d bytes.", s.feed.maxEvent()), data)
			continue
		}
		if until.matches("", data) {
			return nil
		}
		raw := event.Raw{ReceivedAt: time.Now()}
		if kind == websocket.MessageBinary && !utf8.Valid(data) {
			raw.Type, data = "binary", base64.StdEncoding.AppendEncode(nil, data)
		}
		s.busy.Store(true)
		err = s.emit.message(ctx, s.reading.read("", data), raw)
		s.busy.Store(false)
		if err != nil {
			return err
		}
	}
}

// next reads a message. Of one that is too large it returns the start.
func (s *session) next(ctx context.Context) (kind websocket.MessageType, data []byte, over bool, err error) {
	kind, r, err := s.conn.Reader(ctx)
	if err != nil {
		if _, closed := errors.AsType[websocket.CloseError](err); !closed && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // no end that was said
		}
		return 0, nil, false, fmt.Errorf("read a message: %w", err)
	}
	limit := s.feed.maxEvent()
	var all sse.Gather
	defer all.Drop()
	for all.Len() <= limit {
		n, err := all.ReadOnce(r)
		s.emit.Bytes(n)
		if errors.Is(err, io.EOF) {
			return kind, all.Take(), false, nil
		}
		if err != nil {
			return kind, nil, false, err
		}
	}
	_, err = io.CopyN(io.Discard, r, int64(mostSkipped(limit)))
	if err == nil {
		return 0, nil, true, &endlessError{}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return kind, all.Start(sampleSize), true, err
}

// ping asks every now and then whether the other end is still there, which is
// also what keeps routers on the way from forgetting the connection.
func (s *session) ping(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if s.busy.Load() {
			continue
		}
		pingCtx, done := context.WithTimeout(ctx, pongWait)
		err := s.conn.Ping(pingCtx)
		done()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			s.emit.Bytes(0)
		case !s.busy.Load():
			cancel(errNoPong)
			return
		}
	}
}
