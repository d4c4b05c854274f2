package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"tickertape/backend/event"
	"tickertape/backend/hub"
)

// maxSaid bounds one message of a client, in bytes. Nobody listens to them.
const maxSaid = 64 << 10

var (
	errNotWebSocket = problem(http.StatusUpgradeRequired, "This path speaks WebSocket (RFC 6455, by HTTP/1.1): open it by a WebSocket client. The same events are at /event_stream and /poll.")
	errTakenBack    = problem(http.StatusForbidden, "What this connection reads is no longer served to it: its token was revoked, or a feed is no longer shared.")
	errUnreadable   = problem(http.StatusInternalServerError, "History can't be read; Tickertape's log says why. Connect again to go on.")
)

// Messages of a WebSocket are events (objects with an id), lists of events
// (batch=: objects with events and next), or one of these, by their control.
type (
	gapControl struct {
		Control string `json:"control"` // "gap"
		*gap
	}
	errorControl struct {
		Control string `json:"control"` // "error"; the connection is closed behind it
		*Problem
	}
)

// webSocket is GET /ws: the events of /event_stream, each in a message of its
// own, or many in one by batch=.
func (s reads) webSocket(w http.ResponseWriter, r *http.Request) error {
	if !isHandshake(r) {
		w.Header().Set("Upgrade", "websocket")
		return errNotWebSocket
	}
	p, err := s.webSocketParams(r)
	if err != nil {
		return err
	}
	leave, err := s.enter(&s.sockets)
	if err != nil {
		return err
	}
	defer leave()
	after, missing, err := s.start(r.Context(), p)
	if err != nil {
		return err
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the guard has checked the origin, and more exactly
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil //nolint:nilerr // Accept has answered
	}
	conn.SetReadLimit(maxSaid)
	ws := &talk{conn: conn, stream: stream{reads: s, params: p, reader: s.cfg.Hub.Read(p.filter(), p.format, after)}}
	defer func() { ws.reader.Close() }() // reselect may have changed it
	ws.run(r.Context(), missing)
	return nil
}

// isHandshake reports whether the request is a complete opening handshake
// (RFC 6455, section 4.2.1). Accept would refuse others in words of its own.
func isHandshake(r *http.Request) bool {
	has := func(header, token string) bool {
		return strings.Contains(strings.ToLower(strings.Join(r.Header.Values(header), ",")), token)
	}
	keys := r.Header.Values("Sec-WebSocket-Key")
	if len(keys) != 1 {
		return false
	}
	nonce, err := base64.StdEncoding.DecodeString(strings.TrimSpace(keys[0]))
	return r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoMinor == 1 && err == nil && len(nonce) == 16 &&
		has("Connection", "upgrade") && has("Upgrade", "websocket") && r.Header.Get("Sec-WebSocket-Version") == "13"
}

func (s reads) webSocketParams(r *http.Request) (p streamParams, err error) {
	params := r.URL.Query()
	if p, err = s.readerParams(r, params); err != nil {
		return p, err
	}
	if format := params.Get("format"); format != "" && format != "json" {
		return p, problem(http.StatusBadRequest, "A WebSocket has whole events as JSON: leave format= out.")
	}
	p.format = formatLines
	p.batch, err = batchParam(params)
	return p, err
}

// talk is one open WebSocket.
type talk struct {
	stream
	conn *websocket.Conn
}

// run writes until the client goes, the door closes (ctx) or a write fails.
func (t *talk) run(ctx context.Context, missing *gap) {
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer t.conn.CloseNow()
	open, gone := context.WithCancel(ctx)
	defer gone()
	helpers.Go(func() {
		defer gone()
		t.listen()
	})
	helpers.Go(func() {
		defer gone()
		t.ping(open)
	})
	// A write that doesn't end would hold the door up.
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(drainTime, func() { _ = t.conn.CloseNow() })
	})
	defer stop()
	if missing != nil && t.control(gapControl{"gap", missing}) != nil {
		return
	}
	why := t.hand(open)
	switch {
	case why != nil:
		_ = t.control(errorControl{"error", why})
		t.end(websocket.StatusPolicyViolation, why.Title)
	case ctx.Err() != nil:
		t.end(websocket.StatusGoingAway, "this door is closing")
	}
}

// hand writes events until ctx ends, or there is a reason to stop that the
// client should know.
func (t *talk) hand(ctx context.Context) *Problem {
	for ctx.Err() == nil {
		if !t.reselect() {
			return errTakenBack
		}
		frames, wake, err := t.poll(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			return errUnreadable
		case frames.Last != 0:
			if t.events(frames) != nil || !t.rest(ctx, frames, t.params.batch) {
				return nil
			}
			continue
		}
		select {
		case <-wake:
		case <-t.params.sharing.changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// events writes the lines that frames are.
func (t *talk) events(frames hub.Frames) error {
	ctx, cancel := context.WithTimeout(context.Background(), t.cfg.WriteTimeout)
	defer cancel()
	if g := frames.Gap; g != nil {
		missing := t.missing(g.From, g.To, g.Feeds)
		if err := t.control(gapControl{"gap", &missing}); err != nil || len(frames.Bytes) == 0 {
			return err
		}
	}
	if t.params.batch > 0 {
		return t.conn.Write(ctx, websocket.MessageText, appendList(nil, frames.Bytes, t.cfg.Journal.Epoch(), frames.Last))
	}
	for lines := frames.Bytes; len(lines) > 0; {
		end := bytes.IndexByte(lines, '\n')
		if err := t.conn.Write(ctx, websocket.MessageText, lines[:end]); err != nil {
			return err
		}
		lines = lines[end+1:]
	}
	return nil
}

// appendList makes a list of lines of events.
func appendList(dst, lines []byte, epoch string, last uint64) []byte {
	dst = append(dst, `{"events":[`...)
	start := len(dst)
	dst = append(dst, bytes.TrimSuffix(lines, []byte("\n"))...)
	for i, b := range dst[start:] {
		if b == '\n' {
			dst[start+i] = ','
		}
	}
	dst = append(dst, `],"next":"`...)
	dst = event.ID{Epoch: epoch, Seq: last}.Append(dst)
	return append(dst, `"}`...)
}

// control writes a message that is no event.
func (t *talk) control(message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), t.cfg.WriteTimeout)
	defer cancel()
	return t.conn.Write(ctx, websocket.MessageText, data)
}

// listen reads what the client says, for the sake of its pongs and its close;
// the rest is for nobody. It returns when the connection is over.
func (t *talk) listen() {
	for {
		_, message, err := t.conn.Reader(context.Background())
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, message); err != nil {
			return
		}
	}
}

// ping shows both sides that the other one lives. It returns when it doesn't.
func (t *talk) ping(ctx context.Context) {
	tick := time.NewTicker(t.cfg.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		answered, cancel := context.WithTimeout(ctx, t.cfg.WriteTimeout)
		err := t.conn.Ping(answered)
		cancel()
		if err != nil {
			return
		}
	}
}

// end closes the connection as the protocol says, but waits less long for the
// client to do so than the door has.
func (t *talk) end(code websocket.StatusCode, reason string) {
	cut := time.AfterFunc(drainTime/2, func() { _ = t.conn.CloseNow() })
	defer cut.Stop()
	_ = t.conn.Close(code, reason) // the client may have gone
}
