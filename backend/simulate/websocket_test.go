package simulate

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestCoinbaseTicksWhatWasSubscribedTo(t *testing.T) {
	s := start(t, Config{Seed: 1})
	s.Step(2)
	c := s.dial("/ws/coinbase")
	equal(t, []string{"error", "error", "subscriptions"}, types(t, s.say(
		c, "hello", `{"type":"subscribe","product_ids":["GOLD"],"channels":["ticker"]}`,
		`{"type":"subscribe","product_ids":["`+strings.Join(symbols("-USD"), `","`)+`"],"channels":["ticker"]}`)))
	s.Step(5)
	var got []string
	for range 5 {
		tick := s.hear(c)
		equal(t, "ticker", field(t, tick, "type"))
		got = append(got, field(t, tick, "sequence"))
	}
	equal(t, s.Sent("/ws/coinbase")[2:], got)

	one := s.dial("/ws/coinbase")
	s.say(one, `{"type":"subscribe","product_ids":["TAPE-USD"],"channels":["ticker"]}`)
	s.Step(100)
	for range 5 {
		equal(t, "TAPE-USD", field(t, s.hear(one), "product_id"))
	}
}

func types(t *testing.T, messages []string) (all []string) {
	t.Helper()
	for _, m := range messages {
		all = append(all, field(t, m, "type"))
	}
	return all
}

func TestBinanceStreamsByURLOrBySubscription(t *testing.T) {
	s := start(t, Config{Seed: 1})
	all := s.dial("/ws/binance")
	equal(t, []string{`{"id":1,"result":null}`}, s.say(s.dial("/ws/binance"), `{"method":"SUBSCRIBE","params":["tapeusdt@miniTicker"],"id":1}`))
	one := s.dial("/ws/binance?streams=tapeusdt@miniTicker/mossusdt@miniTicker")
	// An answer proves that the connection has its place on the tape.
	s.say(all, "?")
	s.say(one, "?")
	s.Step(60)
	var got []string
	for range 60 {
		got = append(got, field(t, s.hear(all), "E"))
	}
	equal(t, s.Sent("/ws/binance"), got)
	for range 3 {
		tick := s.hear(one)
		if stream := field(t, tick, "stream"); stream != "tapeusdt@miniTicker" && stream != "mossusdt@miniTicker" || field(t, tick, "data", "e") != "24hrMiniTicker" {
			t.Error(tick)
		}
	}
}

func TestFinnhubSendsTradesInArrays(t *testing.T) {
	s := start(t, Config{Seed: 1})
	if status, _ := s.read("/ws/finnhub"); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	c := s.dial("/ws/finnhub?token=x")
	for _, symbol := range symbols("") {
		if err := c.Write(t.Context(), websocket.MessageText, []byte(`{"type":"subscribe","symbol":"`+symbol+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	s.say(c, "?") // after this answer, all has been heard
	s.Step(8)
	var got []string
	for range 4 {
		message := s.hear(c)
		equal(t, 2, strings.Count(message, `"p":`))
		for trade := range strings.SplitSeq(message, `"t":`) {
			if ms, _, _ := strings.Cut(trade, ","); ms[0] == '1' {
				got = append(got, ms)
			}
		}
	}
	equal(t, s.Sent("/ws/finnhub"), got)
}

func TestJetstreamResumesAfterACursor(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 12})
	sent := s.Sent("/ws/jetstream")
	c := s.dial("/ws/jetstream?cursor=" + sent[3])
	var got, kinds []string
	for range 8 {
		m := s.hear(c)
		got, kinds = append(got, field(t, m, "time_us")), append(kinds, field(t, m, "kind"))
	}
	equal(t, sent[4:], got)
	equal(t, 4, slices.Index(kinds, "identity"))
}

func TestHomeAssistantWantsItsScript(t *testing.T) {
	s := start(t, Config{Seed: 1})
	c := s.dial("/ws/homeassistant")
	equal(t, "auth_required", field(t, s.hear(c), "type"))
	equal(t, []string{"auth_ok", "pong", "result", "result"}, types(t, s.say(
		c, `{"type":"auth","access_token":"`+BearerToken+`"}`, `{"id":1,"type":"ping"}`, `{"id":2,"type":"sing"}`,
		`{"id":3,"type":"subscribe_events","event_type":"state_changed"}`)))
	s.Step(1)
	m := s.hear(c)
	equal(t, "3", field(t, m, "id"))
	equal(t, "state_changed", field(t, m, "event", "event_type"))
	equal(t, s.Sent("/ws/homeassistant"), []string{field(t, m, "event", "time_fired")})

	wrong := s.dial("/ws/homeassistant")
	s.hear(wrong)
	equal(t, []string{"auth_invalid"}, types(t, s.say(wrong, `{"type":"auth","access_token":"guess"}`)))
	if _, _, err := wrong.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("got %v", err)
	}
}

// socketOnPipes opens a WebSocket in synctest's time.
func socketOnPipes(t *testing.T, cfg Config, path string) (*Server, *websocket.Conn) {
	t.Helper()
	server, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client := onPipes(t, server)
	c, _, err := websocket.Dial(t.Context(), "ws://feed.example"+path, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return server, c
}

func TestASocketWithoutASubscriptionIsClosedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, c := socketOnPipes(t, Config{Seed: 1}, "/ws/coinbase")
		_, _, err := c.Read(t.Context())
		if websocket.CloseStatus(err) != websocket.StatusPolicyViolation || time.Since(begun) != patience {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestAQuietSocketHasHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := socketOnPipes(t, Config{Seed: 1}, "/ws/finnhub?token=x")
		if err := c.Write(t.Context(), websocket.MessageText, []byte(`{"type":"subscribe","symbol":"TAPE"}`)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if _, message, err := c.Read(t.Context()); string(message) != `{"type":"ping"}` || time.Since(begun) != keepAlive {
			t.Errorf("%s, %v after %v", message, err, time.Since(begun))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, c := socketOnPipes(t, Config{Seed: 1}, "/ws/coinbase")
		subscribe := `{"type":"subscribe","product_ids":["TAPE-USD"],"channels":["heartbeat"]}`
		if err := c.Write(t.Context(), websocket.MessageText, []byte(subscribe)); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"subscriptions", "heartbeat", "heartbeat", "heartbeat", "heartbeat", "heartbeat"} {
			_, message, err := c.Read(t.Context()) // which answers the pings meanwhile
			if err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
			equal(t, want, field(t, string(message), "type"))
		}
	})
}

func TestASocketThatAnswersNoPingIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := New(Config{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		client := onPipes(t, server)
		var conn net.Conn
		transport := client.Transport.(*http.Transport)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err = dial(ctx, network, address)
			return conn, err
		}
		c, _, err := websocket.Dial(t.Context(), "ws://feed.example/ws/jetstream", &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		begun := time.Now()
		// Bytes are taken, but nobody answers.
		buf := make([]byte, 1<<10)
		for err == nil {
			_, err = conn.Read(buf)
		}
		if took := time.Since(begun); took != pingTime+pongTime {
			t.Errorf("cut off after %v", took)
		}
	})
}

func TestSocketsFollowTheTapeAtARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, c := socketOnPipes(t, Config{Seed: 1, Rate: 1000}, "/ws/jetstream?cursor=0")
		var got []string
		for range 3000 {
			_, message, err := c.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, field(t, string(message), "time_us"))
		}
		if head := len(server.Sent("/ws/jetstream")); head < 3000 || head > 3020 {
			t.Errorf("%d events after 3 s", head)
		}
		equal(t, server.Sent("/ws/jetstream")[:3000], got)
	})
}
