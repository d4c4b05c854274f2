package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// file writes a file of a test's own.
func file(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ok runs a command that must succeed.
func ok(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := run(t, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d, %s", args, code, stderr)
	}
	return stdout
}

func TestSettingsMoveFromOneFolderToAnother(t *testing.T) {
	a, b, phrase := t.TempDir(), t.TempDir(), file(t, "phrase", "correct horse\n")
	ok(t, "feed", "add", "--data", a, "https://a.example/?token=hunter2", "--kind", "sse", "--name", "A")
	out := filepath.Join(t.TempDir(), "export.json")
	ok(t, "settings", "export", "--data", a, "-o", out, "--passphrase-file", phrase)
	preview := ok(t, "settings", "import", out, "--data", b, "--preview")
	if !strings.Contains(preview, "+ a (A); its password or key is missing\n") || !strings.Contains(preview, "1 added, 0 changed, 0 removed, 1 the same") ||
		!strings.Contains(preview, "--passphrase-file") {
		t.Errorf("preview: %s", preview)
	}
	if got := ok(t, "feed", "list", "--data", b); strings.Contains(got, "a.example") {
		t.Errorf("a preview changed something: %s", got)
	}
	ok(t, "settings", "import", out, "--data", b, "--passphrase-file", phrase)
	if diff := cmp.Diff(ok(t, "settings", "export", "--data", a), ok(t, "settings", "export", "--data", b)); diff != "" {
		t.Error(diff)
	}
	if got := ok(t, "feed", "list", "--data", b); !strings.Contains(got, "a.example/?token=••••••") {
		t.Errorf("%s", got)
	}
	if got := ok(t, "settings", "import", out, "--data", b, "--passphrase-file", phrase, "--replace"); !strings.Contains(got, "0 changed, 0 removed, 2 the same") {
		t.Errorf("again: %s", got)
	}
}

func TestEarlierSettingsAreListedAndRestored(t *testing.T) {
	data := t.TempDir()
	ok(t, "feed", "add", "--data", data, "--kind", "push", "--name", "One")
	ok(t, "feed", "remove", "--data", data, "one")
	version, _, _ := strings.Cut(ok(t, "settings", "versions", "--data", data), " ")
	ok(t, "settings", "restore", version, "--data", data)
	if got := ok(t, "feed", "list", "--data", data); !strings.Contains(got, "One") {
		t.Errorf("%s", got)
	}
	if code, _, stderr := run(t, "settings", "restore", "nonsense", "--data", data); code != 1 || !strings.Contains(stderr, "see settings versions") {
		t.Errorf("%d %s", code, stderr)
	}
	if got := ok(t, "settings", "schema"); !strings.Contains(got, "2020-12") {
		t.Errorf("%s", got)
	}
}

func TestAListOfFeedsComesInAndGoesOut(t *testing.T) {
	data := t.TempDir()
	list := file(t, "list.opml", `<opml><body><outline text="News"><outline text="One" xmlUrl="https://one.example/"/><outline text="Bad" xmlUrl="ftp://b"/></outline></body></opml>`)
	for range 2 {
		ok(t, "feed", "import", list, "--data", data, "--preview")
	}
	if got := ok(t, "feed", "import", list, "--data", data); !strings.Contains(got, "+ one (One) https://one.example/\n") || !strings.Contains(got, "! ftp://b: ") || !strings.Contains(got, "1 added, 0 there already, 1 refused") {
		t.Errorf("%s", got)
	}
	if got := ok(t, "feed", "import", list, "--data", data); !strings.Contains(got, "= https://one.example/ is there already: One\n") {
		t.Errorf("%s", got)
	}
	out := ok(t, "feed", "export", "--data", data)
	if !strings.Contains(out, `<outline text="News">`) || !strings.Contains(out, `xmlUrl="https://one.example/"`) {
		t.Errorf("%s", out)
	}
	for _, args := range [][]string{{"feed", "import", "/nowhere"}, {"feed", "import", file(t, "x", "x")}, {"settings", "import", file(t, "y", "{")}, {"settings", "export", "--passphrase-file", file(t, "empty", "")}} {
		if code, _, stderr := run(t, append(args, "--data", data)...); code != 1 || stderr == "" {
			t.Errorf("%v: %d %q", args, code, stderr)
		}
	}
}
