package server

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/settings"
)

func TestTokensOpenTheFrontDoorAsFarAsTheirScopeGoes(t *testing.T) {
	r := build{window: true, feeds: pushFeeds}.run(t)
	reading, publishing := r.token(t, "r", settings.ScopeRead), r.token(t, "p", settings.ScopePublish)
	revoked := r.token(t, "x", settings.ScopeRead)
	r.revoke(t, "x")
	front := r.guardFront(r.mux(r.frontRoutes()))
	const here, elsewhere = "192.168.1.5:40000", "192.168.1.7:40000"
	for _, row := range []struct {
		rule, remote, authorization string
		read, publish               int
	}{
		{"this computer", here, "", 200, 401},
		{"this computer, with a wrong token", here, "Bearer tt_wrong", 401, 401},
		{"this computer, with a token to read", here, "Bearer " + reading, 200, 403},
		{"this computer, with a token to publish", here, "Bearer " + publishing, 200, 202},
		{"another one", elsewhere, "", 401, 401},
		{"another one, with a wrong token", elsewhere, "Bearer tt_wrong", 401, 401},
		{"another one, with a revoked token", elsewhere, "Bearer " + revoked, 401, 401},
		{"another one, with an empty token", elsewhere, "Bearer ", 401, 401},
		{"another one, with no scheme", elsewhere, reading, 401, 401},
		{"another one, with a token to read", elsewhere, "Bearer " + reading, 200, 403},
		{"another one, in another case", elsewhere, "bearer  " + reading, 200, 403},
		{"another one, with a token to publish", elsewhere, "Bearer " + publishing, 403, 202},
		{"another one, with the window's key", elsewhere, "Bearer " + r.private.Key, 401, 401},
	} {
		t.Run(row.rule, func(t *testing.T) {
			for method, want := range map[string]int{http.MethodGet: row.read, http.MethodPost: row.publish} {
				local := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 5000}
				path := map[string]string{http.MethodGet: "/feeds", http.MethodPost: "/feeds/hooks/events"}[method]
				request := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), method, path, http.NoBody)
				request.Host, request.RemoteAddr = "192.168.1.5:5000", row.remote
				if row.authorization != "" {
					request.Header.Set("Authorization", row.authorization)
				}
				w := httptest.NewRecorder()
				front.ServeHTTP(w, request)
				if w.Code != want {
					t.Errorf("%s: status %d, want %d: %s", method, w.Code, want, w.Body)
				}
				if (w.Header().Get("WWW-Authenticate") == "Bearer") != (want == 401) {
					t.Errorf("%s: WWW-Authenticate is %q", method, w.Header().Get("WWW-Authenticate"))
				}
			}
		})
	}
}

func TestNothingAtTheFrontDoorIsWrittenWithoutAToken(t *testing.T) {
	r := build{feeds: pushFeeds}.run(t)
	written := 0
	for _, route := range r.frontRoutes() {
		method, path, _ := strings.Cut(route.pattern, " ")
		if method != http.MethodGet {
			written++
			r.do(t, ask{method: method, path: strings.Replace(path, "{feed}", "hooks", 1), body: "x"}).problem(t, 401)
		}
	}
	if written == 0 {
		t.Error("no route was tried")
	}
}

func TestAWebPageCannotPublish(t *testing.T) {
	r := build{window: true, feeds: pushFeeds}.run(t)
	token := r.token(t, "test", settings.ScopePublish)
	p := port(t, r.frontURL())
	for _, row := range []struct {
		rule   string
		token  bool
		header map[string]string
		want   int
	}{
		{"a form of another site", false, map[string]string{"Origin": "https://evil.example", "Content-Type": "text/plain"}, 403},
		{"a form without an Origin", false, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Content-Type": "text/plain"}, 401},
		{"even with a token", true, map[string]string{"Origin": "https://evil.example"}, 403},
		{"a rebound name, even with a token", true, map[string]string{"Host": "rebind.example:" + p}, 403},
		{"our own page", false, map[string]string{"Origin": r.frontURL()}, 401},
		{"our own page with a token", true, map[string]string{"Origin": r.frontURL()}, 202},
	} {
		a := toHooks(token, "", "", "x")
		if !row.token {
			delete(a.header, "Authorization")
		}
		maps.Copy(a.header, row.header)
		if got := r.do(t, a); got.status != row.want {
			t.Errorf("%s: %d %s", row.rule, got.status, got.body)
		}
	}
	preflight := ask{method: http.MethodOptions, path: "/feeds/hooks/events", header: map[string]string{
		"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization",
	}}
	got := r.do(t, preflight)
	got.problem(t, 403)
	for name := range got.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("a preflight is answered with %s", name)
		}
	}
	if head := r.cfg.Journal.Head(); r.kept(t) != "x" {
		t.Errorf("%d events", head)
	}
}

func TestTheWindowSeesTokensWithoutTheirHashes(t *testing.T) {
	r := build{window: true}.run(t)
	secret := r.token(t, "CI", settings.ScopePublish)
	current, _ := r.cfg.Settings.Current()
	got := r.do(t, ask{private: true, path: "/api/settings"})
	for _, hidden := range []string{secret, current.Tokens[0].Hash, "hash"} {
		if strings.Contains(got.body, hidden) {
			t.Errorf("%s is sent: %s", hidden, got.body)
		}
	}
	var v struct{ Tokens []settings.Token }
	r.get(t, ask{private: true, path: "/api/settings"}, &v)
	want := slices.Clone(current.Tokens)
	want[0].Hash = ""
	diff(t, "tokens", want, v.Tokens)
	// Nor are they lost or changed with what the window saves.
	r.put(t, "appearance", `{'theme': 'dark'}`)
	after, _ := r.cfg.Settings.Current()
	diff(t, "tokens after a change", current.Tokens, after.Tokens)
}

func TestAReadersStreamEndsWhenItsTokenIsRevoked(t *testing.T) {
	r := build{feeds: hooksFeed}.run(t)
	secret := r.token(t, "r", settings.ScopeRead)
	stream := r.read(t, ask{path: "/event_stream", header: map[string]string{"Authorization": "Bearer " + secret}})
	r.token(t, "another", settings.ScopeRead) // is none of its business
	r.add(t, count("hooks", 1, 1)...)
	stream.until(t, "hooks 1")
	r.revoke(t, "r")
	if e, err := stream.decoder.Next(); err == nil {
		t.Errorf("it goes on with %+v", e)
	}
}

func TestATokenOfAnotherProcessIsHonouredAndRevokedWhileTheServerRuns(t *testing.T) {
	r := build{feeds: pushFeeds}.run(t)
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() { defer close(watched); r.cfg.Settings.Watch(ctx) }()
	defer func() { cancel(); <-watched }()
	other, err := settings.Open(r.cfg.DataDir+"/settings.json", r.cfg.Log)
	must(t, err)
	var secret string
	for _, row := range []struct {
		edit func(*settings.Settings)
		want int
	}{
		{func(s *settings.Settings) { secret, _, err = s.AddToken("x", settings.ScopePublish, time.Now()) }, 202},
		{func(s *settings.Settings) { s.RemoveToken("x") }, 401},
	} {
		changed := r.cfg.Settings.Changed()
		must(t, other.Update(t.Context(), func(s *settings.Settings) error { row.edit(s); return err }))
		<-changed
		if got := r.do(t, toHooks(secret, "", "", "x")); got.status != row.want {
			t.Errorf("%d %s, want %d", got.status, got.body, row.want)
		}
	}
}

// FuzzPublishAnswersWithAPromiseOrAProblem holds that no body and no parameter
// is our failure, and that what is promised is stored.
func FuzzPublishAnswersWithAPromiseOrAProblem(f *testing.F) {
	f.Add("application/json", "type=a&id=b", []byte(`{"a":1}`))
	f.Add("text/plain;charset=x", "", []byte("\xff\x00"))
	f.Add(ndjson, "type=%0A", []byte("1\n\n{\n"))
	f.Add(ndjson, "", []byte("1\r\n\"2\"\n3"))
	r := build{feeds: hooksFeed}.run(f)
	token := r.token(f, "fuzz", settings.ScopePublish)
	f.Fuzz(func(t *testing.T, contentType, params string, body []byte) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/feeds/hooks/events", strings.NewReader(string(body)))
		request.URL.RawQuery = params
		request.Header["Content-Type"] = []string{contentType}
		request.Header.Set("Authorization", "Bearer "+token)
		before := r.cfg.Journal.Head()
		w := httptest.NewRecorder()
		r.mux(r.frontRoutes()).ServeHTTP(w, request)
		got := answer{w.Code, w.Header(), w.Body.String()}
		stored := int(r.cfg.Journal.Head() - before)
		if got.status != http.StatusAccepted {
			p := got.problem(t, got.status)
			if got.status/100 != 4 || (p.Stored == nil) != (stored == 0 && !strings.Contains(got.body, "duplicates")) {
				t.Errorf("%d %s, and %d stored", got.status, got.body, stored)
			}
			return
		}
		if p := got.accepted(t); p.Count != stored || (p.ID == "") != (p.Count+p.Duplicates == 0) {
			t.Errorf("%+v, and %d stored", p, stored)
		}
	})
}
