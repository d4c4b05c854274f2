package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/secrets"
	"tickertape/backend/source"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fixture is a settings file of an earlier version in a folder of its own.
func fixture(t *testing.T, name string) (path string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	must(t, err)
	path = filepath.Join(t.TempDir(), "settings.json")
	must(t, os.WriteFile(path, data, 0o600))
	return path
}

// grep fails where a file below dir has what looks like a planted secret.
func grep(t *testing.T, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if found := planted.FindString(string(data)); found != "" {
			t.Errorf("%s has %s", path, found)
		}
		return err
	}))
}

var planted = regexp.MustCompile(`planted-[a-z]+-[0-9]`)

// change makes a change that isn't about secrets.
func change(t *testing.T, s *Store, port int) {
	t.Helper()
	must(t, s.Update(t.Context(), func(next *Settings) error { next.Front.Port = port; return nil }))
}

func TestEveryEarlierVersionIsOpenedAndLosesNothingButItsSecretsInPlain(t *testing.T) {
	for name, want := range map[string][]string{
		"settings-v0.json": {"planted-url-0"},
		"settings-v1.json": {
			"planted-auth-1", "planted-auth-2", "planted-body-1", "planted-header-1", "planted-network-1", "planted-proxy-1", "planted-script-1", "planted-url-1", "planted-url-2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := fixture(t, name)
			original, err := os.ReadFile(path)
			must(t, err)
			expected, err := parse(original)
			must(t, err)
			s := open(t, path)
			grep(t, filepath.Dir(path))
			for range 2 { // the second time from what the first one has saved
				current, _ := s.Current()
				if diff := cmp.Diff(expected, current); diff != "" || s.Notice() != "" {
					t.Errorf("%s%s", s.Notice(), diff)
				}
				all, err := json.Marshal(current)
				must(t, err)
				got := planted.FindAllString(string(all), -1)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				s = open(t, path)
			}
			change(t, s, 5555)
			grep(t, filepath.Dir(path))
			saved, err := os.ReadFile(path)
			must(t, err)
			for _, kept := range []string{"12345678901234567890", `"unknown": "7d"`} {
				if strings.Contains(string(original), kept) && !strings.Contains(string(saved), kept) {
					t.Errorf("%s is gone from\n%s", kept, saved)
				}
			}
		})
	}
}

func TestSecretsKeepTheirReferenceUntilTheyChangeAndAreForgottenWithTheirFeed(t *testing.T) {
	path := fixture(t, "settings-v1.json")
	s := open(t, path)
	keep := secrets.New(secrets.Config{Dir: filepath.Dir(path), Log: slog.New(slog.DiscardHandler)})
	refs := func() []string { return s.document.secretRefs() }
	before := refs()
	change(t, s, 1)
	if diff := cmp.Diff(before, refs()); diff != "" {
		t.Error("a change of something else:", diff)
	}
	must(t, s.Update(t.Context(), func(next *Settings) error {
		next.Feeds[next.Feed("bearer")].Auth.Secret = "planted-new-1"
		next.Feeds = slices.Delete(next.Feeds, next.Feed("poll"), next.Feed("poll")+1)
		return nil
	}))
	after := refs()
	var kept, gone int
	for _, id := range before {
		values, err := keep.Get(id)
		must(t, err)
		switch used := slices.Contains(after, id); {
		case used != (len(values) == 1):
			t.Errorf("%s: used %v, kept %v", id, used, values)
		case used:
			kept++
		default:
			gone++
		}
	}
	if kept != 4 || gone != 5 {
		t.Errorf("kept %d, forgot %d", kept, gone)
	}
	grep(t, filepath.Dir(path))
	if current, _ := open(t, path).Current(); current.Feeds[1].Auth.Secret != "planted-new-1" {
		t.Errorf("%q", string(current.Feeds[1].Auth.Secret))
	}
}

func TestASaveThatFailsLeavesTheSettingsAndNoSecretBehind(t *testing.T) {
	path := fixture(t, "settings-v1.json")
	s := open(t, path)
	before, revision := s.Current()
	// A folder where the version before is to be kept can't be made.
	must(t, os.RemoveAll(s.versionsDir()))
	must(t, os.WriteFile(s.versionsDir(), nil, 0o600))
	err := s.Update(t.Context(), func(next *Settings) error {
		next.Feeds[next.Feed("bearer")].Auth.Secret = "planted-new-1"
		return nil
	})
	after, now := s.Current()
	if diff := cmp.Diff(before, after); err == nil || diff != "" || now != revision {
		t.Errorf("%v, %s", err, diff)
	}
	if disk, _ := open(t, path).Current(); !cmp.Equal(before, disk) {
		t.Error("the file was changed")
	}
}

func TestASecretThatCannotBeReadLeavesTheSettingsInForceAndItsReferenceWhereItWas(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "settings.json")
	with := func(passphrase string) *Store {
		log := slog.New(slog.DiscardHandler)
		s, err := OpenWith(path, secrets.New(secrets.Config{Dir: dir, Passphrase: passphrase, Log: log}), log)
		must(t, err)
		return s
	}
	must(t, with("right").Update(t.Context(), func(next *Settings) error {
		_, err := next.Add(Feed{Feed: source.Feed{Name: "A", URL: "https://me:planted-url-1@a.example", Auth: source.Auth{Type: "bearer", Secret: "planted-auth-1"}}})
		return err
	}))
	locked := with("")
	current, _ := locked.Current()
	if f := current.Feeds[1]; locked.Notice() != "" || !f.LacksSecret() || f.Shared() || planted.MatchString(string(f.Auth.Secret)) {
		t.Errorf("%q %+v", locked.Notice(), current.Feeds[1])
	}
	change(t, locked, 1)
	err := locked.Update(t.Context(), func(next *Settings) error { next.Feeds[1].Auth.Secret = "planted-new-1"; return nil })
	if err == nil || planted.MatchString(err.Error()) {
		t.Errorf("a new secret was taken: %v", err)
	}
	if now, _ := with("right").Current(); now.Feeds[1].Auth.Secret != "planted-auth-1" || now.Feeds[1].URL != "https://me:planted-url-1@a.example" {
		t.Errorf("%q", now.Feeds[1].URL)
	}
	// Once it can be read, nobody has to start anew.
	must(t, os.Rename(filepath.Join(dir, "secrets.enc"), filepath.Join(dir, "elsewhere")))
	late := with("right")
	must(t, os.Rename(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "secrets.enc")))
	changed := late.Changed()
	late.Refresh()
	<-changed
	if now, _ := late.Current(); now.Feeds[1].Auth.Secret != "planted-auth-1" {
		t.Errorf("%q", string(now.Feeds[1].Auth.Secret))
	}
}

func TestASecretThatSomebodyWritesIntoTheFileIsTakenOutWhileItRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		add(t, s, "First")
		end := watch(t, s)
		must(t, os.WriteFile(path, []byte(`{"version": 2, "feeds": [{"name": "By hand", "url": "https://a.example/?token=planted-url-1"}]}`), 0o600))
		for taken := false; !taken; {
			changed := s.Changed()
			s.mu.Lock()
			taken = s.document.Feeds[0].Name == "By hand" && !s.document.holdsSecrets()
			s.mu.Unlock()
			if !taken {
				<-changed
			}
		}
		end()
		if now, _ := s.Current(); now.Feeds[0].URL != "https://a.example/?token=planted-url-1" {
			t.Errorf("%+v", now.Feeds)
		}
	})
	grep(t, filepath.Dir(path))
}

func TestTheLastTenVersionsAreKeptAndCanBeRestored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	s := open(t, path)
	for port := range 15 {
		change(t, s, port)
	}
	change(t, s, 14) // the same
	versions, err := s.Versions()
	must(t, err)
	if len(versions) != 10 || !slices.Equal(versions[0].Feeds, []string{"Clock"}) {
		t.Fatalf("%+v", versions)
	}
	for i, v := range versions {
		if earlier, err := s.readVersion(v.ID); err != nil || earlier.Front.Port != 13-i {
			t.Errorf("version %d: port %d, %v", i, earlier.Front.Port, err)
		}
	}
	must(t, restore(t, s, versions[9].ID))
	if now, _ := open(t, path).Current(); now.Front.Port != 4 {
		t.Errorf("port %d", now.Front.Port)
	}
	undo, err := s.Versions()
	must(t, err)
	must(t, restore(t, s, undo[0].ID))
	if now, _ := s.Current(); now.Front.Port != 14 {
		t.Errorf("undone: port %d", now.Front.Port)
	}
	for _, id := range []string{"", "x", "../settings", versions[9].ID + "/../x", "20200101T000000.000000Z"} {
		if err := restore(t, s, id); !errors.Is(err, ErrNoVersion) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestARestoredVersionHasTheSecretsThatAreStillThereAndNoRevokedToken(t *testing.T) {
	path := fixture(t, "settings-v1.json")
	s := open(t, path)
	must(t, s.Update(t.Context(), func(next *Settings) error {
		next.Feeds[next.Feed("bearer")].Auth.Secret = "planted-new-1"
		next.Feeds = slices.Delete(next.Feeds, next.Feed("poll"), next.Feed("poll")+1)
		next.Tokens = []Token{}
		return nil
	}))
	versions, err := s.Versions()
	must(t, err)
	must(t, restore(t, s, versions[0].ID))
	now, _ := s.Current()
	if got := now.Feeds[now.Feed("bearer")]; got.Auth.Secret != "planted-new-1" || got.LacksSecret() {
		t.Errorf("%q", string(got.Auth.Secret))
	}
	if got := now.Feeds[now.Feed("poll")]; !got.LacksSecret() {
		t.Error("a forgotten secret came back")
	}
	if len(now.Tokens) > 0 {
		t.Error("a revoked token came back")
	}
	grep(t, filepath.Dir(path))
}

func TestWhatIsWrongInTheFileIsToldWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"{\n  \"version\": 2,\n  \"feeds\": [\n}": "line 4, column 1: This is not JSON",
		"":     "line 1, column 1: This is not JSON",
		"{\n":  "line 2, column 1: This is not JSON",
		"null": "line 1, column 1: This is a JSON null; the settings are",
		"[]":   "line 1, column 1: This is a JSON array; the settings are",
		"{} x": "line 1, column 4: This is not JSON",
		"{\n\"front\": {\n  \"port\": \"http\"}}":  "line 3, column 11: front.port: This can't be a JSON string.",
		"{\"front\": {\"port\": 70000}}":           "line 1, column 20: front.port: A port is",
		"{\"appearance\":\n{\"theme\": \"pink\"}}": "line 2, column 11: appearance.theme: The theme is",
		"{\"version\": \"two\"}":                   "line 1, column 13: version: The version is a number.",
		"{\"feeds\": {}}":                          "line 1, column 11: feeds: This can't be a JSON object.",
		"{\"feeds\": [{\"name\": \"a\", \"url\": \"https://a.example\"},\n {\"name\": 7}]}":                                        "line 2, column 11: feeds[1].name: This can't be a JSON number.",
		"{\"feeds\": [{\"kind\": \"clock\", \"name\": \"a\"},\n {\"kind\": \"clock\", \"name\": \"b\", \"interval\": \"often\"}]}": "line 2, column 45: feeds[1].interval: \"often\" is not a duration",
		"{\"feeds\": [{\"name\": \"a\", \"url\": \"https://a.example\"},\n {\"name\": \"é\", \"url\": \"ftp://a\"}]}":              "line 2, column 23: feeds[1].url: Feeds are read over",
		"{\"feeds\": [{\"name\": \"a\", \"url\": \"https://a.example\"},\n {\"name\": \"A\", \"url\": \"https://a.example\"}]}":    "line 2, column 11: feeds[1].name: There is a feed called",
		"{\"feeds\": [{\"name\": \"a\", \"auth\":\n {\"type\": \"bearer\"}, \"url\": \"https://a.example\"}]}":                     "line 2, column 2: feeds[0].auth: Give the password",
		"{\"feeds\": [\n{\"name\": \"a\"}]}": "line 2, column 1: feeds[0].url: Paste",
	} {
		_, err := decode([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func FuzzAPlaceIsWithinTheText(f *testing.F) {
	f.Add([]byte(`{"feeds":[{"name":7}]}`), "feeds[0].name")
	f.Add([]byte("{\n"), "a")
	f.Add([]byte(`{"feeds":[x`), "feeds[0].name") // once looked for an end that never came
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		if offset, ok := position(data, path); ok && (offset < 0 || offset > int64(len(data))) {
			t.Errorf("%q in %q: %d", path, data, offset)
		}
		if e, ok := errors.AsType[*FileError](func() error { _, err := decode(data); return err }()); ok && (e.Line < 0 || e.Line > len(data)+1 || e.Reason == "") {
			t.Errorf("%q: %+v", data, e)
		}
	})
}

// restore brings a version back, after a look that changes nothing.
func restore(t *testing.T, s *Store, id string) error {
	t.Helper()
	_, before := s.Current()
	preview, err := s.Restore(t.Context(), Restoring{ID: id, Preview: true})
	if _, after := s.Current(); after != before {
		t.Error("a preview changed something")
	}
	if err != nil {
		return err
	}
	done, err := s.Restore(t.Context(), Restoring{ID: id})
	if diff := cmp.Diff(preview, done); diff != "" {
		t.Error(diff)
	}
	return err
}
