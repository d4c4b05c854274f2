package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/settings"
)

// unread is what a status frame says of the saved views.
func (r *rig) unread(t *testing.T) map[string]int64 {
	t.Helper()
	stream := r.read(t, ask{private: true, path: "/event_stream?format=json&status=1"})
	for {
		e := stream.next(t)
		if e.Type != "status" {
			continue
		}
		var status struct{ Views []viewStatus }
		must(t, json.Unmarshal([]byte(e.Data), &status))
		unread := map[string]int64{}
		for _, v := range status.Views {
			unread[v.ID] = *v.Unread
		}
		return unread
	}
}

func TestSavedViewsCountWhatComesUntilTheyAreOpened(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.put(t, "views", `[{'name': 'Only A', 'query': 'feed:a'}, {'name': '東京', 'query': 'seven OR eight'}]`)
	current, _ := r.cfg.Settings.Current()
	diff(t, "saved", []settings.View{{ID: "only-a", Name: "Only A", Query: "feed:a"}, {ID: "view", Name: "東京", Query: "seven OR eight"}}, current.Views)
	r.add(t, count("a", 1, 5)...)
	r.add(t, count("b", 1, 3)...)
	r.add(t, event.Event{Feed: "b", Type: "message", Text: "seven", Data: []byte("seven"), ReceivedAt: time.Now()})
	diff(t, "unread", map[string]int64{"only-a": 5, "view": 1}, r.unread(t))

	if got := r.do(t, ask{private: true, method: http.MethodPost, path: "/api/views/only-a/seen"}); got.status != 204 {
		t.Errorf("seen: %d %s", got.status, got.body)
	}
	r.add(t, count("a", 6, 6)...)
	diff(t, "after one was opened", map[string]int64{"only-a": 1, "view": 1}, r.unread(t))

	// A new name keeps the count, a new query doesn't.
	r.put(t, "views", `[{'id': 'view', 'name': 'Tokyo', 'query': 'seven OR eight'}, {'id': 'only-a', 'name': 'A', 'query': 'feed:a,b'}]`)
	diff(t, "after changes", map[string]int64{"view": 1, "only-a": 0}, r.unread(t))
	r.put(t, "views", `[]`)
	diff(t, "after all were removed", map[string]int64{}, r.unread(t))
	r.do(t, ask{private: true, method: http.MethodPost, path: "/api/views/view/seen"}).problem(t, 404)
}

func TestTheFrontDoorTellsOfSavedViewsButNotWhatTheirOwnerHasSeen(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.put(t, "views", `[{'name': 'Only A', 'query': 'feed:a'}]`)
	stream := r.read(t, ask{path: "/event_stream?format=json&status=1"})
	if e := stream.next(t); e.Type != "status" || !strings.Contains(e.Data, `"views":[{"id":"only-a","name":"Only A","query":"feed:a"}]`) {
		t.Errorf("%+v", e)
	}
}

func TestCountsOfSavedViewsOutliveTheProgram(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	r.put(t, "views", `[{'name': 'A', 'query': 'feed:a'}, {'name': 'B', 'query': 'feed:b'}]`)
	r.add(t, count("a", 1, 5)...)
	since := r.unreadOfViews()[0].Since
	r.saveCounts()
	// The program is killed here: these come after its last save.
	r.add(t, append(count("a", 6, 7), count("b", 1, 1)...)...)

	again := func() *Server {
		cfg := r.cfg
		cfg.Hub = hub.New(hub.Config{History: cfg.Journal, Head: cfg.Journal.Head()})
		s := New(cfg)
		t.Cleanup(s.Close)
		for _, v := range s.uncounted() {
			s.countMissed(t.Context(), v)
		}
		return s
	}
	s := again()
	got := s.unreadOfViews()
	if *got[0].Unread != 7 || *got[1].Unread != 1 || !got[0].Since.Equal(*since) {
		t.Errorf("A %d, B %d, since %v, want 7, 1, %v", *got[0].Unread, *got[1].Unread, got[0].Since, since)
	}
	s.saveCounts()
	if got := again().unreadOfViews(); *got[0].Unread != 7 || *got[1].Unread != 1 {
		t.Errorf("once more: A %d, B %d", *got[0].Unread, *got[1].Unread)
	}
}

func TestBadViewsAreRefusedWithTheirReason(t *testing.T) {
	r := build{window: true}.run(t)
	r.steps(t, []step{
		{"no name", "PUT", "/api/settings/views", `[{'name': ' ', 'query': 'a'}]`, 422, `'name': 'Give the view a name.'`},
		{"the same name twice", "PUT", "/api/settings/views", `[{'name': 'A', 'query': ''}, {'name': 'a', 'query': ''}]`, 422, `'name': 'There is a view called'`},
		{"a query that can't be understood", "PUT", "/api/settings/views", `[{'name': 'A', 'query': 'sine:2h'}]`, 422, `'query': 'There is no field'`},
		{"no list", "PUT", "/api/settings/views", `{'views': []}`, 400, `'detail': 'can\u0027t be a JSON object'`},
	})
	current, _ := r.cfg.Settings.Current()
	diff(t, "views", []settings.View{}, current.Views)
}

func TestFeedsStandInTheOrderThatTheirOwnerGaveThem(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b", "c", "d")}.run(t)
	v := r.put(t, "order", `['c', 'gone', 'a', 'c']`)
	order := func() (ids []string) {
		for _, f := range v.Feeds {
			ids = append(ids, f.ID)
		}
		return ids
	}
	diff(t, "settings", []string{"c", "a", "b", "d"}, order())
	var list struct {
		Feeds []struct{ ID, Group string }
	}
	r.do(t, ask{private: true, method: http.MethodPut, path: "/api/feeds/a", body: `{"group": " Markets "}`})
	r.get(t, ask{path: "/feeds"}, &list)
	if list.Feeds[0].ID != "c" || list.Feeds[1].ID != "a" || list.Feeds[1].Group != "Markets" {
		t.Errorf("feeds: %+v", list.Feeds)
	}
}

func TestFieldsAreSampledFromWhatASelectionHas(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b")}.run(t)
	add := func(feed, kind, data string) {
		r.add(t, event.Event{Feed: feed, Type: kind, Data: []byte(data), JSON: data[0] == '{', ReceivedAt: time.Now()})
	}
	add("a", "trade", `{"price": 10.50, "user": {"full name": "Bob"}, "tags": ["x", "y"], "deep": {"1": {"2": {"3": {"4": 1}}}}}`)
	add("a", "trade", `{"price": 10.50, "user": {"full name": "Eve"}, "long": "`+strings.Repeat("x", 100)+`"}`)
	add("b", "note", "plain text")
	var got struct{ Fields []fieldSample }
	r.get(t, ask{path: "/fields?feed=a"}, &got)
	values := func(name string) []valueSample {
		i := slices.IndexFunc(got.Fields, func(f fieldSample) bool { return f.Name == name })
		if i < 0 {
			return nil
		}
		return got.Fields[i].Values
	}
	diff(t, "type", []valueSample{{"trade", 2}}, values("type"))
	diff(t, "digits stay", []valueSample{{"10.50", 2}}, values("data.price"))
	diff(t, "a name with a space", []valueSample{{"Bob", 1}, {"Eve", 1}}, values(`data.user."full name"`))
	diff(t, "elements", []valueSample{{"x", 1}, {"y", 1}}, values("data.tags"))
	diff(t, "a long value is no suggestion", []valueSample{}, values("data.long"))
	if values("data.deep.1.2.3.4") != nil {
		t.Error("a path went deeper than it may")
	}
	// What is told can be asked for.
	for _, f := range got.Fields {
		if !strings.HasPrefix(f.Name, "data.") {
			continue
		}
		r.get(t, ask{path: "/query?q=" + url.QueryEscape("has:"+f.Name)}, &struct{}{})
	}
}

func TestSampledFieldsAreBounded(t *testing.T) {
	var events []event.Event
	for i := range sampledEvents {
		var b strings.Builder
		for j := range 50 {
			b.WriteString(`,"f` + strings.Repeat("x", i%7) + string(rune('a'+j%26)) + string(rune('a'+i%26)) + `":` + strings.Repeat("1", 1+i%30))
		}
		events = append(events, event.Event{Feed: "a", Type: "message", JSON: true, Data: []byte("{" + b.String()[1:] + "}")})
	}
	list := sampleFields(events)
	if len(list) != maxFields {
		t.Errorf("%d fields", len(list))
	}
	for _, f := range list {
		if len(f.Values) > maxValues {
			t.Errorf("%s has %d values", f.Name, len(f.Values))
		}
	}
	deep := event.Event{JSON: true, Data: []byte(strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000))}
	sampleFields([]event.Event{deep}) // doesn't overflow the stack
}

func TestAQueryIsReadWithoutBeingAsked(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	var got struct{ Query string }
	r.get(t, ask{path: "/query?q=" + url.QueryEscape(`b  AND a`)}, &got)
	diff(t, "canonical", "a b", got.Query)
	p := r.do(t, ask{path: "/query?q=" + url.QueryEscape(`a (b`)}).problem(t, 400)
	if p.Position == nil || *p.Position != [2]int{2, 3} {
		t.Errorf("position %v of %q", p.Position, p.Detail)
	}
}
