package server

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tickertape/backend/logs"
	"tickertape/backend/settings"
)

// logged makes the rig's log one of a file, as the engine does.
func (r *rig) logged(t *testing.T) {
	t.Helper()
	file, err := logs.Open(logs.Config{Path: filepath.Join(t.TempDir(), "x.log")})
	must(t, err)
	t.Cleanup(func() { _ = file.Close() })
	r.cfg.Logs = file
}

func TestTheLogsLevelIsChangedAtRunTime(t *testing.T) {
	r := newRig(t)
	r.do(t, ask{private: true, path: "/api/log"}).problem(t, http.StatusNotFound)
	r.logged(t)
	var view logView
	r.get(t, ask{private: true, method: "PUT", path: "/api/log", body: `{"level": "debug"}`}, &view)
	if view.Level.String() != "DEBUG" || r.cfg.Logs.Level() != view.Level {
		t.Errorf("the level is %v", view.Level)
	}
	for _, bad := range []string{`{"level": "loud"}`, `{}`, `{"level": 4}`, "", "[]"} {
		r.do(t, ask{private: true, method: "PUT", path: "/api/log", body: bad}).problem(t, http.StatusBadRequest)
	}
	if r.cfg.Logs.Level() != view.Level {
		t.Error("what was refused has changed the level")
	}
}

func TestDiagnosticsTellStatesAndNoSecrets(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + secretFeed}.run(t)
	r.logged(t)
	token := r.token(t, "phone", settings.ScopeRead)
	r.read(t, ask{path: "/event_stream?last=1"}).next(t)
	slog.New(r.cfg.Logs.Handler()).Error("get http://127.0.0.1:1/?token=hunter2: refused, key " + r.private.Key)
	got := r.do(t, ask{private: true, path: "/api/diagnostics"})
	for _, want := range []string{"Tickertape test, go1.", "Feed clock (clock): live", "Feed secret (sse): ", "Front door: open http://127.0.0.1:", "tokens: 1", "refused, key •••"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("no %q in\n%s", want, got.body)
		}
	}
	lines := r.do(t, ask{private: true, path: "/api/log"})
	for _, secret := range []string{"hunter2", r.private.Key, token} {
		if strings.Contains(got.body, secret) || strings.Contains(lines.body, secret) {
			t.Errorf("it tells %.6s…:\n%s\n%s", secret, got.body, lines.body)
		}
	}
	if !strings.Contains(lines.body, "refused") {
		t.Errorf("no lines: %s", lines.body)
	}
}

func TestProfilesAreForTheWindowsDoor(t *testing.T) {
	r := newRig(t)
	if got := r.do(t, ask{private: true, path: "/debug/pprof/goroutine?debug=1"}); got.status != http.StatusOK || !strings.Contains(got.body, "goroutine profile") {
		t.Errorf("%d", got.status)
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/api/diagnostics", "/api/log"} {
		if got := r.do(t, ask{path: path}); got.status != http.StatusNotFound {
			t.Errorf("%s at the front door: %d", path, got.status)
		}
	}
}
