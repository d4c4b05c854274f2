package source

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFeedThatHasMovedForGoodGetsItsNewAddress(t *testing.T) {
	goTo := func(to string, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, code) }
	}
	const at = "http://b.example/new"
	for name, tt := range map[string]struct {
		old    http.HandlerFunc
		change func(*Feed)
		there  http.HandlerFunc
		want   string
	}{
		"301":             {goTo(at, 301), func(*Feed) {}, say(rssText), "x http://a.example/old http://b.example/new"},
		"308":             {goTo(at, 308), func(*Feed) {}, say(rssText), "x http://a.example/old http://b.example/new"},
		"302":             {goTo(at, 302), func(*Feed) {}, say(rssText), ""},
		"307":             {goTo(at, 307), func(*Feed) {}, say(rssText), ""},
		"to no feed":      {goTo(at, 301), func(*Feed) {}, say("<html>Sign in", "Content-Type", "text/html"), ""},
		"to nothing":      {goTo(at, 301), func(*Feed) {}, fail(404), ""},
		"with a key":      {goTo(at, 301), func(f *Feed) { f.Auth = Auth{Type: AuthBearer, Secret: "hunter2"} }, say(rssText), ""},
		"another kind":    {goTo(at, 301), func(f *Feed) { f.Kind = KindPoll }, say("{}"), ""},
		"not for a while": {goTo("http://c.example/", 302), func(*Feed) {}, goTo(at, 301), ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			net, _ := world(t, map[string]http.Handler{"a.example": tt.old, "b.example": tt.there, "c.example": say(rssText)})
			f := pollFeed(KindRSS, "http://a.example/old")
			tt.change(&f)
			var moves []string
			s, into := moving(t, net, f, func(_ context.Context, feed, from, to string) error {
				moves = append(moves, feed+" "+from+" "+to)
				return nil
			})
			advance(10 * time.Second)
			synctest.Wait()
			diff(t, name, tt.want, strings.Join(moves, "; "))
			said := false
			for _, change := range s.Log("x") {
				said = said || change.Cause == "The feed has moved for good: its address is now http://b.example/new."
			}
			if said != (tt.want != "") || said && len(into.texts()) != 2 {
				t.Errorf("%s: %d events, %v", name, len(into.texts()), s.Log("x"))
			}
		})
	}
}

// moving is superviseIn with somebody who saves moves.
func moving(t *testing.T, world network, f Feed, moved func(context.Context, string, string, string) error) (*Supervisor, *sink) {
	t.Helper()
	s, into := superviseIn(t, world)
	s.cfg.Moved = moved
	s.Set([]Feed{f})
	return s, into
}
