package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/engine"
	"tickertape/backend/journal"
)

// withHistory is a data folder with three events.
func withHistory(t *testing.T) (dataDir string) {
	t.Helper()
	dataDir = t.TempDir()
	lines := `{"id":"old-1","feed":"news","type":"message","title":"One \u001b[31m","text":"first\nline","receivedAt":"2026-11-22T08:00:00Z","data":{"n":1}}
{"id":"old-2","feed":"btc","type":"trade","key":"BTC","text":"=2","value":64123.50,"receivedAt":"2026-11-22T09:00:00Z","data":"=2"}
{"id":"old-3","feed":"news","type":"message","text":"third","receivedAt":"2026-11-22T10:00:00Z","data":"third"}
`
	if _, err := engine.Import(t.Context(), dataDir, strings.NewReader(lines), slog.New(slog.DiscardHandler), func(line int, err error) { t.Error(line, err) }); err != nil {
		t.Fatal(err)
	}
	return dataDir
}

func TestSearchPrintsALineForEachEventTheNewestLast(t *testing.T) {
	dataDir := withHistory(t)
	at := func(hour int) string {
		return time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC).Local().Format(time.DateTime)
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"all", nil, at(8) + "  news          One [31m  first line\n" + at(9) + "  btc           (trade)  BTC  =2\n" + at(10) + "  news          third\n"},
		{"a query", []string{"value>100", "OR", "third"}, at(9) + "  btc           (trade)  BTC  =2\n" + at(10) + "  news          third\n"},
		{"a feed and a limit", []string{"--feed", "news", "--limit", "1"}, at(10) + "  news          third\n"},
		{"nothing", []string{"nothing"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := run(t, append([]string{"search", "--data", dataDir}, tt.args...)...)
			if code != 0 || stderr != "" {
				t.Errorf("exit %d, stderr %q", code, stderr)
			}
			if diff := cmp.Diff(tt.want, stdout); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSearchPointsAtTheMistake(t *testing.T) {
	code, _, stderr := run(t, "search", `a ) b`)
	want := "tickertape: This parenthesis closes nothing: remove it, or open one before.\n  a ) b\n    ^\n"
	if code != 1 || stderr != want {
		t.Errorf("exit %d, stderr %q, want %q", code, stderr, want)
	}
	if code, _, stderr = run(t, "search", "--data", filepath.Join(t.TempDir(), "none")); code != 1 || !strings.Contains(stderr, "there is no history in") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

// serving runs a Tickertape on a data folder until the test ends.
func serving(t *testing.T, dataDir string) *engine.Engine {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	e, err := engine.New(ctx, engine.Config{DataDir: dataDir, Listen: "127.0.0.1:0", Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return e
}

// following runs a command line until its output has two lines, and returns
// them.
func following(t *testing.T, args ...string) []string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- Run(ctx, Program{Args: args, Stdout: in, Stderr: io.Discard}) }()
	var text string
	buf := make([]byte, 4096)
	for strings.Count(text, "\n") < 2 {
		n, err := out.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		text += string(buf[:n])
	}
	stop()
	go func() { _, _ = io.Copy(io.Discard, out) }() // what is on its way
	if code := <-ended; code != 0 {
		t.Errorf("exit %d", code)
	}
	in.Close()
	return strings.Split(text, "\n")[:2]
}

func TestSearchFollowsARunningTickertape(t *testing.T) {
	dataDir := t.TempDir()
	clock := `{"version": 1, "feeds": [{"id": "clock", "name": "Clock", "kind": "clock", "interval": "100ms"}]}`
	if err := os.WriteFile(filepath.Join(dataDir, engine.SettingsFile), []byte(clock), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serving(t, dataDir).Front().URL
	for name, args := range map[string][]string{
		"in its folder":      {"--data", dataDir},
		"at its front door":  {"--url", url},
		"with a query there": {"--url", url, "message"},
	} {
		lines := following(t, append([]string{"search", "--follow", "--limit", "1", "--feed", "clock"}, args...)...)
		for _, line := range lines {
			if !strings.Contains(line, "  clock         ") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	code, stdout, stderr := run(t, "search", "--url", url, "--json", "--limit", "2", "type:message")
	if code != 0 || strings.Count(stdout, `"feed":"clock","type":"message"`) != 2 {
		t.Errorf("exit %d, %q %q", code, stdout, stderr)
	}
	code, _, stderr = run(t, "search", "--url", url, "--feed", "nobody")
	if code != 1 || !strings.Contains(stderr, `There is no feed called "nobody" here`) {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	code, _, stderr = run(t, "import", "--data", dataDir, os.DevNull)
	if code != 1 || !strings.Contains(stderr, "another Tickertape uses this data folder") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

func TestExportWritesAFileThatImportReads(t *testing.T) {
	dataDir, elsewhere := withHistory(t), t.TempDir()
	file := filepath.Join(t.TempDir(), "tape.ndjson")
	code, stdout, stderr := run(t, "export", "--data", dataDir, "-o", file, "--from", "2026-11-22T08:30:00Z")
	if code != 0 || stdout != "" || stderr != fmt.Sprintf("wrote 2 events to %s\n", file) {
		t.Errorf("exit %d, %q %q", code, stdout, stderr)
	}
	if left, err := filepath.Glob(file + ".*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, want := range []string{"stored 2 events, left out 0", "stored 0 events, left out 2"} {
		if code, _, stderr = run(t, "import", "--data", elsewhere, file); code != 0 || !strings.HasPrefix(stderr, want) {
			t.Errorf("exit %d, stderr %q, want %q", code, stderr, want)
		}
	}
	code, stdout, _ = run(t, "export", "--data", elsewhere, "--format", "csv", "--q", "key:btc")
	records, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if code != 0 || err != nil || len(records) != 2 || records[1][4] != "old-2" || records[1][9] != "64123.50" || records[1][14] != "'=2" {
		t.Errorf("exit %d, %v, %q", code, err, records)
	}
	if code, _, stderr = run(t, "export", "--data", dataDir, "--feed", "new"); code != 1 || !strings.Contains(stderr, `no events of a feed with the id "new"`) {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	if code, _, stderr = run(t, "export", "--data", dataDir, "--to", "noon"); code != 1 || !strings.Contains(stderr, `"noon" is neither`) {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

func TestAnExportThatIsStoppedLeavesWhatItHas(t *testing.T) {
	dataDir := withHistory(t)
	file := filepath.Join(t.TempDir(), "tape.ndjson")
	if err := os.WriteFile(file, []byte("older\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := openHistory(t.Context(), dataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	export, err := a.Export(journal.Selection{}, journal.NDJSON)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := export.Save(ctx, file); err == nil {
		t.Error("it was not stopped")
	}
	if kept, err := os.ReadFile(file); string(kept) != "older\n" || err != nil {
		t.Errorf("the older file: %q, %v", kept, err)
	}
	if _, err := os.Stat(file + journal.PartialSuffix); err != nil {
		t.Error(err)
	}
}

func TestImportTellsTheFirstBadLines(t *testing.T) {
	var out strings.Builder
	lines := strings.Repeat("nonsense\n", 12) + `{"feed":"a","data":1}`
	err := runImport(t.Context(), t.TempDir(), strings.NewReader(lines), &out, func() *slog.Logger { return slog.New(slog.DiscardHandler) })
	if err == nil {
		t.Error("bad lines went unnoticed by the exit code")
	}
	if got := out.String(); strings.Count(got, "was left out") != 10 || !strings.Contains(got, "line 10 was") ||
		!strings.HasSuffix(got, "stored 1 events, left out 0 that were there already, and did not understand 12\n") {
		t.Errorf("%s", got)
	}
}
