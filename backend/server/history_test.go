package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/source"
)

type page struct {
	Events []struct {
		ID, Feed, Text string
		Seq            uint64
	}
	Next string
}

// walk turns pages to the very end, and returns the texts and how many pages
// there were.
func (r *rig) walk(t *testing.T, query, direction, next string) (texts []string, pages int) {
	t.Helper()
	for {
		path := "/events?" + query
		if next != "" {
			path += "&" + direction + "=" + next
		}
		var p page
		r.get(t, ask{path: path}, &p)
		pages++
		for _, e := range p.Events {
			texts = append(texts, e.Text)
		}
		if p.Next == "" {
			return texts, pages
		}
		if p.Next == next || pages > 100 {
			t.Fatalf("%s: no end of it", path)
		}
		next = p.Next
	}
}

func TestSearchesOfOthersLeaveTheWindowItsOwn(t *testing.T) {
	r := build{window: true, feeds: paused("a"), patience: 50 * time.Millisecond}.run(t)
	r.add(t, count("a", 1, 3)...)
	for range maxSearches { // as if they were under way
		r.searches <- struct{}{}
	}
	got := r.do(t, ask{path: "/events?q=a"})
	got.problem(t, http.StatusServiceUnavailable)
	if got.header.Get("Retry-After") == "" {
		t.Error("it doesn't say when to try again")
	}
	if got := r.do(t, ask{private: true, path: "/events?q=a"}); got.status != http.StatusOK {
		t.Errorf("the window: %d %s", got.status, got.body)
	}
	<-r.searches
	if got := r.do(t, ask{path: "/events?q=a"}); got.status != http.StatusOK {
		t.Errorf("when one has ended: %d %s", got.status, got.body)
	}
}

func TestHistoryIsReadByPagesToTheVeryEndBothWays(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 10), append(count("b", 11, 13), count("a", 14, 25)...)...)...)
	up := func(feed string, from, to int) (texts []string) {
		for _, e := range count(feed, from, to) {
			texts = append(texts, e.Text)
		}
		return texts
	}
	forward := append(up("a", 1, 10), append(up("b", 11, 13), up("a", 14, 25)...)...)
	onlyA := append(up("a", 1, 10), up("a", 14, 25)...)
	for _, row := range []struct {
		query string
		want  []string
		pages int
	}{
		{"limit=1", forward, 25},
		{"limit=7", forward, 4},
		{"limit=25", forward, 1}, // the first event ends it
		{"limit=1000", forward, 1},
		{"", forward, 1},
		{"limit=5&feed=a", onlyA, 5},
		{"limit=2&feed=b", up("b", 11, 13), 3}, // more can't be ruled out
		{"limit=2&type=other", nil, 1},
	} {
		got, pages := r.walk(t, row.query, "before", "")
		diff(t, "newest first, "+row.query, reversed(row.want), got)
		if pages != row.pages {
			t.Errorf("newest first, %s: %d pages, want %d", row.query, pages, row.pages)
		}
		got, _ = r.walk(t, row.query, "after", r.id(0))
		diff(t, "oldest first, "+row.query, row.want, got)
	}
}

func reversed(texts []string) (back []string) {
	for i := range texts {
		back = append(back, texts[len(texts)-1-i])
	}
	return back
}

func TestAPageThatIsShortForItsSizeIsNotTheEnd(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	large := bytes.Repeat([]byte("x"), 2<<20+1) // two of them, as payload and text, are more than a page
	var events []event.Event
	for _, data := range [][]byte{[]byte("small"), large, large} {
		events = append(events, event.Event{Feed: "a", Type: "message", Data: data, ReceivedAt: time.Unix(0, 0)})
	}
	r.add(t, events...)
	texts, pages := r.walk(t, "limit=3", "before", "")
	if len(texts) != 3 || pages != 2 {
		t.Errorf("%d events on %d pages", len(texts), pages)
	}
}

func TestHistoryEndsWhereTheStreamsDo(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 2)...)
	// Durable, and not yet published: the moment between the two held open.
	held := &Server{cfg: r.cfg, front: r.front, searches: r.searches}
	held.cfg.Hub = hub.New(hub.Config{History: r.cfg.Journal, Head: 1})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		held.mux(held.frontRoutes()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		return w
	}
	for _, query := range []string{"", "?before=" + r.id(9), "?after=" + r.id(0)} {
		var p page
		must(t, json.Unmarshal(get("/events"+query).Body.Bytes(), &p))
		if len(p.Events) != 1 || p.Events[0].Seq != 1 {
			t.Errorf("%q: %+v", query, p)
		}
	}
	if w := get("/events/" + r.id(2)); w.Code != http.StatusNotFound {
		t.Errorf("by its id: %d %s", w.Code, w.Body)
	}
}

func TestBadHistoryRequestsAreAnsweredWithASentence(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	for _, row := range []struct {
		path   string
		status int
		says   string
	}{
		{"/events?limit=0", 400, "limit must be a number from 1 to 1000"},
		{"/events?limit=1001", 400, "limit must"},
		{"/events?limit=ten", 400, "limit must"},
		{"/events?limit=", 400, "limit must"},
		{"/events?limit=99999999999999999999", 400, "limit must"},
		{"/events?before=17", 400, "before=17 is not an event's id"},
		{"/events?before=", 400, "before= is not"},
		{"/events?after=x-1-2", 400, "after=x-1-2 is not"},
		{"/events?before=elsewhere-1", 404, "of another journal"},
		{"/events?before=" + r.id(1) + "&after=" + r.id(1), 400, "either before or after"},
		{"/events?feed=nobody", 404, `There is no feed called "nobody"`},
		{"/events?q=feed:", 400, "Expected a value for feed"},
		{"/events/17", 400, "not an event's id"},
		{"/events/elsewhere-1", 404, "no such event"},
		{"/events/" + r.id(0), 404, "no such event"},
		{"/events/" + r.id(2), 404, "no such event"},
		{"/events/" + r.id(1<<64-1), 404, "no such event"},
		{"/events/" + r.id(1) + "/more", 404, "nothing at this path"},
	} {
		if p := r.do(t, ask{path: row.path}).problem(t, row.status); !strings.Contains(p.Detail, row.says) {
			t.Errorf("%s: %q", row.path, p.Detail)
		}
	}
}

func TestAnEventIsTheSameByEveryRoute(t *testing.T) {
	r := build{feeds: paused("a", "clock")}.run(t)
	r.add(t, varied()...)
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) // more than encoding/json takes
	r.add(t, event.Event{Feed: "a", Type: "message", Data: []byte(deep), JSON: true, ReceivedAt: time.Unix(0, 0)})
	stream := r.read(t, ask{path: "/event_stream?format=json&after=" + r.id(0)})
	list := r.do(t, ask{path: "/events?after=" + r.id(0)}).body
	for seq := range uint64(8) {
		streamed := stream.next(t).Data
		if got := r.do(t, ask{path: "/events/" + r.id(seq+1)}); got.body != streamed+"\n" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("by its id: %s\nstreamed: %s", got.body, streamed)
		}
		if !strings.Contains(list, streamed) {
			t.Errorf("not so in the list: %s", streamed)
		}
	}
}

func TestFeedsAndHealthAreTold(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + secretFeed}.run(t)
	r.add(t, count("clock", 1, 3)...)
	var feeds struct{ Feeds []map[string]any }
	r.get(t, ask{private: true, path: "/feeds"}, &feeds)
	names := ""
	for _, f := range feeds.Feeds {
		names += fmt.Sprintf("%v %v %v %v,", f["id"], f["kind"], f["color"], f["url"])
	}
	if names != "clock clock 1 <nil>,secret sse 2 http://127.0.0.1:1/?token="+source.Mask+"," {
		t.Errorf("in the order of the settings: %s", names)
	}
	for _, field := range []string{"name", "state", "since", "rate", "counts"} {
		if _, ok := feeds.Feeds[0][field]; !ok {
			t.Errorf("%s is missing in %v", field, feeds.Feeds[0])
		}
	}
	var health map[string]any
	r.get(t, ask{path: "/healthz"}, &health)
	if head, ok := health["head"].(float64); !ok || head < 3 { // the clock has a message of its own
		t.Errorf("the head is %v after three events", health["head"])
	}
	delete(health, "head")
	diff(t, "health", map[string]any{"status": "ok", "version": "test", "epoch": r.cfg.Journal.Epoch(), "streams": 0.0}, health)
}
