package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
)

type eventDetail struct {
	StoredAt *time.Time
	HTML     *struct {
		Links  []struct{ Text, URL string }
		Images int
		Ticket string
	}
}

func htmlRig(t *testing.T) *rig {
	t.Helper()
	r := build{window: true, feeds: paused("news")}.run(t)
	at := time.Unix(1, 0)
	r.add(t,
		event.Event{
			Feed: "news", Type: "message", URL: "https://feed.example/1", JSON: true, ReceivedAt: at,
			Data: []byte(`{"title":"A","html":"<p onclick=\"x()\">See <a href=\"/2\">that</a> <img src=\"a.png\" alt=\"cat\"></p><script>alert(1)</script>"}`),
		},
		event.Event{Feed: "news", Type: "message", Data: []byte("plain"), ReceivedAt: at})
	return r
}

func TestAnEventsDetailSaysWhenItWasStoredAndWhatItsPageHas(t *testing.T) {
	r := htmlRig(t)
	for _, private := range []bool{false, true} {
		var d eventDetail
		r.get(t, ask{private: private, path: "/events/" + r.id(1) + "/detail"}, &d)
		if d.StoredAt == nil || time.Since(*d.StoredAt) > time.Minute || d.HTML == nil || len(d.HTML.Links) != 1 || d.HTML.Images != 1 {
			t.Fatalf("%+v", d)
		}
		if d.HTML.Links[0].URL != "https://feed.example/2" || (d.HTML.Ticket != "") != private {
			t.Errorf("%+v", d.HTML)
		}
		var plain eventDetail
		r.get(t, ask{private: private, path: "/events/" + r.id(2) + "/detail"}, &plain)
		if plain.HTML != nil {
			t.Errorf("%+v", plain)
		}
	}
	r.do(t, ask{path: "/events/" + r.id(2) + "/html"}).problem(t, 404)
	r.do(t, ask{path: "/events/" + r.id(9) + "/html"}).problem(t, 404)
	r.do(t, ask{path: "/events/" + r.id(9) + "/detail"}).problem(t, 404)
	r.do(t, ask{path: "/events/" + r.id(1) + "/html?images=2"}).problem(t, 400)
}

func TestAnEventsPageHasNoRights(t *testing.T) {
	r := htmlRig(t)
	for _, row := range []struct {
		private bool
		query   string
		policy  []string
		body    []string
	}{
		{false, "", []string{"sandbox;", "default-src 'none'", "img-src 'none'", "frame-ancestors 'self'"}, []string{`data-theme="system"`, `class="image"`}},
		{false, "?images=1&theme=dark", []string{"sandbox;", "img-src http: https: data:"}, []string{`data-theme="dark"`, `src="https://feed.example/a.png"`}},
		{true, "?theme=%22%3E%3Cscript%3E", []string{"sandbox;", "frame-ancestors wails://wails http://wails.localhost"}, []string{`data-theme="system"`}},
	} {
		got := r.do(t, ask{private: row.private, path: "/events/" + r.id(1) + "/html" + row.query})
		if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: %d %s", row.query, got.status, got.body)
		}
		checkHeaders(t, "/html"+row.query, got.header)
		policy := got.header.Get("Content-Security-Policy")
		for _, part := range row.policy {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: no %s in %s", row.query, part, policy)
			}
		}
		for _, part := range row.body {
			if !strings.Contains(got.body, part) {
				t.Errorf("%s: no %s in %s", row.query, part, got.body)
			}
		}
		if strings.Contains(got.body, "script") || strings.Contains(got.body, "onclick") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s\n%s", row.query, policy, got.body)
		}
	}
}

func TestATicketOpensOneEventsPageAndNothingElse(t *testing.T) {
	r := htmlRig(t)
	var d eventDetail
	r.get(t, ask{private: true, path: "/events/" + r.id(1) + "/detail"}, &d)
	ticket := "ticket=" + d.HTML.Ticket
	for _, row := range []struct {
		method, path string
		want         int
	}{
		{"", "/events/" + r.id(1) + "/html?" + ticket, 200},
		{"", "/events/" + r.id(1) + "/html?images=1&" + ticket, 200},
		{"", "/events/" + r.id(1) + "/html", 401},
		{"", "/events/" + r.id(1) + "/html?ticket=", 401},
		{"", "/events/" + r.id(2) + "/html?" + ticket, 401},
		{"", "/events/" + r.id(1) + "?" + ticket, 401},
		{"", "/events/" + r.id(1) + "/detail?" + ticket, 401},
		{"", "/events/../api/settings/html?" + ticket, 401},
		{"", "/api/settings?" + ticket, 401},
		{http.MethodPost, "/events/" + r.id(1) + "/html?" + ticket, 401},
		{"", "/events/" + r.id(1) + "/html?ticket=" + r.private.Key, 401},
	} {
		a := ask{private: true, method: row.method, path: row.path, header: map[string]string{KeyHeader: ""}}
		if got := r.do(t, a); got.status != row.want {
			t.Errorf("%s %s: %d %s", row.method, row.path, got.status, got.body)
		}
	}
	foreign := ask{private: true, path: "/events/" + r.id(1) + "/html?" + ticket, header: map[string]string{KeyHeader: "", "Host": "rebind.example"}}
	r.do(t, foreign).problem(t, 403)
}
