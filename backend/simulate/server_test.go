package simulate

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"tickertape/backend/sse"
)

// TestFeedsOnTheWire compares three events of each feed, or its document, byte for byte:
// that also proves that they follow from the seed.
func TestFeedsOnTheWire(t *testing.T) {
	greetings := map[string][]string{
		"/ws/coinbase":      {`{"type":"subscribe","product_ids":["` + strings.Join(symbols("-USD"), `","`) + `"],"channels":["ticker"]}`},
		"/ws/finnhub":       {},
		"/ws/homeassistant": {`{"type":"auth","access_token":"` + BearerToken + `"}`, `{"id":1,"type":"subscribe_events"}`},
	}
	for _, f := range Feeds() {
		s := start(t, Config{Seed: 1, Backlog: 6})
		path := f.Path + "?token=x&fault=planned-close&seed=2"
		var text string
		switch f.Protocol {
		case SSE, NDJSON:
			resp := s.get(path)
			s.Step(3)
			var err error
			if text, err = resp.text(); err != nil {
				t.Fatal(f.Path, err)
			}
		case WebSocket:
			text = s.overheard(path, greetings[f.Path])
		case LongPoll:
			_, text = s.read(f.Path + "?cursor=3")
		default:
			_, text = s.read(f.Path)
		}
		golden(t, strings.ReplaceAll(f.Path[1:], "/", "-"), text)
	}
}

// overheard is all that the server says on a WebSocket, a message a line.
func (s *simulated) overheard(path string, greeting []string) string {
	s.t.Helper()
	c := s.dial(path)
	var all []string
	if strings.Contains(path, "homeassistant") {
		all = append(all, s.hear(c))
	}
	all = append(all, s.say(c, greeting...)...)
	if strings.Contains(path, "finnhub") {
		for _, symbol := range symbols("") {
			if err := c.Write(s.ctx, websocket.MessageText, []byte(`{"type":"subscribe","symbol":"`+symbol+`"}`)); err != nil {
				s.t.Fatal(err)
			}
		}
		all = append(all, s.say(c, "?")...)
	}
	s.Step(6)
	for {
		_, message, err := c.Read(s.ctx)
		if err != nil {
			return strings.Join(append(all, fmt.Sprint(websocket.CloseStatus(err))), "\n") + "\n"
		}
		all = append(all, string(message))
	}
}

func TestTheTapeKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Seed: 1, Rate: 4, Backlog: 10})
		if err != nil {
			t.Fatal(err)
		}
		client := sse.Client{URL: "http://feed.example/sse/numbers", HTTP: onPipes(t, s)}
		stream, err := client.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		begun := time.Now()
		for n := range 20 {
			e, err := stream.Next()
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprint(11+n), e.LastEventID) // the first of the rate came with the start
			equal(t, time.Duration(n+1)*time.Second/4, time.Since(begun))
		}
		equal(t, 31, len(s.Sent("/sse/numbers")))
	})
}

func TestRequestsAreRemembered(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 1})
	etag := s.get("/rss").Header.Get("Etag")
	s.read("/rss?age=3", "If-None-Match", etag, "User-Agent", "test")
	s.events("/sse/numbers", "0", 1, 1)
	log := s.Requests()
	equal(t, 3, len(log))
	equal(t, http.StatusNotModified, log[1].Status)
	equal(t, []string{"/rss", "3", etag, "test", http.MethodGet},
		[]string{log[1].Path, log[1].Query.Get("age"), log[1].Header.Get("If-None-Match"), log[1].Header.Get("User-Agent"), log[1].Method})
	equal(t, "0", log[2].Header.Get("Last-Event-ID"))
	if log[1].At.Before(log[0].At) || "http://"+log[1].Host != s.url {
		t.Errorf("%+v", log[1])
	}
}

func TestOnlyTheLastRequestsAreRemembered(t *testing.T) {
	var l requestLog
	for i := range maxRequests + 10 {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/%d", i), nil)
		l.add(r).status(200)
	}
	all := l.all()
	equal(t, []string{"/10", fmt.Sprintf("/%d", maxRequests+9)}, []string{all[0].Path, all[len(all)-1].Path})
	equal(t, maxRequests, len(all))
}

func TestThePageListsEveryPathAndFault(t *testing.T) {
	s := start(t, Config{Seed: 1})
	status, page := s.read("/")
	equal(t, http.StatusOK, status)
	for _, f := range Feeds() {
		if !strings.Contains(page, `<a href="`+f.Path+`">`) {
			t.Errorf("%s is not listed", f.Path)
		}
	}
	for _, f := range Faults() {
		if !strings.Contains(page, "<code>"+f.Name+"</code>") {
			t.Errorf("%s is not listed", f.Name)
		}
	}
	status, _ = s.read("/nowhere")
	equal(t, http.StatusNotFound, status)
	equal(t, []string(nil), s.Sent("/nowhere"))
}

func TestCloseEndsEverythingAndLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	s := start(t, Config{Seed: 1, Backlog: 3, Rate: 100})
	stream := s.get("/sse/numbers")
	held := make(chan string)
	go func() {
		_, text := s.read("/longpoll?cursor=zzz")
		held <- text
	}()
	for len(s.Requests()) < 2 { // it has arrived
		runtime.Gosched()
	}
	deaf := s.get("/sse/numbers?fault=endless-line") // nobody reads it
	c := s.dial("/ws/jetstream")
	closed := make(chan error)
	go func() {
		for {
			if _, _, err := c.Read(s.ctx); err != nil {
				closed <- err
				return
			}
		}
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ended by %v", err)
	}
	if text, err := stream.text(); err != nil || !strings.HasSuffix(text, "\n\n") {
		t.Errorf("the stream ended by %v, after %q", err, text)
	}
	equal(t, "{\"events\":[],\"next\":\"zzz\"}\n", <-held)
	for _, resp := range []reply{stream, deaf} {
		_ = resp.Body.Close()
	}
	s.http.CloseIdleConnections()
	waitForGoroutines(t, before)
	if resp, err := s.http.Get(s.url); err == nil {
		resp.Body.Close()
		t.Error("it still answers")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestListenSaysWhyItCannot(t *testing.T) {
	s := start(t, Config{Seed: 1})
	other, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Listen(strings.TrimPrefix(s.url, "http://")); err == nil || !strings.HasPrefix(err.Error(), "listen at 127.0.0.1:") {
		t.Errorf("got %v", err)
	}
	if _, err := other.Listen("nowhere"); err == nil {
		t.Error("it listens nowhere")
	}
	if err := errors.Join(other.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if _, err := New(Config{Rate: -1}); err == nil {
		t.Error("it runs backwards")
	}
}

// FuzzResume gives feeds any cursor: they begin somewhere on the tape.
func FuzzResume(f *testing.F) {
	s, err := New(Config{Seed: 1, Backlog: 10})
	if err != nil {
		f.Fatal(err)
	}
	for _, id := range []string{"", "all", "latest", "3", "-1", "10m", "-99999h", "9223372036854775807", "115000000000000000", s.ntfyID(3), s.wikimediaID(3), s.jetstreamID(3), `[{"timestamp":-9223372036854775808}]`} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for _, from := range []uint64{s.afterNumber(id, 0), s.afterNumber(id, firstStatus), s.ntfySince(id), s.wikimediaAfter(id), s.jetstreamAfter(id)} {
			if from > s.tape.head() {
				t.Errorf("%q begins at %d", id, from)
			}
		}
	})
}
