package settings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tickertape/backend/source"
)

// fresh is a store that was never used.
func fresh(t *testing.T) *Store { return open(t, filepath.Join(t.TempDir(), "settings.json")) }

func export(t *testing.T, s *Store, passphrase string) []byte {
	t.Helper()
	data, err := s.Export(passphrase)
	must(t, err)
	return data
}

func TestAnExportComesBackByteForByte(t *testing.T) {
	s := open(t, fixture(t, "settings-v1.json"))
	must(t, s.Update(t.Context(), func(next *Settings) error {
		next.Network.Proxy = source.ProxySystem // one whose password isn't there can't be taken over
		return nil
	}))
	plain := export(t, s, "")
	if found := planted.Find(plain); found != nil {
		t.Errorf("it has %s", found)
	}
	other := fresh(t)
	changes, err := other.Import(t.Context(), Import{Data: plain, Mode: ModeReplace})
	must(t, err)
	if len(changes.Added) != 3 || len(changes.Same)+len(changes.Changed) != 1 || !changes.Added[0].Lacks || changes.Sealed {
		t.Errorf("%+v", changes)
	}
	if diff := cmp.Diff(string(plain), string(export(t, other, ""))); diff != "" {
		t.Error(diff)
	}
	again := fresh(t)
	_, err = again.Import(t.Context(), Import{Data: export(t, other, ""), Mode: ModeReplace})
	must(t, err)
	if diff := cmp.Diff(string(export(t, other, "")), string(export(t, again, ""))); diff != "" {
		t.Error(diff)
	}
	a, err := os.ReadFile(other.path)
	must(t, err)
	b, err := os.ReadFile(again.path)
	must(t, err)
	if diff := cmp.Diff(string(a), string(b)); diff != "" {
		t.Error("files:", diff)
	}
}

func TestAPassphraseTakesSecretsAndTokensAlong(t *testing.T) {
	s := open(t, fixture(t, "settings-v1.json"))
	sealed := export(t, s, "correct horse")
	if found := planted.Find(sealed); found != nil || strings.Contains(string(sealed), `"hash"`) {
		t.Errorf("it shows %s", found)
	}
	other := fresh(t)
	if _, err := other.Import(t.Context(), Import{Data: sealed, Mode: ModeReplace, Passphrase: "wrong"}); err == nil || !strings.Contains(err.Error(), "not the one") {
		t.Errorf("%v", err)
	}
	changes, err := other.Import(t.Context(), Import{Data: sealed, Mode: ModeReplace, Preview: true})
	if err != nil || !changes.Sealed {
		t.Errorf("%+v, %v", changes, err)
	}
	_, err = other.Import(t.Context(), Import{Data: sealed, Mode: ModeReplace, Passphrase: "correct horse"})
	must(t, err)
	want, _ := s.Current()
	got, _ := other.Current()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	grep(t, filepath.Dir(other.path))
}

func TestAMergeKeepsWhatThereIsAndNamesWhatChanges(t *testing.T) {
	s := open(t, fixture(t, "settings-v1.json"))
	data := `{"version": 2, "appearance": {"theme": "light"}, "tokens": [{"id": "x", "name": "Evil", "scope": "read", "hash": "1"}], "feeds": [
		{"id": "bearer", "name": "Bearer", "kind": "sse", "url": "https://a.example/other", "paused": true, "color": 2, "share": true,
			"auth": {"type": "bearer", "secret": "` + source.Mask + `"}, "proxy": "http://me:` + source.Mask + `@proxy.example:8080"},
		{"id": "poll", "name": "Poll", "kind": "poll", "url": "https://evil.example/x?api_key=` + source.Mask + `", "color": 4, "paused": false},
		{"id": "clock-2", "name": "clock", "kind": "clock", "interval": "1m", "paused": false, "color": 5}]}`
	before, revision := s.Current()
	want := Changes{
		Added:   []FeedChange{{ID: "clock-2", Name: "clock 2", Was: "clock"}},
		Changed: []FeedChange{{ID: "bearer", Name: "Bearer", Members: []string{"url"}}, {ID: "poll", Name: "Poll", Members: []string{"body", "headers", "url"}, Lacks: true}},
		Removed: []FeedChange{}, Same: []FeedChange{{ID: "clock", Name: "Clock"}, {ID: "socket", Name: "Socket"}}, Parts: []string{"appearance"},
	}
	for _, preview := range []bool{true, false} {
		got, err := s.Import(t.Context(), Import{Data: []byte(data), Mode: ModeMerge, Preview: preview})
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if now, n := s.Current(); preview && (n != revision || !cmp.Equal(before, now)) {
			t.Error("a preview changed something")
		}
	}
	now, _ := s.Current()
	if now.Feeds[1].Auth.Secret != "planted-auth-1" || now.Appearance.Theme != "light" || now.Appearance.Density != "compact" || len(now.Tokens) != 1 {
		t.Errorf("%+v", now)
	}
	if found := planted.FindString(now.Feeds[3].URL); found != "" {
		t.Errorf("%s goes to another host", found)
	}
	if _, err := s.Import(t.Context(), Import{Data: []byte(`{"feeds": []}`), Mode: ModeReplace}); err != nil {
		t.Error(err)
	}
	if now, _ := s.Current(); len(now.Feeds) != 0 || now.Appearance.Theme != "light" || len(now.Tokens) != 1 {
		t.Errorf("replaced: %+v", now)
	}
}

func TestABadImportIsRefusedWithItsPlaceAndChangesNothing(t *testing.T) {
	s := fresh(t)
	for data, want := range map[string]string{
		"{": "line 1", `{"feeds": [{"name": "x"}]}`: "line 1, column 12: feeds[0].url: Paste", `{"version": 99}`: "newer Tickertape",
		`{"feeds": [{"name": "x", "url": "https://a.example"}, {"name": "X", "url": "https://b.example"}]}`: "feeds[1].name",
	} {
		if _, err := s.Import(t.Context(), Import{Data: []byte(data), Mode: ModeMerge}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", data, err)
		}
	}
	if _, err := s.Import(t.Context(), Import{Data: []byte("{}"), Mode: "mix"}); err == nil {
		t.Error("a mode that there isn't was taken")
	}
	if _, revision := s.Current(); revision != 0 {
		t.Error("the settings were changed")
	}
}

const list = `<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>My feeds</title></head><body>
<outline text="News"><outline title="Caf` + "\xe9" + `" type="rss" xmlUrl="https://news.example/feed.xml"/>
  <outline text="Tech"><outline text="Deep" xmlUrl="https://deep.example/"/></outline></outline>
<outline text="Again" xmlUrl="http://NEWS.example/feed.xml/"/>
<outline text="Not ours" xmlUrl="ftp://old.example/"/>
<outline text="Stream" type="sse" url="https://stream.example/?token=planted-url-1"/>
<outline text="A page" type="link" url="https://page.example/"/>
<outline xmlUrl="https://nameless.example/"/>
</body></opml>`

func TestAListOfFeedsIsAddedWithItsFoldersAndDuplicatesAreNamed(t *testing.T) {
	s := fresh(t)
	preview, err := s.ImportOPML(t.Context(), []byte(list), true)
	must(t, err)
	if now, revision := s.Current(); len(now.Feeds) != 1 || revision != 0 {
		t.Error("a preview changed something")
	}
	done, err := s.ImportOPML(t.Context(), []byte(list), false)
	must(t, err)
	if diff := cmp.Diff(preview, done); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, o := range done.Added {
		got = append(got, fmt.Sprint(o.Name, "|", o.Group, "|", o.Kind, "|", o.URL))
	}
	if diff := cmp.Diff([]string{
		"Café|News|rss|https://news.example/feed.xml", "Deep|News / Tech|rss|https://deep.example/",
		"Stream||sse|https://stream.example/?token=" + source.Mask, "nameless.example||rss|https://nameless.example/",
	}, got); diff != "" {
		t.Error(diff)
	}
	if len(done.Duplicates) != 1 || done.Duplicates[0].Of != "Café" || len(done.Refused) != 1 || !strings.Contains(done.Refused[0].Reason, "ftp://") {
		t.Errorf("%+v", done)
	}
	grep(t, filepath.Dir(s.path))
	again, err := s.ImportOPML(t.Context(), []byte(list), false)
	if err != nil || len(again.Added) != 0 || len(again.Duplicates) != 5 {
		t.Errorf("again: %+v, %v", again, err)
	}
	current, _ := s.Current()
	out, err := current.OPML()
	must(t, err)
	if planted.Match(out) {
		t.Errorf("%s", out)
	}
	other := fresh(t)
	_, err = other.ImportOPML(t.Context(), out, false)
	must(t, err)
	back, _ := other.Current()
	if outAgain, err := back.OPML(); err != nil || !bytes.Equal(out, outAgain) {
		t.Errorf("%v: %s", err, cmp.Diff(string(out), string(outAgain)))
	}
}

func TestThreeHundredFeedsAreImportedWithinTwoSeconds(t *testing.T) {
	var b strings.Builder
	b.WriteString("<opml><body>")
	for i := range 300 {
		fmt.Fprintf(&b, `<outline text="Feed %d" xmlUrl="https://feeds.example/%d.xml"/>`, i, i)
	}
	b.WriteString(`<outline text="Twice" xmlUrl="https://feeds.example/7.xml"/></body></opml>`)
	s := fresh(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	done, err := s.ImportOPML(ctx, []byte(b.String()), false)
	if err != nil || ctx.Err() != nil || len(done.Added) != 300 || len(done.Duplicates) != 1 || done.Duplicates[0].Of != "Feed 7" {
		t.Errorf("%d added, %v, %v", len(done.Added), done.Duplicates, errors.Join(err, ctx.Err()))
	}
	if versions, err := s.Versions(); err != nil || len(versions) != 0 {
		t.Errorf("more than one save: %v, %v", versions, err)
	}
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	for _, text := range []string{"", "x", "<html></html>", "<opml/>", "<opml><body><outline text='x'/></body></opml>"} {
		if _, err := ReadOPML(strings.NewReader(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzListsAreReadAndWrittenAgain(f *testing.F) {
	f.Add(list)
	f.Add("<opml><outline xmlUrl='https://a.example' text='&amp;'><outline></opml>")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ReadOPML(strings.NewReader(text))
		if err != nil {
			return
		}
		s := Settings{}
		s.addList(read)
		out, err := s.OPML()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ReadOPML(strings.NewReader(string(out))); len(s.Feeds) > 0 && (err != nil || len(again.Feeds) != len(s.Feeds)) {
			t.Errorf("%q: %d feeds became %d, %v", text, len(s.Feeds), len(again.Feeds), err)
		}
	})
}

func FuzzImportsNeverMakeSettingsInvalid(f *testing.F) {
	f.Add([]byte(`{"version":1,"feeds":[{"name":"a","url":"http://a.example"}],"front":{"port":1},"future":[{"id":1}]}`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		in, err := readImport(Import{Data: data, Mode: ModeMerge})
		if err != nil {
			return
		}
		if next, err := in.over(Default(), nil, ModeMerge); err == nil && next.Validate() == nil {
			_, _ = compare(Default(), next)
		}
	})
}
