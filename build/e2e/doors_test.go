//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// A malicious page in the user's own browser gets nothing and changes nothing; what it tries is said in
// frontend/e2e/malice.test.mjs.
func TestAMaliciousPageGetsNothingAndChangesNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	_, err := rig.Run(within(t, 20*time.Second), rig.Command{
		Path: program(t, "tickertape-cli"), Args: []string{"feed", "add", "--kind", "push", "--name", "Hooks", "--data", data},
	})
	must(t, err)
	s := serve(t, data, freePort(t))
	settings := func() []byte {
		text, err := os.ReadFile(filepath.Join(data, "settings.json"))
		must(t, err)
		return text
	}
	before := settings()
	node := start(t, "node", rig.Command{
		Path: "node", Args: []string{"--test", "--test-reporter=spec", "e2e/malice.test.mjs"},
		Dir: "../../frontend", Env: []string{"TICKERTAPE_URL=" + s.base + "/"},
	})
	err = node.Wait(within(t, 2*time.Minute))
	t.Log(strings.TrimSpace(node.Stdout.String()))
	if err != nil {
		t.Errorf("%v: %s", err, node.Stderr)
	}
	if !bytes.Equal(before, settings()) {
		t.Errorf("the settings have changed: %s", settings())
	}
	if got := (door{s.base}).history(t, "hooks"); len(got) > 0 {
		t.Errorf("somebody has published %v", got)
	}
	must(t, s.Stop())
}
