//go:build e2e

package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tickertape/backend/simulate"
	"tickertape/build/rig"
	"tickertape/frontend"
)

// simulated serves invented feeds of every protocol, and the path of Wikimedia's stream of recent changes.
func simulated(t *testing.T) string {
	t.Helper()
	sim, err := simulate.New(simulate.Config{Seed: 1, Rate: 4, Backlog: 40})
	must(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/stream/recentchange" {
			r.URL.Path = "/sse/wikimedia"
		}
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		must(t, sim.Close())
		server.Close()
	})
	return server.URL
}

// The settings in a browser that takes itself for the window; what they must do is said in
// frontend/e2e/settings.test.mjs.
func TestSettingsInABrowser(t *testing.T) {
	assets, built := frontend.Assets()
	if !built {
		t.Fatal("the front end isn't built: run build/build")
	}
	p, err := openPage(within(t, 5*time.Minute), t.TempDir(), assets)
	must(t, err)
	_, port, err := net.SplitHostPort(p.listener)
	must(t, err)
	node := start(t, "node", rig.Command{
		Path: "node", Args: []string{"--test", "--test-reporter=spec", "e2e/settings.test.mjs"},
		Dir: "../../frontend",
		Env: []string{
			"TICKERTAPE_DOOR=" + p.url, "TICKERTAPE_KEY=" + p.key, "TICKERTAPE_PAGE=" + port, "TICKERTAPE_FEEDS=" + simulated(t),
			"TICKERTAPE_GO=go", "TICKERTAPE_CLI=" + program(t, "tickertape-cli"),
		},
	})
	err = node.Wait(within(t, 4*time.Minute))
	t.Log(strings.TrimSpace(node.Stdout.String()))
	if err != nil {
		t.Errorf("%v: %s", err, node.Stderr)
	}
	must(t, p.close())
}
