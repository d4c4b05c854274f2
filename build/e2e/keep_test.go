//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/backend/engine"
	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/build/rig"
	"tickertape/frontend"
)

// remember imports a history into a data folder before the program begins: lines
// of a feed, received on the two days before today.
func remember(t *testing.T, dir, feed string) {
	t.Helper()
	var lines strings.Builder
	noon := time.Now().Truncate(24 * time.Hour).Add(12 * time.Hour)
	for i := range 12 {
		at := noon.AddDate(0, 0, -2+i/6).Add(time.Duration(i) * time.Second)
		fmt.Fprintf(&lines, `{"feed":%q,"receivedAt":%q,"data":"remembered %d"}`+"\n", feed, at.Format(time.RFC3339), i+1)
	}
	imports(t, dir, lines.String())
}

// imports puts lines of an export into a data folder.
func imports(t *testing.T, dir, lines string) {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{Path: filepath.Join(dir, "journal.db"), Log: slog.New(slog.DiscardHandler), Committed: func([]event.Event) {}})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	done, err := j.Import(t.Context(), strings.NewReader(lines), nil)
	must(t, err)
	if done.Stored != strings.Count(lines, "\n") {
		t.Fatalf("%+v", done)
	}
	cancel()
	must(t, <-ended)
	must(t, j.Close())
}

// What the tape keeps and gives back, in the window's page in a browser; what it
// must do is said in frontend/e2e/keep.test.mjs.
func TestKeepingInTheWindowsPage(t *testing.T) {
	dir, saved := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, engine.SettingsFile), []byte(`{"version": 1, "feeds": [
		{"id": "old", "name": "Old", "kind": "push"}, {"id": "a", "name": "Alpha", "kind": "push"}, {"id": "b", "name": "Beta", "kind": "push"}]}`), 0o600))
	remember(t, dir, "old")
	inWindowsPage(t, dir, "keep.test.mjs", "SAVE_TO="+saved)
}

// Nothing serious for people who can't see, on screens that no other test comes
// by: frontend/e2e/axe.test.mjs.
func TestScreensAreAccessible(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, engine.SettingsFile), []byte(`{"version": 1, "feeds": [{"id": "a", "name": "Alpha", "kind": "push"}]}`), 0o600))
	inWindowsPage(t, dir, "axe.test.mjs")
}

// inWindowsPage runs a test of frontend/e2e on a program with this data folder.
func inWindowsPage(t *testing.T, dir, script string, env ...string) {
	t.Helper()
	assets, built := frontend.Assets()
	if !built {
		t.Fatal("the front end isn't built: run build/build")
	}
	p, err := openPage(within(t, 2*time.Minute), dir, assets)
	must(t, err)
	node := start(t, "node", rig.Command{
		Path: "node", Args: []string{"--test", "--test-reporter=spec", "e2e/" + script}, Dir: "../../frontend",
		Env: append(env, "PAGE_AT="+p.listener, "DOOR_URL="+p.url, "DOOR_KEY="+p.key, "FRONT_URL="+p.front),
	})
	err = node.Wait(within(t, 2*time.Minute))
	t.Log(strings.TrimSpace(node.Stdout.String()))
	if err != nil {
		t.Errorf("%v: %s", err, node.Stderr)
	}
	must(t, p.close())
}

// choose stands in for the dialogue that asks where to save a file: the body is
// the path that a person would have chosen.
func choose(e *engine.Engine) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_ = json.NewEncoder(w).Encode(map[string]string{"path": string(path), "ticket": e.AllowFile(string(path))})
	}
}
