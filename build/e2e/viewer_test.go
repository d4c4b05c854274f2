//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// The front door's page in a browser; what it must do is said in frontend/e2e/viewer.test.mjs.
func TestViewerInABrowser(t *testing.T) {
	s := serve(t, t.TempDir(), freePort(t))
	node := start(t, "node", rig.Command{
		Path: "node", Args: []string{"--test", "--test-reporter=spec", "e2e/viewer.test.mjs"},
		Dir: "../../frontend", Env: []string{"TICKERTAPE_URL=" + s.base + "/"},
	})
	err := node.Wait(within(t, 2*time.Minute))
	t.Log(strings.TrimSpace(node.Stdout.String()))
	if err != nil {
		t.Errorf("%v: %s", err, node.Stderr)
	}
	must(t, s.Stop())
}
