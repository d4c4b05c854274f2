package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// shows are the feeds whose events a page of history has.
func (r *rig) shows(t *testing.T, a ask) string {
	t.Helper()
	var page struct{ Events []struct{ Feed string } }
	r.get(t, a, &page)
	var feeds []string
	for _, e := range page.Events {
		feeds = append(feeds, e.Feed)
	}
	slices.Sort(feeds)
	return strings.Join(slices.Compact(feeds), " ")
}

func TestAFeedWithASecretIsHiddenAtTheFrontDoorAlone(t *testing.T) {
	r := build{window: true, feeds: paused("a") + "," + secretFeed}.run(t)
	r.add(t, append(append(count("a", 1, 2), count("secret", 1, 2)...), count("a", 3, 3)...)...)
	front, private := ask{path: "/events"}, ask{private: true, path: "/events"}
	if got := r.shows(t, front); got != "a" {
		t.Errorf("history at the front door has %s", got)
	}
	if got := r.shows(t, private); got != "a secret" {
		t.Errorf("history at the private door has %s", got)
	}
	for _, path := range []string{"/events?feed=secret", "/events?feed=a,secret", "/event_stream?feed=secret", "/event_stream?feed=a&feed=secret"} {
		r.do(t, ask{path: path}).problem(t, 404)
	}
	r.do(t, ask{path: "/events/" + r.id(3)}).problem(t, 404)
	if got := r.do(t, ask{private: true, path: "/events/" + r.id(3)}); got.status != 200 {
		t.Errorf("the window may not see it: %d", got.status)
	}
	for _, query := range []string{"", "&format=json", "&format=json&batch=1"} {
		stream := r.read(t, ask{path: "/event_stream?status=1&after=" + r.id(0) + query})
		for seen := 0; seen < 3; {
			e := stream.next(t)
			if strings.Contains(e.Data, "ecret") || strings.Contains(e.Data, "hunter2") {
				t.Errorf("%s: %+v", query, e)
			}
			if e.Type == "message" {
				seen += strings.Count(e.Data, "a 1") + strings.Count(e.Data, "a 2") + strings.Count(e.Data, "a 3")
			}
		}
	}
	if got := r.do(t, ask{path: "/feeds"}).body; strings.Contains(got, "ecret") || !strings.Contains(got, `"a"`) {
		t.Errorf("feeds: %s", got)
	}
	if got := r.do(t, ask{private: true, path: "/feeds"}).body; strings.Contains(got, "hunter2") || !strings.Contains(got, `"url":"http://127.0.0.1:1/?token=`+source.Mask) {
		t.Errorf("the window sees its URL, but not its key: %s", got)
	}
}

func TestASharedFeedIsServedAndItsURLIsNot(t *testing.T) {
	r := build{window: true, feeds: secretFeed}.run(t)
	r.add(t, count("secret", 1, 1)...)
	r.do(t, ask{private: true, method: "PUT", path: "/api/feeds/secret", body: `{"share": true}`})
	if got := r.shows(t, ask{path: "/events?feed=secret"}); got != "secret" {
		t.Errorf("history has %q", got)
	}
	stream := r.read(t, ask{path: "/event_stream?status=1&last=1"})
	status := stream.next(t) // before any event
	if e := stream.next(t); status.Type != "status" || e.Data != "secret 1" {
		t.Errorf("%+v, %+v", status, e)
	}
	for _, got := range []string{status.Data, r.do(t, ask{path: "/feeds"}).body} {
		if !strings.Contains(got, `"secret"`) || strings.Contains(got, "hunter2") || strings.Contains(got, `"url"`) {
			t.Errorf("%s", got)
		}
	}
}

func TestARemovedFeedWithASecretStaysHidden(t *testing.T) {
	r := build{window: true, feeds: paused("a") + "," + secretFeed}.run(t)
	r.add(t, append(count("secret", 1, 1), count("a", 1, 1)...)...)
	for range 2 { // the second time it is gone already
		r.do(t, ask{private: true, method: "DELETE", path: "/api/feeds/secret"})
		if got := r.shows(t, ask{path: "/events"}); got != "a" {
			t.Errorf("history at the front door has %s", got)
		}
		r.do(t, ask{path: "/events?feed=secret"}).problem(t, 404)
		r.do(t, ask{path: "/events/" + r.id(1)}).problem(t, 404)
		if got := r.shows(t, ask{private: true, path: "/events?feed=secret"}); got != "secret" {
			t.Errorf("history at the private door has %q: it stays", got)
		}
	}
}

func TestADoorWithoutSharedFeedsServesNothing(t *testing.T) {
	r := build{feeds: secretFeed}.run(t)
	r.add(t, count("secret", 1, 3)...)
	if got := r.do(t, ask{path: "/events"}).body; got != `{"events":[]}`+"\n" {
		t.Errorf("events: %s", got)
	}
	if got := r.do(t, ask{path: "/feeds"}).body; got != `{"feeds":[]}`+"\n" {
		t.Errorf("feeds: %s", got)
	}
	stream := r.read(t, ask{path: "/event_stream?status=1&after=" + r.id(0)})
	if e := stream.next(t); e.Type != "status" || !strings.HasPrefix(e.Data, `{"feeds":[],`) {
		t.Errorf("%+v", e)
	}
}

func TestAnOpenStreamFollowsWhatIsShared(t *testing.T) {
	r := build{window: true, idle: true, feeds: paused("a") + "," + secretFeed}.run(t)
	share := func(share bool) {
		t.Helper()
		got := r.do(t, ask{private: true, method: "PUT", path: "/api/feeds/secret", body: fmt.Sprintf(`{"share": %t}`, share)})
		if got.status != 200 {
			t.Fatal(got.body)
		}
	}
	// The answer to a change is also the promise that it is in force.
	all, onlyA := r.read(t, ask{path: "/event_stream"}), r.read(t, ask{path: "/event_stream?feed=a"})
	r.add(t, append(count("secret", 1, 1), count("a", 1, 1)...)...)
	if got := all.until(t, "a 1"); got != nil {
		t.Errorf("all, before sharing: %q", got)
	}
	share(true)
	r.add(t, append(count("secret", 2, 2), count("a", 2, 2)...)...)
	onlySecret := r.read(t, ask{path: "/event_stream?feed=secret"})
	if got := all.until(t, "a 2"); strings.Join(got, ",") != "secret 2" {
		t.Errorf("all, when shared: %q", got)
	}
	share(false)
	r.add(t, append(count("secret", 3, 3), count("a", 3, 3)...)...)
	if got := all.until(t, "a 3"); got != nil {
		t.Errorf("all, when no longer shared: %q", got)
	}
	if got := onlyA.until(t, "a 3"); strings.Join(got, ",") != "a 1,a 2" {
		t.Errorf("a alone: %q", got)
	}
	if e, err := onlySecret.decoder.Next(); err == nil {
		t.Errorf("the stream of a feed that is no longer shared goes on: %+v", e)
	}
	// Feeds that come are seen without reconnecting, too.
	got := r.do(t, ask{private: true, method: "POST", path: "/api/feeds", body: `{"id": "b", "name": "B", "kind": "clock", "paused": true}`})
	if got.status != 201 {
		t.Fatal(got.body)
	}
	r.add(t, append(count("b", 1, 1), count("a", 4, 4)...)...)
	if got := all.until(t, "a 4"); strings.Join(got, ",") != "b 1" {
		t.Errorf("all, with a new feed: %q", got)
	}
}

func TestSecretsAreNeitherLoggedNorToldInProblems(t *testing.T) {
	r := build{window: true, feeds: paused("a") + "," + secretFeed}.run(t)
	key := r.private.Key
	var told strings.Builder
	for _, a := range []ask{
		{private: true, method: "POST", path: "/api/feeds", body: `{"name": "x", "url": "ftp://me:hunter2@127.0.0.1/"}`},
		{private: true, method: "POST", path: "/api/feeds", body: `{"name": "x", "url": "http://?token=hunter2"}`},
		{private: true, method: "POST", path: "/api/feeds", body: `{"name": "Secret", "url": "http://127.0.0.1:1/?token=hunter2"}`},
		{private: true, method: "PUT", path: "/api/feeds/secret", body: `{"url": "http://127.0.0.1:1/?token=hunter2", "color": 99}`},
		{private: true, method: "PUT", path: "/api/feeds/secret", body: `{"url": 2}`},
		{private: true, path: "/event_stream?format=x&key=" + key},
		{private: true, path: "/nowhere?key=" + key},
		{path: "/event_stream?format=x&key=" + key},
		{path: "/feeds", header: map[string]string{KeyHeader: key, "Origin": "null"}},
	} {
		got := r.do(t, a)
		if got.status < 400 {
			t.Errorf("%s %s: %d", a.method, a.path, got.status)
		}
		told.WriteString(got.body)
	}
	must(t, json.NewEncoder(&told).Encode(r.Front()))
	r.retryUntilItFails(t, "secret")
	r.stop()
	told.WriteString(r.log.String())
	for _, secret := range []string{"hunter2", key, key[:16]} {
		if strings.Contains(told.String(), secret) {
			t.Errorf("%q is told:\n%s", secret, told.String())
		}
	}
}

// retryUntilItFails makes a feed connect to its URL, where nothing listens, and
// say so.
func (r *rig) retryUntilItFails(t *testing.T, id string) {
	t.Helper()
	for {
		changed := r.cfg.Feeds.Changed()
		for _, h := range r.cfg.Feeds.Health() {
			if h.ID == id && strings.Contains(h.Cause, "refused") {
				return
			}
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatal("it never failed")
		}
	}
}

func TestSharedFeedsAreThoseWithoutASecretOrWithTheOwnersWord(t *testing.T) {
	var s settings.Settings
	must(t, json.Unmarshal([]byte(`{"feeds": [{"id": "plain", "url": "http://a.example/"}, {"id": "key", "url": "http://a.example/?api_key=1"},
		{"id": "password", "url": "http://me:pw@a.example/"}, {"id": "shared", "url": "http://a.example/?token=1", "share": true}]}`), &s))
	diff(t, "shared", []string{"plain", "shared"}, sharedFeeds(s))
}

func TestAChangeOfTheSettingsIsInForceForTheNextRequest(t *testing.T) {
	r := build{idle: true, feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	r.change(t, func(f *settings.Feed) {
		f.Kind, f.URL = "sse", "http://127.0.0.1:1/?token=hunter2"
	})
	if got := r.shows(t, ask{path: "/events"}); got != "" {
		t.Errorf("history has %q", got)
	}
	r.change(t, func(f *settings.Feed) { f.Share = true })
	if got := r.shows(t, ask{path: "/events?feed=a"}); got != "a" {
		t.Errorf("history has %q", got)
	}
}
