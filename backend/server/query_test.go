package server

import (
	"net/url"
	"testing"
	"time"

	"tickertape/backend/event"
)

func TestAQuerySelectsTheSameEventsLiveAndInHistory(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b") + "," + secretFeed}.run(t)
	add := func(feed, data string) {
		r.add(t, event.Event{Feed: feed, Type: "message", Data: []byte(data), JSON: data[0] == '{', ReceivedAt: time.Now()})
	}
	const text = `data.price>10 OR "new york" -feed:b`
	q := "q=" + url.QueryEscape(text)
	stream := r.read(t, ask{path: "/event_stream?" + q})
	for _, data := range []string{`{"price":9.5}`, `{"price":10.5}`, "York, New", "in New York", "the end of New York"} {
		for _, feed := range []string{"a", "b", "secret"} {
			add(feed, data)
		}
	}
	want := []string{`{"price":10.5}`, `{"price":10.5}`, "in New York", "the end of New York"}
	for i := range want {
		if e := stream.next(t); e.Data != want[i] {
			t.Errorf("live, %d: %q, want %q", i, e.Data, want[i])
		}
	}
	again := r.read(t, ask{path: "/event_stream?after=" + r.id(0) + "&" + q})
	for i := range want {
		if e := again.next(t); e.Data != want[i] {
			t.Errorf("resumed, %d: %q, want %q", i, e.Data, want[i])
		}
	}
	for door, want := range map[bool]int{false: 4, true: 7} {
		var list struct{ Events []struct{ Seq uint64 } }
		r.get(t, ask{private: door, path: "/events?" + q}, &list)
		if len(list.Events) != want {
			t.Errorf("private %t: %d events in history, want %d", door, len(list.Events), want)
		}
	}
	var none struct{ Events []any }
	if r.get(t, ask{path: "/events?q=feed:secret"}, &none); len(none.Events) != 0 {
		t.Errorf("the front door tells of a feed that isn't shared: %v", none.Events)
	}
}

func TestAQueryThatIsNotUnderstoodNamesThePlace(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	for _, path := range []string{"/events?q=", "/event_stream?q="} {
		p := r.do(t, ask{path: path + url.QueryEscape("日本 sine:2h")}).problem(t, 400)
		if p.Position == nil || *p.Position != [2]int{3, 8} {
			t.Errorf("%s: position %v of %q", path, p.Position, p.Detail)
		}
	}
}
