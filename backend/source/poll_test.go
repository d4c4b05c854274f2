package source

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"
)

// answers serves one answer after the other, then the last one for ever.
type answers struct {
	mu       sync.Mutex
	next     []http.HandlerFunc
	requests []*http.Request
	at       []time.Time
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests, a.at = append(a.requests, r), append(a.at, time.Now())
	handler := a.next[0]
	if len(a.next) > 1 {
		a.next = a.next[1:]
	}
	a.mu.Unlock()
	handler(w, r)
}

// pauses are the times between the requests, in seconds.
func (a *answers) pauses() (out []float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := 1; i < len(a.at); i++ {
		out = append(out, a.at[i].Sub(a.at[i-1]).Seconds())
	}
	return out
}

func say(body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		fmt.Fprint(w, body)
	}
}

func fail(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// polling runs a feed of a host a.example in a bubble for a while.
func polling(t *testing.T, f Feed, d time.Duration, next ...http.HandlerFunc) (*Supervisor, *sink, *answers) {
	t.Helper()
	host := &answers{next: next}
	net, _ := world(t, map[string]http.Handler{"a.example": host})
	s, into := superviseIn(t, net, f)
	advance(d)
	synctest.Wait()
	return s, into, host
}

func TestAPollEmitsWhatIsNewOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		f.Items = "@this"
		s, into, _ := polling(t, f, 10*time.Second,
			say(`[{"id":2,"a":"two"},{"id":1,"a":"one"}]`),
			say(`[{"id":3,"a":"three"},{"id":2,"a":"two"},{"id":1,"a":"one"}]`),
			say(`[{"id":3,"a":"three"},{"id":2,"a":"edited"}]`))
		diff(t, "events", []string{`{"id":1,"a":"one"}`, `{"id":2,"a":"two"}`, `{"id":3,"a":"three"}`, `{"id":2,"a":"edited"}`}, into.texts())
		diff(t, "ids", []string{"1", "2", "3", "2"}, into.ids())
		if h := s.Health()[0]; h.State != Live || h.Counts.Bad != 0 || h.Rates.Bytes.Minute == 0 {
			t.Errorf("%+v", h)
		}
	})
}

func TestADocumentIsAnEventWheneverItChanges(t *testing.T) {
	for items, want := range map[string][]string{
		"":        {`{"current":{"t":1},"took":1}`, `{"current":{"t":1},"took":2}`, `{"current":{"t":2},"took":3}`},
		"current": {`{"t":1}`, `{"t":2}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := pollFeed(KindPoll, "http://a.example/weather")
			f.Items = items
			s, into, _ := polling(t, f, 10*time.Second, []http.HandlerFunc{
				say(want0), say(want0), say(`{"current":{"t":1},"took":2}`), say(`{"current":{"t":2},"took":3}`),
			}...)
			diff(t, items, want, into.texts())
			// A restart must not say the same again.
			paused := f
			paused.Paused = true
			s.Set([]Feed{paused})
			advance(time.Minute)
			s.Set([]Feed{f})
			advance(10 * time.Second)
			synctest.Wait()
			diff(t, items+" after a restart", want, into.texts())
		})
	}
}

const want0 = `{"current":{"t":1},"took":1}`

func TestPollsHaveManners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		_, into, host := polling(t, f, 300*time.Second,
			say(`{"a":1}`, "ETag", `"one"`, "Last-Modified", "Sun, 22 Nov 2026 08:21:23 GMT", "X-Poll-Interval", "60"),
			fail(http.StatusNotModified, "ETag", `"one"`),
			fail(http.StatusServiceUnavailable, "Retry-After", "120"),
			say(`{"a":2}`))
		if len(host.requests) < 4 {
			t.Fatalf("%d requests", len(host.requests))
		}
		for i, r := range host.requests[1:4] {
			if r.Header.Get("If-None-Match") != `"one"` || r.Header.Get("If-Modified-Since") == "" {
				t.Errorf("request %d is not conditional: %v", i+2, r.Header)
			}
		}
		p := host.pauses()
		for i, least := range []float64{60, 1, 120} {
			if p[i] < least || p[i] > 1.2*least {
				t.Errorf("pause %d was %v s, want %v", i+1, p[i], least)
			}
		}
		diff(t, "events", []string{`{"a":1}`, `{"a":2}`}, into.texts())
	})
}

func TestAnotherItemsPathReadsTheSameAnswerAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		f.Items = "a"
		handler := func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			say(`{"a":["a"],"b":["b"]}`, "ETag", `"x"`)(w, r)
		}
		s, into, _ := polling(t, f, 5*time.Second, handler)
		f.Items = "b"
		s.Set([]Feed{f})
		advance(5 * time.Second)
		synctest.Wait()
		diff(t, "events", []string{`"a"`, `"b"`}, into.texts())
	})
}

func TestAnEventStreamIsNotPolled(t *testing.T) {
	for _, kind := range []string{KindPoll, KindRSS, KindLongPoll} {
		synctest.Test(t, func(t *testing.T) {
			s, _, _ := polling(t, pollFeed(kind, "http://a.example/"), 0, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			})
			if h := s.Health()[0]; h.State != Failed || !strings.Contains(h.Cause, "choose the kind sse") {
				t.Errorf("%s: %s %q", kind, h.State, h.Cause)
			}
		})
	}
}

func TestASilentPollIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		f.Interval = Duration(10 * time.Minute)
		s, _, _ := polling(t, f, 15*time.Minute, say(`{"a":1}`))
		if h := s.Health()[0]; h.State != Live {
			t.Errorf("%s", h.State)
		}
		advance(2 * time.Hour)
		synctest.Wait()
		if h := s.Health()[0]; h.State != Quiet {
			t.Errorf("%s", h.State)
		}
	})
}

func TestTooManyAndTooLargeItemsAreCountedAndShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		f.Items, f.MaxItems, f.MaxEvent, f.Heartbeat = "items", 2, 1024, "type=ping"
		large := `{"id":9,"a":"` + strings.Repeat("x", 4000) + `"}`
		s, into, _ := polling(t, f, 0, say(`{"items":[{"id":4},{"id":3},{"id":2},{"type":"ping"},`+large+`]}`))
		if got := into.texts(); len(got) != 2 || !strings.Contains(got[0]+got[1], `"id":3`) {
			t.Errorf("%q", got)
		}
		bad := s.Bad("x")
		if len(bad) != 2 || !strings.Contains(bad[0].Reason, "more than 1024 bytes") || len(bad[0].Sample) != sampleSize || !strings.Contains(bad[1].Reason, "limit of 2") {
			t.Errorf("%+v", bad)
		}
		if h := s.Health()[0]; h.Counts.Bad != 2 {
			t.Errorf("%+v", h.Counts)
		}
	})
}

func TestWhatIsNotJSONIsSaidAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindPoll, "http://a.example/events")
		f.Items = "items"
		s, into, host := polling(t, f, 10*time.Second, say("<html>"), say(`{"items":[{"id":1}]}`))
		if h := s.Health()[0]; h.State != Retrying || !strings.Contains(h.Cause, "not JSON") {
			t.Errorf("%s %s", h.State, h.Cause)
		}
		advance(3 * time.Minute)
		if got := into.texts(); len(got) != 1 || host.pauses()[0] < 100 {
			t.Errorf("%q after %v", got, host.pauses())
		}
	})
}

func TestALongPollGoesOnFromItsCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindLongPoll, "http://a.example/poll?after={{cursor}}&wait=25s")
		f.Items, f.Cursor = "events", Cursor{Path: "next"}
		held := func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(25 * time.Second):
				w.WriteHeader(http.StatusNoContent)
			case <-r.Context().Done():
			}
		}
		s, into, host := polling(t, f, 40*time.Second, []http.HandlerFunc{
			say(`{"events":["a","a"],"next":"2"}`), // equal, and yet two
			say(`{"events":["a"],"next":"3"}`), held, say(`{"events":[],"next":"3"}`),
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			say(`{"events":["b"],"next":"4"}`), held,
		}...)
		diff(t, "events", []string{`"a"`, `"a"`, `"a"`, `"b"`}, into.texts())
		var asked []string
		for _, r := range host.requests {
			asked = append(asked, r.URL.Query().Get("after"))
		}
		diff(t, "cursors", []string{"", "2", "3", "3", "3", "3", "4"}, asked)
		if host.requests[0].URL.RawQuery != "wait=25s" {
			t.Errorf("asked first for %s", host.requests[0].URL)
		}
		if got := into.tokens; len(got) != 1 || !strings.Contains(got[f.origin()], `"cursor":"4"`) {
			t.Errorf("tokens %v", got)
		}
		if p := host.pauses(); p[3] < 1 { // an empty answer that came at once
			t.Errorf("pauses %v", p)
		}
		s.Set(nil)
	})
}

func TestACursorMayStandInAHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pollFeed(KindLongPoll, "http://a.example/poll")
		f.Items, f.Cursor = "@this", Cursor{Header: "X-Next", Param: "since"}
		_, into, host := polling(t, f, 2*time.Second, say(`["a"]`, "X-Next", "x&1"), say(`[]`))
		diff(t, "events", []string{`"a"`}, into.texts())
		if got := host.requests[1].URL.Query().Get("since"); got != "x&1" {
			t.Errorf("asked for %s", host.requests[1].URL)
		}
	})
}

func TestPermanentRedirectsMoveAFeedUntilTheyFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := &answers{next: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://b.example/new", http.StatusMovedPermanently)
			},
		}}
		moved := &answers{next: []http.HandlerFunc{say(`{"a":1}`), say(`{"a":2}`), fail(http.StatusBadGateway), say(`{"a":3}`)}}
		net, _ := world(t, map[string]http.Handler{"a.example": old, "b.example": moved})
		_, into := superviseIn(t, net, pollFeed(KindPoll, "http://a.example/old"))
		advance(8 * time.Second)
		synctest.Wait()
		diff(t, "events", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}, into.texts())
		if len(old.requests) != 2 {
			t.Errorf("%d requests to the old place, want one before the move and one after it failed", len(old.requests))
		}
	})
}

func TestATemporaryRedirectMovesNothing(t *testing.T) {
	for code, moves := range map[int]bool{301: true, 308: true, 302: false, 307: false} {
		mux := http.NewServeMux()
		mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", code) })
		mux.HandleFunc("/b", say("{}"))
		server := httptest.NewServer(mux)
		c, err := newClient(pollFeed(KindPoll, server.URL+"/a"), "", newNetwork())
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.get(t.Context(), server.URL+"/a", "", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if to := permanent(resp); (to != nil) != moves {
			t.Errorf("%d moves to %v", code, to)
		}
		c.close()
		server.Close()
	}
}

func TestNewestFirstIsSeenByTimesAndNumbers(t *testing.T) {
	for in, want := range map[string]bool{
		`[{"id":2},{"id":1}]`: true, `[{"id":1},{"id":2}]`: false, `[{"id":"10"},{"id":"9"}]`: true, `[{"id":"b"},{"id":"a"}]`: false,
		`[{"id":1,"time":9},{"id":2,"time":8}]`: true, `[3,2,1]`: true, `[1]`: false, `[]`: false,
		`[{"created_at":"2026-11-22T08:00:01Z"},{"created_at":"2026-11-22T08:00:00Z"}]`:                   true,
		`[{"created_at":"2026-11-22T08:00:00Z"},{"created_at":"2026-11-22T08:00:01Z"}]`:                   false,
		`[{"properties":{"time":1730000000001}},{"properties":{"time":1730000000000}}]`:                   true,
		`[{"id":1,"created_at":"2026-11-22T08:00:00Z"},{"id":2,"created_at":"2026-11-22T08:00:00.000Z"}]`: false,
	} {
		if got := newestFirst(gjson.Parse(in).Array()); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

func FuzzPollNeverFailsOnWhatItIsSent(f *testing.F) {
	f.Add("items", []byte(`{"items":[{"id":1},{"id":2}]}`))
	f.Add("", []byte(`text`))
	f.Fuzz(func(t *testing.T, items string, body []byte) {
		feed := pollFeed(KindPoll, "http://a.example")
		feed.Items, feed.MaxItems = items, 5
		got, err := pollItems(feed, body)
		if len(got.items) > 5 || (err != nil && items == "") {
			t.Errorf("%d items, %v", len(got.items), err)
		}
	})
}
