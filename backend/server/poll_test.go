package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/settings"
)

// poll is an answer of /poll.
type poll struct {
	Events []struct{ ID, Text string }
	Next   string
	Gaps   []gap
}

func (p poll) texts() []string {
	texts := []string{}
	for _, e := range p.Events {
		texts = append(texts, e.Text)
	}
	return texts
}

func (r *rig) poll(t *testing.T, query string) (p poll) {
	t.Helper()
	r.get(t, ask{path: "/poll?" + query}, &p)
	return p
}

func TestPollingGoesOnWhereItWas(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	r.add(t, count("b", 1, 200)...) // a tape that has begun: nobody gets what was before
	first := r.poll(t, "feed=a")
	if len(first.Events) > 0 || first.Next != r.id(200) {
		t.Fatalf("a first poll has %v", first)
	}
	r.add(t, count("a", 1, 5)...)
	var got []string
	next := first.Next
	for range 3 {
		p := r.poll(t, "limit=2&feed=a&after="+next)
		got, next = append(got, p.texts()...), p.Next
	}
	diff(t, "events", []string{"a 1", "a 2", "a 3", "a 4", "a 5"}, got)
	r.add(t, count("b", 201, 203)...)
	if p := r.poll(t, "feed=a&after="+next); len(p.Events) > 0 || p.Next != r.id(208) {
		t.Errorf("after what is not selected: %v, want to go on after %s", p, r.id(208))
	}
	diff(t, "newest", []string{"a 4", "a 5"}, r.poll(t, "feed=a&last=2").texts())
	diff(t, "by a query", []string{"a 3"}, r.poll(t, "q=3+feed:a&after="+r.id(200)).texts())
}

func TestPollAnswersEndBySizeToo(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	large := count("a", 1, 8)
	for i := range large {
		large[i].Data = fmt.Appendf(nil, "%0400000d", i)
	}
	r.add(t, large...)
	seen, next := 0, r.id(0)
	for answers := 0; seen < 8; answers++ {
		got := r.do(t, ask{path: "/poll?after=" + next})
		if len(got.body) > maxPolled+500_000 || answers > 8 {
			t.Fatalf("answer %d has %d bytes", answers, len(got.body))
		}
		var p poll
		must(t, json.Unmarshal([]byte(got.body), &p))
		seen, next = seen+len(p.Events), p.Next
	}
	if next != r.id(8) {
		t.Errorf("the last next is %s", next)
	}
}

func TestAnIdlePollIsNotModified(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 3)...)
	for _, path := range []string{"/poll?after=" + r.id(3), "/poll?last=2", "/poll?after=" + r.id(3) + "&wait=20ms"} {
		first := r.do(t, ask{path: path})
		tag := first.header.Get("ETag")
		if first.status != http.StatusOK || tag == "" {
			t.Fatalf("%s: %d, ETag %q", path, first.status, tag)
		}
		for header, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200} {
			again := r.do(t, ask{path: path, header: map[string]string{"If-None-Match": header}})
			if again.status != want || (again.body == "") != (want == 304) || again.header.Get("ETag") != tag {
				t.Errorf("%s with %s: %d %q, want %d", path, header, again.status, again.body, want)
			}
			checkHeaders(t, path, again.header)
		}
		r.add(t, count("a", 4, 4)...)
		if changed := r.do(t, ask{path: path, header: map[string]string{"If-None-Match": tag}}); changed.status != 200 || changed.header.Get("ETag") == tag {
			t.Errorf("%s after an event: %d", path, changed.status)
		}
		r.forget(t, "seq > 3") // for the next row
	}
}

func TestALongPollIsAnsweredByTheNextEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a", "b"), pipes: newPipes()}.run(t)
		r.add(t, count("a", 1, 3)...)
		began := time.Now()
		answered := make(chan poll)
		go func() { answered <- r.poll(t, "feed=a&wait=25s&after="+r.id(3)) }()
		synctest.Wait()
		r.add(t, count("b", 1, 1)...) // not selected
		<-time.After(7 * time.Second)
		select {
		case p := <-answered:
			t.Fatalf("answered with %v", p)
		default:
		}
		r.add(t, count("a", 4, 4)...)
		diff(t, "events", []string{"a 4"}, (<-answered).texts())
		if took := time.Since(began); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("answered after %v", took)
		}
		began = time.Now()
		p := r.poll(t, "feed=b&wait=25&after="+r.id(4))
		if took := time.Since(began); len(p.Events) != 0 || p.Next != r.id(5) || took != 25*time.Second {
			t.Errorf("an idle long poll: %v after %v", p, took)
		}
		r.stop()
	})
}

func TestAWaitingPollEndsWithItsDoorAndWithWhatIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: secretFeedShared + "," + paused("a"), pipes: newPipes()}.run(t)
		r.add(t, count("a", 1, 3)...)
		answered := make(chan poll)
		ask := func() { answered <- r.poll(t, "wait=25s&after="+r.id(3)) }
		go ask()
		synctest.Wait()
		r.change(t, func(f *settings.Feed) { f.Share = false })
		r.front.adjust()
		if p := <-answered; len(p.Events) != 0 || p.Next != r.id(3) {
			t.Errorf("when a feed is hidden: %v", p)
		}
		go ask()
		synctest.Wait()
		stopped := make(chan struct{})
		go func() {
			r.stop()
			close(stopped)
		}()
		if p := <-answered; len(p.Events) != 0 || p.Next != r.id(3) {
			t.Errorf("when the door closes: %v", p)
		}
		<-stopped
	})
}

// secretFeedShared is one that its owner shares.
const secretFeedShared = `{"id": "secret", "name": "Secret", "kind": "clock", "paused": true, "share": true, "headers": {"Authorization": "x"}}`

func TestPollsAndSocketsTellOfGaps(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 5)...)
	r.keep(t, "a", 3)
	for _, from := range []string{"elsewhere-9", r.id(1), r.id(99)} {
		want := r.do(t, ask{path: "/poll?wait=1m&after=" + from}) // at once: that is news
		var p poll
		must(t, json.Unmarshal([]byte(want.body), &p))
		if len(p.Gaps) != 1 || p.Gaps[0].From != from || p.Gaps[0].To != r.id(2) || p.Gaps[0].Reason == "" {
			t.Errorf("after %s: %s", from, want.body)
			continue
		}
		diff(t, "events after the gap", []string{"a 3", "a 4", "a 5"}, p.texts())
		ws := r.socket(t, "/ws?after="+from)
		var told struct {
			Control string
			gap
		}
		must(t, json.Unmarshal([]byte(ws.next(t)), &told))
		diff(t, "the socket's gap", p.Gaps[0], told.gap)
		if told.Control != "gap" {
			t.Errorf("the message is a %q", told.Control)
		}
	}
	if p := r.poll(t, "after="+r.id(2)); p.Gaps != nil || !slices.Equal(p.texts(), []string{"a 3", "a 4", "a 5"}) {
		t.Errorf("without a gap: %v", p)
	}
}

func TestPollSaysWhatIsWrongWithItsParameters(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	for query, want := range map[string]int{
		"wait=soon": 400, "wait=-1s": 400, "wait=61s": 400, "wait=9999999999999": 400, "limit=0": 400, "limit=x": 400, "after=x": 400, "feed=x": 404, "q=(": 400, "last=-1": 400,
	} {
		r.do(t, ask{path: "/poll?" + query}).problem(t, want)
	}
}
