package server

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type tokenAnswer struct{ ID, Name, Scope, Secret, Used string }

func (r *rig) makeToken(t *testing.T, name, scope string) (made tokenAnswer) {
	t.Helper()
	got := r.do(t, ask{private: true, method: "POST", path: "/api/tokens", body: `{"name":"` + name + `","scope":"` + scope + `"}`})
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	must(t, json.Unmarshal([]byte(got.body), &made))
	return made
}

func (r *rig) tokens(t *testing.T) []tokenAnswer {
	t.Helper()
	var list struct{ Tokens []tokenAnswer }
	r.get(t, ask{private: true, path: "/api/tokens"}, &list)
	return list.Tokens
}

func TestATokenIsToldOnceAndLetsInUntilItIsRevoked(t *testing.T) {
	r := newRig(t)
	made := r.makeToken(t, "Phone", "read")
	if !strings.HasPrefix(made.Secret, "tt_") || made.Scope != "read" || made.Used != "" {
		t.Errorf("%+v", made)
	}
	if got := r.do(t, ask{private: true, path: "/api/tokens"}); strings.Contains(got.body, made.Secret) || strings.Contains(got.body, "hash") {
		t.Errorf("the list tells it: %s", got.body)
	}
	with := ask{path: "/feeds", header: map[string]string{"Authorization": "Bearer " + made.Secret}}
	if got := r.do(t, with); got.status != http.StatusOK {
		t.Errorf("it doesn't let in: %d", got.status)
	}
	if used := r.tokens(t)[0].Used; used == "" {
		t.Error("nobody has noted its use")
	}
	if got := r.do(t, ask{private: true, method: "DELETE", path: "/api/tokens/" + made.ID}); got.status != http.StatusNoContent {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := r.do(t, with); got.status != http.StatusUnauthorized {
		t.Errorf("it still lets in: %d", got.status)
	}
	if got := r.do(t, ask{private: true, method: "DELETE", path: "/api/tokens/" + made.ID}); got.status != http.StatusNotFound {
		t.Errorf("twice: %d", got.status)
	}
	r.steps(t, []step{
		{"no name", "POST", "/api/tokens", `{'name': ' ', 'scope': 'read'}`, 422, `'token': 'has a name'`},
		{"another scope", "POST", "/api/tokens", `{'name': 'a', 'scope': 'all'}`, 422, `'scope': 'read or publish'`},
	})
}

func TestTheLastUseOfATokenSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		uses := openTokenUses(dir, slog.New(slog.DiscardHandler))
		uses.note("a")
		at := uses.last("a")
		uses.save()
		if got := openTokenUses(dir, slog.New(slog.DiscardHandler)).last("a"); !got.Equal(at) || at.IsZero() {
			t.Errorf("%v, want %v", got, at)
		}
		<-time.After(2 * time.Second) // of the bubble
		uses.note("a")
		if !uses.last("a").After(at) {
			t.Error("a later use isn't noted")
		}
	})
}

func TestSharingTellsWhoReadsAndWhereOthersFindTheDoor(t *testing.T) {
	r := build{window: true, feeds: paused("a") + "," + secretFeed}.run(t)
	var got struct {
		Readers          int
		Addresses, Feeds []string
	}
	r.get(t, ask{private: true, path: "/api/sharing"}, &got)
	if got.Readers != 0 || len(got.Addresses) != 0 || len(got.Feeds) != 1 || got.Feeds[0] != "a" {
		t.Errorf("for this computer alone: %+v", got)
	}
	r.read(t, ask{path: "/event_stream"})
	r.read(t, ask{private: true, path: "/event_stream"})
	r.get(t, ask{private: true, path: "/api/sharing"}, &got)
	if got.Readers != 1 {
		t.Errorf("%d readers, want 1: the window is none", got.Readers)
	}
	r.put(t, "front", `{'address': '0.0.0.0'}`)
	r.get(t, ask{private: true, path: "/api/sharing"}, &got)
	if len(got.Addresses) != len(networkAddrs()) {
		t.Errorf("%v, want one for each of %v", got.Addresses, networkAddrs())
	}
	for _, address := range got.Addresses {
		if !strings.HasPrefix(address, "http://") || strings.Contains(address, "127.0.0.1") || !strings.HasSuffix(address, ":"+port(t, r.Front().URL)+"/") {
			t.Errorf("%s is no address for others", address)
		}
	}
}

func TestAFeedThatIsBroughtBackGetsItsPlace(t *testing.T) {
	r := build{window: true, feeds: paused("a", "b", "c")}.run(t)
	r.do(t, ask{private: true, method: "DELETE", path: "/api/feeds/b"})
	if got := r.do(t, ask{private: true, method: "POST", path: "/api/feeds?at=1", body: `{"id":"b","name":"B","kind":"clock","paused":true}`}); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	current, _ := r.cfg.Settings.Current()
	order := ""
	for _, f := range current.Feeds {
		order += f.ID
	}
	if order != "abc" {
		t.Errorf("the order is %s", order)
	}
}
