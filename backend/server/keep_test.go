package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tickertape/backend/settings"
)

func TestRetentionIsSetForAllAndForAFeed(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.steps(t, []step{
		{"an age in days", "PUT", "/api/settings/history", `{'age': '90d'}`, 200, `'history': {'age': '90d', 'events': 0, 'bytes': 5000000000}`},
		{"the rest stays", "PUT", "/api/settings/history", `{'events': 1000, 'bytes': 0}`, 200, `'history': {'age': '90d', 'events': 1000, 'bytes': 0}`},
		{"without an age", "PUT", "/api/settings/history", `{'age': ''}`, 200, `'history': {'age': '', 'events': 1000, 'bytes': 0}`},
		{"an age that is none", "PUT", "/api/settings/history", `{'age': 'soon'}`, 422, `'age': 'like 12h, 90d or 2w'`},
		{"an age in a number", "PUT", "/api/settings/history", `{'age': 90}`, 422, `'age': 'like 12h, 90d or 2w'`},
		{"too young", "PUT", "/api/settings/history", `{'age': '1s'}`, 422, `'age': 'for a minute at least'`},
		{"fewer than none", "PUT", "/api/settings/history", `{'events': -1}`, 422, `'events': '1 or more'`},
		{"too small", "PUT", "/api/settings/history", `{'bytes': 10}`, 422, `'bytes': '1 MB'`},
		{"a word for a number", "PUT", "/api/settings/history", `{'events': 'many'}`, 400, `'detail': 'events can\u0027t be a JSON string.'`},
		{"of a feed", "PUT", "/api/feeds/a", `{'retention': {'age': '2w', 'events': 10}}`, 200, `'retention': {'age': '14d', 'events': 10, 'bytes': 0}`},
		{"of a feed, all of it", "PUT", "/api/feeds/a", `{'retention': {'bytes': 1000000}}`, 200, `'retention': {'age': '', 'events': 0, 'bytes': 1000000}`},
		{"of a feed, something else", "PUT", "/api/feeds/a", `{'color': 3}`, 200, `'retention': {'age': '', 'events': 0, 'bytes': 1000000}`},
		{"of a feed, badly", "PUT", "/api/feeds/a", `{'retention': {'age': 'soon'}}`, 422, `'age': 'like 12h, 90d or 2w'`},
		{"of a feed, none", "PUT", "/api/feeds/a", `{'retention': {}}`, 200, `'retention': null`},
	})
	current, _ := r.cfg.Settings.Current()
	diff(t, "settings", settings.Retention{Events: 1000}, current.History)
}

func TestHistoryIsMeasuredClearedAndBroughtBack(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 10), count("b", 1, 2)...)...)
	type usage struct {
		Events, Bytes  int64
		Oldest, Newest time.Time
		Feeds          []struct {
			ID            string
			Events, Stars int64
			ClearedUntil  *time.Time
		}
		Files []struct {
			Path  string
			Bytes int64
		}
	}
	measure := func() (u usage) {
		r.get(t, ask{private: true, path: "/api/history"}, &u)
		return u
	}
	u := measure()
	if u.Events != 12 || u.Bytes < 500 || u.Oldest.Unix() != 1 || u.Newest.Unix() != 10 || len(u.Feeds) != 2 || u.Feeds[0].Events != 10 || len(u.Files) == 0 || !strings.HasPrefix(u.Files[0].Path, r.cfg.DataDir) {
		t.Errorf("%+v", u)
	}
	list := func(door string) []string {
		texts, _ := r.walk(t, "limit=100"+door, "before", "")
		return texts
	}
	r.steps(t, []step{
		{"a star", "PUT", "/api/events/" + r.id(3) + "/star", `{'note': 'remember'}`, 204, ``},
		{"clearing", "DELETE", "/api/feeds/a/events", ``, 200, ``},
		{"clearing nobody's", "DELETE", "/api/feeds/nobody/events", ``, 404, `'detail': 'There is no such feed'`},
	})
	diff(t, "cleared", []string{"b 2", "b 1", "a 3"}, list(""))
	stream := r.read(t, ask{path: "/event_stream?after=" + r.id(0)}) // all of it was in memory
	if got := []string{stream.next(t).Type, stream.next(t).Data, stream.next(t).Data}; got[0] != "gap" || got[1] != "a 3" || got[2] != "b 1" {
		t.Errorf("a stream: %v", got)
	}
	if u := measure(); u.Feeds[0].ClearedUntil == nil || time.Until(*u.Feeds[0].ClearedUntil) < undoTime/2 || u.Feeds[0].Stars != 1 {
		t.Errorf("cleared: %+v", u)
	}
	r.steps(t, []step{
		{"undo", "POST", "/api/feeds/a/events/restore", ``, 204, ``},
		{"undo again", "POST", "/api/feeds/a/events/restore", ``, 410, `'detail': 'It is too late'`},
	})
	if got := list(""); len(got) != 12 {
		t.Errorf("brought back: %v", got)
	}
}

func TestStarsAreListedAndTakenAway(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 3)...)
	long := `{'note': '` + strings.Repeat("x", maxNote+1) + `'}`
	r.steps(t, []step{
		{"none yet", "GET", "/api/stars", ``, 200, `'stars': []`},
		{"a star", "PUT", "/api/events/" + r.id(1) + "/star", `{'note': 'a note'}`, 204, ``},
		{"without a note", "PUT", "/api/events/" + r.id(2) + "/star", `{}`, 204, ``},
		{"too long a note", "PUT", "/api/events/" + r.id(2) + "/star", long, 422, `'detail': 'too long'`},
		{"of no event", "PUT", "/api/events/" + r.id(9) + "/star", `{}`, 404, `'detail': 'no such event'`},
		{"of nothing", "PUT", "/api/events/x/star", `{}`, 400, `'detail': 'not an event'`},
		{"none that is there", "DELETE", "/api/events/" + r.id(3) + "/star", ``, 204, ``},
	})
	var list struct {
		Stars []struct {
			ID, Note string
			At       time.Time
		}
	}
	r.get(t, ask{private: true, path: "/api/stars"}, &list)
	if s := list.Stars; len(s) != 2 || s[0].ID != r.id(2) || s[1].ID != r.id(1) || s[1].Note != "a note" || time.Since(s[1].At) > time.Minute {
		t.Errorf("%+v", s)
	}
	r.steps(t, []step{{"taken away", "DELETE", "/api/events/" + r.id(2) + "/star", ``, 204, ``}})
	list.Stars = nil
	if r.get(t, ask{private: true, path: "/api/stars"}, &list); len(list.Stars) != 1 {
		t.Errorf("%+v", list.Stars)
	}
	if got := r.do(t, ask{path: "/api/stars"}); got.status != http.StatusNotFound {
		t.Errorf("at the front door: %d", got.status)
	}
}

func TestWhatWasSeenIsRememberedForTheWindowAlone(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 5), count("b", 1, 2)...)...)
	r.steps(t, []step{
		{"seen", "PUT", "/api/seen", fmt.Sprintf(`{'feeds': {'a': '%s', 'nobody': '%[1]s', 'b': 'elsewhere-7'}}`, r.id(3)), 204, ``},
		{"nonsense", "PUT", "/api/seen", `{'feeds': {'a': 'x'}}`, 400, `'detail': 'by its id'`},
	})
	want := `"seen":"` + r.id(3) + `","unread":2}`
	for _, path := range []string{"/feeds", "/event_stream?status=1"} {
		stream := r.open(t, ask{private: true, path: path})
		body := make([]byte, 4096)
		for got := ""; !strings.Contains(got, want) || !strings.Contains(got, `"unread":2}]`); {
			n, err := stream.Read(body)
			if got += string(body[:n]); err != nil && n == 0 {
				t.Errorf("%s: %s", path, got)
				break
			}
		}
	}
	if got := r.do(t, ask{path: "/feeds"}); strings.Contains(got.body, "unread") || strings.Contains(got.body, "seen") {
		t.Errorf("at the front door: %s", got.body)
	}
}

// What people marked is asked for when an event is read: a stream and history
// then say the same.
func TestStarredAndUnreadEventsAreFound(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 3), count("b", 1, 2)...)...)
	find := func(q string) []string {
		texts, _ := r.walk(t, "limit=100&q="+q, "before", "")
		return texts
	}
	stream := r.read(t, ask{private: true, path: "/event_stream?q=is:starred"}) // keeps its ring in memory
	r.steps(t, []step{
		{"a star", "PUT", "/api/events/" + r.id(2) + "/star", `{}`, 204, ``},
		{"seen", "PUT", "/api/seen", `{'feeds': {'a': '` + r.id(2) + `'}}`, 204, ``},
	})
	diff(t, "starred", []string{"a 2"}, find("is:starred"))
	diff(t, "not starred", []string{"b 2", "b 1", "a 3", "a 1"}, find("-is:starred"))
	diff(t, "unread", []string{"b 2", "b 1", "a 3"}, find("is:unread"))
	again := r.read(t, ask{private: true, path: "/event_stream?q=is:starred&after=" + r.id(0)})
	diff(t, "a stream", "a 2", again.next(t).Data)
	r.add(t, count("b", 3, 3)...)
	r.steps(t, []step{
		{"a star", "PUT", "/api/events/" + r.id(6) + "/star", `{}`, 204, ``},
		{"no star", "DELETE", "/api/events/" + r.id(2) + "/star", ``, 204, ``},
	})
	diff(t, "starred", []string{"b 3"}, find("is:starred"))
	again = r.read(t, ask{private: true, path: "/event_stream?q=is:starred&after=" + r.id(0)})
	diff(t, "a stream", "b 3", again.next(t).Data)
	_ = stream
}
