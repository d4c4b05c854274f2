package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCatalogueListsWhatTheSearchFinds(t *testing.T) {
	code, stdout, stderr := run(t, "catalogue", "finnhub", "trades")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || stderr != "" || len(lines) != 2 {
		t.Fatalf("exit %d, %d lines, stderr %q", code, len(lines), stderr)
	}
	if !strings.HasPrefix(lines[1], "finnhub-trades ") || !strings.Contains(lines[1], "  key  ") {
		t.Errorf("%q", lines[1])
	}
	if code, stdout, stderr = run(t, "catalogue", "nothing", "like", "this"); code != 1 || stdout != "" || !strings.Contains(stderr, `"nothing like this"`) {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestCatalogueAsJSONIsAListWhateverIsFound(t *testing.T) {
	for search, want := range map[string]int{"clock of the demonstration, which is no feed": 0, "finnhub": 1} {
		code, stdout, _ := run(t, "catalogue", "--json", search)
		var got struct {
			Presets []struct {
				ID string `json:"id"`
			} `json:"presets"`
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 {
			t.Fatalf("exit %d, %v: %s", code, err, stdout)
		}
		if len(got.Presets) != want || strings.Contains(stdout, "null") {
			t.Errorf("%q: %d presets, want %d: %s", search, len(got.Presets), want, stdout)
		}
	}
}
