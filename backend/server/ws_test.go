package server

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"tickertape/backend/event"
	"tickertape/backend/settings"
)

// wsReading is an open WebSocket.
type wsReading struct{ *websocket.Conn }

// socket opens a WebSocket at the front door.
func (r *rig) socket(t *testing.T, path string) wsReading {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), r.frontURL()+path, &websocket.DialOptions{HTTPClient: r.client})
	must(t, err)
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%s: %d", path, response.StatusCode)
	}
	conn.SetReadLimit(8 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return wsReading{conn}
}

func (ws wsReading) next(t *testing.T) string {
	t.Helper()
	kind, data, err := ws.Read(t.Context())
	must(t, err)
	if kind != websocket.MessageText {
		t.Errorf("a message of kind %v", kind)
	}
	return string(data)
}

// closed reads up to the end and returns its code, and what came before.
func (ws wsReading) closed(t *testing.T) (code websocket.StatusCode, messages []string) {
	t.Helper()
	for {
		_, data, err := ws.Read(t.Context())
		if err != nil {
			return websocket.CloseStatus(err), messages
		}
		messages = append(messages, string(data))
	}
}

func TestOneEventIsTheSameByEveryRoute(t *testing.T) {
	r := build{feeds: paused("clock", "a"), window: true}.run(t)
	before := r.socket(t, "/ws?after="+r.id(0))
	events := varied()
	for i, e := range events {
		if !e.JSON {
			events[i].Text = string(e.Data) // as mapping does
		}
	}
	r.add(t, events...)
	byID, n := map[string]string{}, len(varied())
	for seq := 1; seq <= n; seq++ {
		byID[r.id(uint64(seq))] = strings.TrimSuffix(r.do(t, ask{path: "/events/" + r.id(uint64(seq))}).body, "\n")
	}
	check := func(route string, got []string) {
		t.Helper()
		if len(got) != n {
			t.Errorf("%s: %d events, want %d", route, len(got), n)
		}
		for _, text := range got {
			var e struct{ ID string }
			must(t, json.Unmarshal([]byte(text), &e))
			diff(t, route, byID[e.ID], text)
		}
	}
	list := func(body string) (events []string) {
		var page struct{ Events []json.RawMessage }
		must(t, json.Unmarshal([]byte(body), &page))
		for _, e := range page.Events {
			events = append(events, string(e))
		}
		return events
	}
	check("/events", list(r.do(t, ask{path: "/events"}).body))
	check("/poll", list(r.do(t, ask{path: "/poll?after=" + r.id(0)}).body))
	check("/export", strings.Split(strings.TrimSpace(r.do(t, ask{private: true, path: "/export"}).body), "\n"))
	for _, path := range []string{"/event_stream?format=json&after=", "/event_stream?format=json&batch=1&after="} {
		stream := r.read(t, ask{path: path + r.id(0)})
		var got []string
		for len(got) < n {
			e := stream.next(t)
			if strings.Contains(path, "batch") {
				got = append(got, list(e.Data)...)
				continue
			}
			got = append(got, e.Data)
		}
		check(path, got)
	}
	for name, ws := range map[string]wsReading{"/ws, live": before, "/ws, later": r.socket(t, "/ws?after="+r.id(0))} {
		var got []string
		for range n {
			got = append(got, ws.next(t))
		}
		check(name, got)
	}
	var batched []string
	for ws := r.socket(t, "/ws?batch=1&last=1000"); len(batched) < n; {
		batched = append(batched, list(ws.next(t))...)
	}
	check("/ws?batch", batched)
	// The raw form has the type and the payload of the same id.
	raw := r.read(t, ask{path: "/event_stream?after=" + r.id(0)})
	for range n - 1 { // an event without data is none for an EventSource
		e := raw.next(t)
		var whole event.Event
		whole, err := event.ParseJSON([]byte(byID[e.LastEventID]))
		must(t, err)
		if e.Type != strings.ReplaceAll(whole.Type, "\n", " ") {
			t.Errorf("%s: type %q, want %q", e.LastEventID, e.Type, whole.Type)
		}
	}
}

func TestSocketsAreToldWhyTheyEnd(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	r.add(t, count("a", 1, 3)...)
	secret := r.token(t, "x", settings.ScopeRead)
	dial := func(path, token string) wsReading {
		conn, _, err := websocket.Dial(t.Context(), r.frontURL()+path, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
		must(t, err)
		t.Cleanup(func() { _ = conn.CloseNow() })
		return wsReading{conn}
	}
	authorized, anonymous := dial("/ws?last=1", secret), r.socket(t, "/ws?last=1")
	authorized.next(t)
	anonymous.next(t)
	r.revoke(t, "x")
	r.front.adjust()
	code, messages := authorized.closed(t)
	if code != websocket.StatusPolicyViolation || len(messages) != 1 || !strings.HasPrefix(messages[0], `{"control":"error",`) || !strings.Contains(messages[0], "token was revoked") {
		t.Errorf("a revoked token: closed with %v after %v", code, messages)
	}
	r.add(t, count("a", 4, 4)...)
	if got := anonymous.next(t); !strings.Contains(got, `"text":"a 4"`) {
		t.Errorf("another reader got %s", got)
	}
	stopped := make(chan struct{})
	go func() {
		r.stop()
		close(stopped)
	}()
	if code, messages := anonymous.closed(t); code != websocket.StatusGoingAway || messages != nil {
		t.Errorf("a door that closes: %v after %v", code, messages)
	}
	<-stopped
	if left := r.sockets.Load() + r.streams.Load(); left != 0 {
		t.Errorf("%d are still counted", left)
	}
}

func TestSocketsArePingedAndTheDeadAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes(), beat: 15 * time.Second, patience: 20 * time.Second}.run(t)
		pinged := make(chan struct{}, 10)
		conn, _, err := websocket.Dial(t.Context(), r.frontURL()+"/ws", &websocket.DialOptions{
			HTTPClient:     r.client,
			OnPingReceived: func(context.Context, []byte) bool { pinged <- struct{}{}; return true },
		})
		must(t, err)
		reading, stop := context.WithCancel(t.Context())
		go func() { _, _, _ = conn.Read(reading) }()
		must(t, conn.Write(t.Context(), websocket.MessageText, []byte("what clients say is for nobody")))
		<-time.After(31 * time.Second)
		synctest.Wait()
		if n := len(pinged); n != 2 || r.sockets.Load() != 1 {
			t.Errorf("%d pings in 31 s, %d sockets", n, r.sockets.Load())
		}
		stop() // coder's client closes the connection then
		synctest.Wait()
		// One that never reads again takes up its place no longer than the deadline.
		_, dead, err := dialRaw(t, r)
		must(t, err)
		synctest.Wait()
		if n := r.sockets.Load(); n != 1 {
			t.Errorf("%d sockets", n)
		}
		<-time.After(36 * time.Second)
		synctest.Wait()
		if n := r.sockets.Load(); n != 0 {
			t.Errorf("%d sockets after a reader died", n)
		}
		dead.Close()
		r.stop()
	})
}

// dialRaw opens a WebSocket that never reads.
func dialRaw(t *testing.T, r *rig) (head []byte, conn net.Conn, err error) {
	conn, err = r.pipes.dial(t.Context())
	if err != nil {
		return nil, nil, err
	}
	if _, err := conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")); err != nil {
		return nil, nil, err
	}
	head = make([]byte, 4096)
	n, err := conn.Read(head)
	return head[:n], conn, err
}

func TestSocketsNeedAHandshake(t *testing.T) {
	r := build{feeds: paused("a"), window: true}.run(t)
	whole := map[string]string{"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
	for missing := range whole {
		header := map[string]string{}
		for name, value := range whole {
			if name != missing {
				header[name] = value
			}
		}
		got := r.do(t, ask{path: "/ws", header: header})
		got.problem(t, http.StatusUpgradeRequired)
		if got.header.Get("Upgrade") != "websocket" {
			t.Errorf("without %s: Upgrade is %q", missing, got.header.Get("Upgrade"))
		}
	}
	for _, origin := range []string{"https://evil.example", "null", "http://127.0.0.1:1"} {
		_, response, err := websocket.Dial(t.Context(), r.frontURL()+"/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
		if err == nil || response.StatusCode != http.StatusForbidden {
			t.Errorf("from %s: %v", origin, err)
		}
	}
	for query, want := range map[string]int{"format=raw": 400, "batch=x": 400, "feed=x": 404} {
		_, response, err := websocket.Dial(t.Context(), r.frontURL()+"/ws?"+query, nil)
		if err == nil || response.StatusCode != want {
			t.Errorf("%s: %v", query, err)
		}
	}
	// The window's door takes its key in the query, as a page can set no header.
	if _, _, err := websocket.Dial(t.Context(), r.private.URL+"/ws", nil); err == nil {
		t.Error("the private door needs no key")
	}
	conn, _, err := websocket.Dial(t.Context(), r.private.URL+"/ws?key="+r.private.Key, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"wails://wails"}}})
	must(t, err)
	must(t, conn.Close(websocket.StatusNormalClosure, ""))
}

func TestASocketThatTakesNothingIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes(), patience: 3 * time.Second}.run(t)
		_, conn, err := dialRaw(t, r)
		must(t, err)
		synctest.Wait()
		r.add(t, count("a", 1, 3)...)
		<-time.After(4 * time.Second)
		synctest.Wait()
		if n := r.sockets.Load(); n != 0 {
			t.Errorf("%d sockets", n)
		}
		if _, err := conn.Write([]byte("x")); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the connection is open: %v", err)
		}
		r.stop()
	})
}
