//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/backend/engine"
)

// Screens with fixed content look as in the pictures that are kept in
// frontend/e2e/golden; how these are made anew is said in golden.test.mjs.
func TestScreensLookAsInTheirPictures(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, engine.SettingsFile), []byte(`{"version": 1, "feeds": [
		{"id": "wire", "name": "Newsroom", "kind": "push", "color": 2, "group": "Reading"}, {"id": "quotes", "name": "Exchange", "kind": "push", "color": 4, "group": "Markets"},
		{"id": "builds", "name": "Builds", "kind": "push", "color": 6}]}`), 0o600))
	var lines strings.Builder
	at := time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC)
	for i := range 24 {
		at = at.Add(time.Duration(7+i*i%11) * time.Second)
		fmt.Fprintf(&lines, goldenEvents[i%len(goldenEvents)]+"\n", at.Format(time.RFC3339), i)
	}
	imports(t, dir, lines.String())
	inWindowsPage(t, dir, "golden.test.mjs", "DIFFERENCES="+t.ArtifactDir())
}

var goldenEvents = []string{
	`{"feed":"wire","receivedAt":%q,"title":"Harbour bridge opens after %d months","text":"The first cars crossed at eight in the morning.","url":"https://example.com/bridge","data":{"title":"Harbour bridge opens"}}`,
	`{"feed":"quotes","receivedAt":%q,"type":"trade","key":"MOSS","title":"MOSS","value":9.%d,"data":{"symbol":"MOSS","price":9.3}}`,
	`{"feed":"builds","receivedAt":%q,"type":"failed","severity":"error","title":"checkout #%d failed","text":"2 of 418 tests failed","data":{"project":"checkout","tests":418,"failed":2}}`,
	`{"feed":"builds","receivedAt":%q,"title":"ledger #%d passed","data":{"project":"ledger","tests":418}}`,
	`{"feed":"quotes","receivedAt":%q,"data":{"reading":12.%d,"unit":"mm","station":"north"}}`,
}
