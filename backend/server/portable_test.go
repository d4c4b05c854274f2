package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// apiFeed is a paused feed with a secret in its auth and its URL.
const apiFeed = `{"id": "api", "name": "API", "kind": "sse", "url": "https://a.example/?token=hunter2", "paused": true, "auth": {"type": "bearer", "secret": "hunter2"}}`

func TestSettingsGoOutAndComeBackInByThePrivateDoor(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	plain := r.do(t, ask{private: true, path: "/api/settings/export"})
	sealed := r.do(t, ask{private: true, method: "POST", path: "/api/settings/export", body: `{"passphrase": "correct horse"}`})
	for _, got := range []answer{plain, sealed} {
		if got.status != 200 || strings.Contains(got.body, "hunter2") || !strings.Contains(got.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%d %v %s", got.status, got.header, got.body)
		}
	}
	other := build{window: true, feeds: clockFeed}.run(t)
	var changes settings.Changes
	other.get(t, ask{private: true, method: "POST", path: "/api/settings/import?mode=replace&preview=1", body: sealed.body}, &changes)
	if len(changes.Added) != 1 || !changes.Added[0].Lacks || !changes.Sealed || len(changes.Same) != 1 {
		t.Errorf("preview: %+v", changes)
	}
	if now, _ := other.cfg.Settings.Current(); len(now.Feeds) != 1 {
		t.Error("a preview changed something")
	}
	wrapped, err := json.Marshal(map[string]string{"settings": sealed.body, "passphrase": "correct horse"})
	must(t, err)
	changes = settings.Changes{}
	other.get(t, ask{private: true, method: "POST", path: "/api/settings/import", body: string(wrapped)}, &changes)
	now, _ := other.cfg.Settings.Current()
	if len(changes.Added) != 1 || changes.Added[0].Lacks || changes.Sealed || now.Feeds[1].Auth.Secret != "hunter2" || now.Feeds[1].URL != "https://a.example/?token=hunter2" {
		t.Errorf("%+v, %q", changes, now.Feeds[1].URL)
	}
	if len(other.cfg.Feeds.Health()) != 2 {
		t.Error("the answer came before the feed ran")
	}
	diff(t, "again", plain.body, other.do(t, ask{private: true, path: "/api/settings/export"}).body)
}

func TestBadImportsAreRefusedWithASentence(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	sealed := r.do(t, ask{private: true, method: "POST", path: "/api/settings/export", body: `{"passphrase": "right"}`})
	wrong, err := json.Marshal(map[string]string{"settings": sealed.body, "passphrase": "wrong"})
	must(t, err)
	const in = "/api/settings/import"
	before, revision := r.cfg.Settings.Current()
	r.steps(t, []step{
		{"no body", "POST", in, ``, 400, `'detail': 'has no body'`},
		{"no JSON", "POST", in, `{`, 422, `'detail': 'line 1, column 2'`},
		{"a bad feed", "POST", in, `{'feeds': [{'name': 'x'}]}`, 422, `'feeds[0].url': 'Paste the URL'`},
		{"a newer one", "POST", in, `{'version': 99}`, 422, `'detail': 'newer Tickertape'`},
		{"an unknown mode", "POST", in + "?mode=mix", `{}`, 422, `'mode': 'merge or replace'`},
		{"too much", "POST", in, strings.Repeat(" ", maxImport+1), 413, `'detail': 'larger than'`},
		{"no passphrase", "POST", "/api/settings/export", `{}`, 422, `'passphrase': 'Give a passphrase'`},
		{"no list", "POST", "/api/opml", `<html>`, 422, `'opml': 'must be OPML'`},
		{"no such version", "POST", "/api/settings/restore", `{'id': '../settings'}`, 404, `'detail': 'no such earlier version'`},
		{"a mask for a new feed's key", "POST", "/api/feeds", `{'name': 'x', 'url': 'https://b.example/?token=` + source.Mask + `'}`, 422, `'url': 'enter it again'`},
		{"a mask in a new place", "PUT", "/api/feeds/api", `{'headers': {'Cookie': '` + source.Mask + `'}}`, 422, `'headers': 'enter it again'`},
	})
	if got := r.do(t, ask{private: true, method: "POST", path: in, body: string(wrong)}); !strings.Contains(got.problem(t, 422).Errors["passphrase"], "not the one") {
		t.Errorf("a wrong passphrase: %s", got.body)
	}
	after, now := r.cfg.Settings.Current()
	diff(t, "settings", before, after)
	if now != revision {
		t.Error("the revision rose")
	}
}

func TestAnEarlierVersionIsListedAndRestored(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	r.steps(t, []step{{"removing", "DELETE", "/api/feeds/clock", ``, 204, ``}})
	var list struct{ Versions []settings.EarlierVersion }
	r.get(t, ask{private: true, path: "/api/settings/versions"}, &list)
	if len(list.Versions) != 1 || strings.Join(list.Versions[0].Feeds, ",") != "Clock,API" || time.Since(list.Versions[0].Saved) > time.Minute {
		t.Fatalf("%+v", list)
	}
	var v view
	r.get(t, ask{private: true, method: "POST", path: "/api/settings/restore", body: fmt.Sprintf(`{"id": %q}`, list.Versions[0].ID)}, &v)
	if len(v.Feeds) != 2 || len(r.cfg.Feeds.Health()) != 2 {
		t.Errorf("%+v", v)
	}
}

func TestASecretComesBackWithTheSettingsBeforeAnImport(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	var changes settings.Changes
	r.get(t, ask{private: true, method: "POST", path: "/api/settings/import?mode=replace", body: `{"feeds": []}`}, &changes)
	if len(changes.Removed) != 2 {
		t.Fatalf("%+v", changes)
	}
	var list struct{ Versions []settings.EarlierVersion }
	r.get(t, ask{private: true, path: "/api/settings/versions"}, &list)
	body := fmt.Sprintf(`{"id": %q}`, list.Versions[0].ID)
	changes = settings.Changes{}
	r.get(t, ask{private: true, method: "POST", path: "/api/settings/restore?preview=1", body: body}, &changes)
	if now, _ := r.cfg.Settings.Current(); len(changes.Added) != 2 || changes.Added[1].Lacks || len(now.Feeds) != 0 {
		t.Errorf("preview: %+v, %d feeds", changes, len(now.Feeds))
	}
	var v view
	r.get(t, ask{private: true, method: "POST", path: "/api/settings/restore", body: body}, &v)
	if now, _ := r.cfg.Settings.Current(); len(now.Feeds) != 2 || now.Feeds[1].Auth.Secret != "hunter2" || now.Feeds[1].LacksSecret() {
		t.Errorf("%+v", v)
	}
}

func TestThreeHundredFeedsComeInByTheRouteAndDuplicatesAreNamed(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	r.cfg.Apply = func() {} // the route's own time, without the feeds' connections
	var b strings.Builder
	b.WriteString("<opml><body>")
	for i := range 300 {
		fmt.Fprintf(&b, `<outline text="Feed %d" xmlUrl="http://127.0.0.1:1/%d.xml"/>`, i, i)
	}
	b.WriteString(`<outline text="Twice" xmlUrl="http://127.0.0.1:1/7.xml"/></body></opml>`)
	var c settings.OPMLChanges
	begun := time.Now()
	r.get(t, ask{private: true, method: "POST", path: "/api/opml", body: b.String()}, &c)
	if took := time.Since(begun); took > 2*time.Second || len(c.Added) != 300 || len(c.Duplicates) != 1 || c.Duplicates[0].Of != "Feed 7" {
		t.Errorf("%s: %d added, %+v", took, len(c.Added), c.Duplicates)
	}
}

func TestAListOfFeedsIsPreviewedAndAdded(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + apiFeed}.run(t)
	const list = `<opml><body><outline text="G"><outline text="One" xmlUrl="http://127.0.0.1:1/one"/></outline><outline text="Two" xmlUrl="https://a.example/?token=hunter2"/></body></opml>`
	for _, path := range []string{"/api/opml?preview=1", "/api/opml"} {
		var c settings.OPMLChanges
		r.get(t, ask{private: true, method: "POST", path: path, body: list}, &c)
		if len(c.Added) != 1 || c.Added[0].Group != "G" || len(c.Duplicates) != 1 || c.Duplicates[0].Of != "API" {
			t.Errorf("%s: %+v", path, c)
		}
	}
	got := r.do(t, ask{private: true, path: "/api/opml"})
	if !strings.Contains(got.body, `<outline text="G">`) || strings.Contains(got.body, "hunter2") || got.header.Get("Content-Type") != "text/x-opml" {
		t.Errorf("%v %s", got.header, got.body)
	}
}

func TestTheSchemaIsServedToTheWindowAlone(t *testing.T) {
	r := newRig(t)
	var schema map[string]any
	r.get(t, ask{private: true, path: "/api/settings/schema"}, &schema)
	if schema["$schema"] == nil || schema["properties"] == nil {
		t.Errorf("%v", schema)
	}
	for _, path := range []string{"/api/settings/schema", "/api/settings/export", "/api/settings/versions", "/api/opml"} {
		if got := r.do(t, ask{path: path}); got.status != http.StatusNotFound {
			t.Errorf("the front door has %s: %d", path, got.status)
		}
	}
}
