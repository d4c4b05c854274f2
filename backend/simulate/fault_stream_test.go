package simulate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"tickertape/backend/sse"
)

// inBubble runs test with a client in synctest's time.
func inBubble(t *testing.T, test func(t *testing.T, s *Server, client *http.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Seed: 1, Backlog: 9})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, onPipes(t, s))
	})
}

func isSlow(t *testing.T, _ *simulated) {
	for query, want := range map[string]time.Duration{"": 10 * time.Second, "&wait=3s": 3 * time.Second} {
		inBubble(t, func(t *testing.T, _ *Server, client *http.Client) {
			begun := time.Now()
			resp, err := client.Get("http://feed.example/rss?fault=slow-header" + query)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if took := time.Since(begun); took != want || resp.StatusCode != http.StatusOK {
				t.Errorf("%s after %v", resp.Status, took)
			}
		})
	}
}

func isSilent(t *testing.T, _ *simulated) {
	for _, path := range []string{"/sse/numbers?after=all&fault=silence", "/rss?fault=silence"} {
		inBubble(t, func(t *testing.T, _ *Server, client *http.Client) {
			ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://feed.example"+path, nil)
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := reply{resp}.text()
			if text != "" || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
	inBubble(t, func(t *testing.T, _ *Server, client *http.Client) {
		c, _, err := websocket.Dial(t.Context(), "ws://feed.example/ws/jetstream?cursor=0&fault=silence", &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
		defer cancel()
		if _, message, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q, %v", message, err)
		}
	})
}

// isCut: whole events, then a part of one, then an end that is none.
func isCut(t *testing.T, s *simulated) {
	for seed, whole := range map[string]int{"0": 1, "1": 2, "2": 3} {
		text, err := s.get(numbers + "cut-mid-event&seed=" + seed).text()
		if !errors.Is(err, io.ErrUnexpectedEOF) || strings.Count(text, "\n\n") != 1+whole || strings.HasSuffix(text, "\n\n") {
			t.Errorf("seed %s: %q, %v", seed, text, err)
		}
	}
	for _, path := range []string{"/rss?fault=cut-mid-event", "/longpoll?cursor=0&fault=cut-mid-event"} {
		if text, err := s.get(path).text(); !errors.Is(err, io.ErrUnexpectedEOF) || text == "" {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	c := s.dial("/ws/jetstream?cursor=0&fault=cut-mid-event&seed=1")
	s.hear(c)
	s.hear(c)
	if _, message, err := c.Read(s.ctx); err == nil || websocket.CloseStatus(err) >= 0 {
		t.Errorf("%q, %v", message, err)
	}
}

// changesNothing: the bytes may differ, but a reader gets the same events.
func changesNothing(t *testing.T, s *simulated) {
	info, _ := findFault(fault(t))
	want, _ := s.events("/sse/numbers?after=all", "", 0, 9)
	if slices.Contains(info.On, SSE) {
		got, _ := s.events(numbers+fault(t), "", 0, 9)
		equal(t, want, got)
	}
	if slices.Contains(info.On, Syndication) {
		_, plain := s.read("/rss")
		resp := s.get("/rss?fault=" + fault(t))
		broken, err := resp.text()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, onTheWire[fault(t)](plain), broken)
		equal(t, fault(t) == "gzip", resp.Uncompressed)
	}
	if slices.Contains(info.On, WebSocket) {
		plain, broken := s.dial("/ws/jetstream?cursor=0"), s.dial("/ws/jetstream?cursor=0&fault="+fault(t))
		for range 8 {
			equal(t, s.hear(plain), s.hear(broken))
		}
	}
}

func same(text string) string { return text }

var onTheWire = map[string]func(string) string{
	"split-utf8": same, "one-byte": same, "gzip": same,
	"bom":  func(text string) string { return "\uFEFF" + text },
	"cr":   func(text string) string { return strings.ReplaceAll(text, "\n", "\r") },
	"crlf": func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
}

func TestCharactersAreCutBetweenWrites(t *testing.T) {
	text := []byte("aé🎞b")
	for name, want := range map[string]string{"split-utf8": "4 cuts: ||||", "one-byte": "", "bom": "aé🎞b"} {
		parts := pieces(name, text)
		equal(t, string(text), string(bytes.Join(parts, nil)))
		switch name {
		case "split-utf8":
			for i, part := range parts[:len(parts)-1] {
				if utf8.Valid(part) {
					t.Errorf("part %d is whole: %q", i, part)
				}
			}
			equal(t, strings.Count(want, "|")+1, len(parts))
		case "one-byte":
			equal(t, len(text), len(parts))
		default:
			equal(t, 1, len(parts))
		}
	}
}

func hasBigEvents(t *testing.T, s *simulated) {
	events, _ := s.events(numbers+"big-event", "", 0, 9)
	for n, e := range events {
		equal(t, n%3 == 0, len(e.Data) > bigEvent)
	}
	client := sse.Client{URL: s.url + numbers + "big-event"}
	stream, err := client.Connect(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err = stream.Next(); !isTooLarge(err) {
		t.Errorf("within the usual limit: %v", err)
	}
	c := s.dial("/ws/jetstream?cursor=0&fault=big-event")
	first, second, third := s.hear(c), s.hear(c), s.hear(c)
	equal(t, []bool{true, false, false}, []bool{len(first) > bigEvent, len(second) > bigEvent, len(third) > bigEvent})
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*sse.TooLargeError](err)
	return ok
}

func repeats(t *testing.T, s *simulated) {
	events, _ := s.events(numbers+"duplicate-ids&seed=1", "", 0, 12)
	var ids []string
	for _, e := range events {
		ids = append(ids, e.LastEventID)
	}
	equal(t, []string{"0", "1", "2", "2", "3", "4", "5", "5", "6", "7", "8", "8"}, ids)
	_, text := s.read("/longpoll?cursor=0&fault=duplicate-ids")
	equal(t, 12, strings.Count(text, `"story"`))
}

func hasNUL(t *testing.T, s *simulated) {
	events, _ := s.events(numbers+"nul-id&seed=1", "", 0, 4)
	for n, e := range events {
		equal(t, n != 2, e.HasID)
	}
	equal(t, "1", events[2].LastEventID)
	equal(t, "2", field(t, events[2].Data, "number"))
}

func hasInvalidUTF8(t *testing.T, s *simulated) {
	for _, path := range []string{"/ndjson/ntfy?poll=1&fault=invalid-utf8", "/longpoll?cursor=0&fault=invalid-utf8"} {
		_, text := s.read(path)
		if utf8.ValidString(text) || strings.Count(text, "a\xFFb\xC3\xE2\x82c") != 3 {
			t.Errorf("%s: %q", path, text)
		}
	}
	events, _ := s.events(numbers+"invalid-utf8", "", 0, 1)
	equal(t, "a\uFFFDb\uFFFD\uFFFDc", field(t, events[0].Data, "broken"))
}

func isClosed(t *testing.T, s *simulated) {
	text, err := s.get(numbers + "planned-close&seed=1").text()
	if err != nil || strings.Count(text, "data:") != 2 || !strings.HasSuffix(text, "\n\n") {
		t.Errorf("%q, %v", text, err)
	}
	for seed, want := range map[string]websocket.StatusCode{"0": websocket.StatusGoingAway, "1": websocket.StatusServiceRestart} {
		c := s.dial("/ws/jetstream?cursor=0&fault=planned-close&seed=" + seed)
		s.hear(c)
		if seed == "1" {
			s.hear(c)
		}
		if _, _, err := c.Read(s.ctx); websocket.CloseStatus(err) != want {
			t.Errorf("seed %s: %v", seed, err)
		}
	}
}

func isClosedAfterADay(t *testing.T, _ *simulated) {
	for query, want := range map[string]time.Duration{"": 24 * time.Hour, "&wait=90s": 90 * time.Second} {
		inBubble(t, func(t *testing.T, _ *Server, client *http.Client) {
			begun := time.Now()
			resp, err := client.Get("http://feed.example/sse/numbers?fault=cut-24h" + query)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if _, err := (reply{resp}).text(); err != nil || time.Since(begun) != want {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
		})
		inBubble(t, func(t *testing.T, _ *Server, client *http.Client) {
			begun := time.Now()
			c, _, err := websocket.Dial(t.Context(), "ws://feed.example/ws/jetstream?fault=cut-24h"+query, &websocket.DialOptions{HTTPClient: client})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusGoingAway || time.Since(begun) != want {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
		})
	}
}

// isSurvivable: it comes to nothing a client couldn't get over, and to the same with the same seed.
func isSurvivable(t *testing.T, _ *simulated) {
	chosen := func(seed string) (names []string) {
		s, err := New(Config{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/sse/numbers?fault=random&p=0.5&seed="+seed, nil)
			f, err := s.faultFor(&exchange{r: r, feed: s.feeds["/sse/numbers"]})
			if err != nil {
				t.Fatal(err)
			}
			if info, known := findFault(f.Name); f.Name != "" && (!known || !info.Survivable) {
				t.Errorf("chose %s", f.Name)
			}
			names = append(names, f.Name)
		}
		return names
	}
	first := chosen("5")
	equal(t, first, chosen("5"))
	if slices.Equal(first, chosen("6")) {
		t.Error("another seed chooses the same")
	}
	kinds := slices.Compact(slices.Sorted(slices.Values(first)))
	fine := 0
	for _, name := range first {
		if name == "" {
			fine++
		}
	}
	if len(kinds) < 5 || fine < 8 || fine > 32 {
		t.Errorf("half of them were to be fine: %v", first)
	}
}
