package source

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// wsHost is a server that accepts every WebSocket and leaves it to serve.
func wsHost(t *testing.T, serve func(ctx context.Context, c *websocket.Conn, r *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"v2"}, InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer c.CloseNow()
		serve(r.Context(), c, r)
	})
}

// sayWS sends texts, as long as the connection stands.
func sayWS(ctx context.Context, c *websocket.Conn, texts ...string) {
	for _, text := range texts {
		if c.Write(ctx, websocket.MessageText, []byte(text)) != nil {
			return
		}
	}
}

// hold reads, and so answers pings, until the other end is gone.
func hold(ctx context.Context, c *websocket.Conn) {
	for {
		if _, _, err := c.Read(ctx); err != nil {
			return
		}
	}
}

func wsFeed() Feed {
	return Feed{ID: "x", Name: "X", Kind: KindWebSocket, URL: "ws://a.example/ws"}
}

func inWorld(t *testing.T, f Feed, host http.Handler) (*Supervisor, *sink) {
	t.Helper()
	net, _ := world(t, map[string]http.Handler{"a.example": host})
	return superviseIn(t, net, f)
}

func TestAScriptSignsInAndSubscribes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := wsFeed()
		f.Subprotocols, f.Auth.Secret, f.Heartbeat = []string{"v2"}, `to"ken`, "type=ping"
		f.Script = []Step{
			{WaitFor: "type=auth_required", Send: `{"type":"auth","access_token":"{{secret}}"}`},
			{WaitFor: "auth_ok"},
			{Send: `{"type":"subscribe"}`},
		}
		s, into := inWorld(t, f, wsHost(t, func(ctx context.Context, c *websocket.Conn, r *http.Request) {
			if c.Subprotocol() != "v2" || r.UserAgent() != "test" {
				t.Errorf("subprotocol %q, user agent %q", c.Subprotocol(), r.UserAgent())
			}
			sayWS(ctx, c, `{"hello":1}`, `{"type":"auth_required"}`)
			for _, want := range []string{`{"type":"auth","access_token":"to\"ken"}`, `{"type":"subscribe"}`} {
				if _, got, err := c.Read(ctx); err != nil || string(got) != want {
					t.Errorf("got %s, %v, want %s", got, err, want)
				}
				sayWS(ctx, c, `{"type":"auth_ok"}`)
			}
			sayWS(ctx, c, `{"type":"ping"}`, `{"price":"1"}`)
			hold(ctx, c)
		}))
		diff(t, "events", []string{`{"hello":1}`, `{"type":"auth_ok"}`, `{"price":"1"}`}, into.await(t, 3))
		if h := s.Health()[0]; h.State != Live {
			t.Errorf("%s: %s", h.State, h.Cause)
		}
	})
}

func TestAStepThatIsNotAnsweredEndsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := wsFeed()
		f.Script = []Step{{Send: "hello"}, {WaitFor: "type=ok"}}
		s, _ := inWorld(t, f, wsHost(t, func(ctx context.Context, c *websocket.Conn, _ *http.Request) { hold(ctx, c) }))
		advance(stepWait + time.Second/2)
		synctest.Wait()
		if h := s.Health()[0]; h.State != Retrying || !strings.Contains(h.Cause, "didn't send what step 2 of the script waits for (type=ok)") {
			t.Errorf("%s: %s", h.State, h.Cause)
		}
	})
}

func TestMessagesOfEveryForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := wsFeed()
		f.Items, f.MaxEvent = "data", 1024
		s, into := inWorld(t, f, wsHost(t, func(ctx context.Context, c *websocket.Conn, _ *http.Request) {
			sayWS(ctx, c, `{"data":[{"s":"a"},{"s":"b"}]}`, strings.Repeat("x", 5000), "text")
			_ = c.Write(ctx, websocket.MessageBinary, []byte{0xff, 0x00})
			_ = c.Write(ctx, websocket.MessageBinary, []byte(`{"b":1}`))
			hold(ctx, c)
		}))
		diff(t, "events", []string{`{"s":"a"}`, `{"s":"b"}`, "text", "/wA=", `{"b":1}`}, into.await(t, 5))
		if into.events[3].Type != "binary" {
			t.Errorf("type %q", into.events[3].Type)
		}
		if bad := s.Bad("x"); len(bad) != 1 || bad[0].Reason != "A message has more than 1024 bytes." {
			t.Errorf("%+v", bad)
		}
	})
}

func TestAWebSocketResumesByItsCursorWhateverEndsIt(t *testing.T) {
	const total = 30
	connections := 0
	synctest.Test(t, func(t *testing.T) {
		f := wsFeed()
		f.URL, f.Cursor.Path = "ws://a.example/ws?cursor={{cursor}}", "seq"
		s, into := inWorld(t, f, wsHost(t, func(ctx context.Context, c *websocket.Conn, r *http.Request) {
			connections++
			next, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
			for i := next + 1; i <= min(next+7, total); i++ {
				sayWS(ctx, c, fmt.Sprintf(`{"seq":%d}`, i))
			}
			switch {
			case next >= total:
				hold(ctx, c)
			case connections%2 == 0:
				_ = c.Close(websocket.StatusServiceRestart, "again")
			default: // in the middle of a message
				if w, err := c.Writer(ctx, websocket.MessageText); err == nil {
					_, _ = w.Write([]byte(`{"seq":`))
				}
			}
		}))
		advance(time.Hour)
		synctest.Wait()
		var want []string
		for i := range total {
			want = append(want, fmt.Sprintf(`{"seq":%d}`, i+1))
		}
		diff(t, "events", want, into.texts())
		causes := fmt.Sprint(s.Log("x"))
		for _, sentence := range []string{"goes away or restarts (1012): again.", "The connection to a.example was cut."} {
			if !strings.Contains(causes, sentence) {
				t.Errorf("no %q in %s", sentence, causes)
			}
		}
	})
}

func TestCloseCodesAreExplained(t *testing.T) {
	for _, tt := range []struct {
		code     websocket.StatusCode
		state    State
		sentence string
	}{
		{websocket.StatusNormalClosure, Retrying, "ended the connection (1000): why."},
		{websocket.StatusPolicyViolation, Retrying, "breach of its rules (1008): why."},
		{websocket.StatusInternalError, Retrying, "trouble of its own (1011): why."},
		{websocket.StatusTryAgainLater, Retrying, "overloaded (1013): why."},
		{3000, NeedsAuth, "wants to know who you are (3000 Unauthorized): why."},
		{3003, NeedsAuth, "refuses access (3003 Forbidden): why."},
		{4004, Retrying, "a code of its own (4004): why."},
	} {
		v := explain("wss://a.example/", fmt.Errorf("read: %w", websocket.CloseError{Code: tt.code, Reason: "why."}))
		if v.state != tt.state || !strings.HasSuffix(v.cause, tt.sentence) {
			t.Errorf("%d: %s %q", tt.code, v.state, v.cause)
		}
	}
}

func TestAServerThatIsNoWebSocketIsExplained(t *testing.T) {
	for sentence, handler := range map[string]http.HandlerFunc{
		"not as a WebSocket": say("hello"), "401 Unauthorized": fail(401), "nothing at this path": fail(404),
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := inWorld(t, wsFeed(), handler)
			synctest.Wait()
			if h := s.Health()[0]; !strings.Contains(h.Cause, sentence) {
				t.Errorf("%s: %q", h.State, h.Cause)
			}
		})
	}
}

func TestADeadWebSocketIsNoticedAndALivingOneRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		defer close(over)
		s, _ := inWorld(t, wsFeed(), wsHost(t, func(context.Context, *websocket.Conn, *http.Request) {
			<-over // reads nothing, and so no ping
		}))
		advance(pingEvery + pongWait + time.Second/2)
		synctest.Wait()
		if log := fmt.Sprint(s.Log("x")); !strings.Contains(log, "retrying a.example no longer answers") {
			t.Errorf("%s", log)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s, _ := inWorld(t, wsFeed(), wsHost(t, func(ctx context.Context, c *websocket.Conn, _ *http.Request) { hold(ctx, c) }))
		advance(plannedLife - time.Minute)
		synctest.Wait()
		if n := len(s.Log("x")); n != 3 { // connecting, live, quiet
			t.Errorf("after %v: %v", plannedLife, s.Log("x"))
		}
		advance(time.Hour)
		synctest.Wait()
		if log := fmt.Sprint(s.Log("x")); !strings.Contains(log, "as planned") || s.Health()[0].State != Quiet {
			t.Errorf("%s", log)
		}
	})
}

func TestBackPressureIsNotMistakenForADeadConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		net, _ := world(t, map[string]http.Handler{"a.example": wsHost(t, func(ctx context.Context, c *websocket.Conn, _ *http.Request) {
			sayWS(ctx, c, "1", "2")
			hold(ctx, c)
		})})
		s, into := superviseIn(t, net)
		into.mu.Lock()
		into.block = release
		into.mu.Unlock()
		s.Set([]Feed{wsFeed()})
		advance(5 * time.Minute)
		close(release)
		diff(t, "events", []string{"1", "2"}, into.await(t, 2))
		if log := fmt.Sprint(s.Log("x")); strings.Contains(log, string(Retrying)) {
			t.Errorf("%s", log)
		}
	})
}
