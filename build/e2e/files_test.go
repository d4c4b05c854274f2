//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// The system's own dialogues for files lead to real files: settings go out and come in again, and so do events.
func TestWindowSavesAndOpensFiles(t *testing.T) {
	d := newDesk(t)
	d.open(t)
	d.sees(t, 20*time.Second, "an event", shown(byHook("tape-row"), "Server time"))
	d.click(t, "tab-settings")
	d.click(t, "section-backup")
	path := filepath.Join(t.TempDir(), "mine.json")
	d.click(t, "settings-export")
	must(t, d.Choose(t.Context(), path))
	holds(t, path, `"id": "clock"`)
	d.click(t, "settings-import")
	must(t, d.Choose(t.Context(), path))
	d.sees(t, 10*time.Second, "that nothing would change", shown(byHook("changes-none"), ""))

	d.click(t, "section-history")
	d.click(t, "export")
	d.click(t, "export-start")
	path = filepath.Join(t.TempDir(), "events.ndjson")
	must(t, d.Choose(t.Context(), path))
	d.sees(t, 10*time.Second, "the end of the export", shown(byHook("export-state")+`[data-state="done"]`, ""))
	holds(t, path, "Server time")
	must(t, d.Stop())
}

// GTK waits for the answer to a dialogue for ever: the program ends all the same when it is asked to.
func TestADialogueForFilesKeepsNobodyFromEnding(t *testing.T) {
	d := newDesk(t)
	d.open(t)
	d.sees(t, 20*time.Second, "an event", shown(byHook("tape-row"), "Server time"))
	d.click(t, "tab-settings")
	d.click(t, "section-backup")
	d.click(t, "settings-export")
	must(t, d.Asked(t.Context()))
	must(t, d.Stop())
}

// holds waits until a file has a text in it.
func holds(t *testing.T, path, text string) {
	t.Helper()
	must(t, rig.Until(within(t, 10*time.Second), path+" to hold "+text, func(context.Context) (bool, error) {
		got, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		return strings.Contains(string(got), text), err
	}))
}
