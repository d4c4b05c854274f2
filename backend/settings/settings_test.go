package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/source"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t *testing.T, s *Store, name string) {
	t.Helper()
	err := s.Update(t.Context(), func(next *Settings) error {
		_, err := next.Add(Feed{Feed: source.Feed{Name: name, URL: "http://127.0.0.1:1/" + name}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFirstRunIsTheDemonstration(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "settings.json")).Current()
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if s.Front.HostPort() != "127.0.0.1:5000" || !s.Front.Enabled || len(s.Feeds) != 1 || time.Duration(s.Feeds[0].Interval) != 2*time.Second {
		t.Errorf("%+v", s)
	}
}

func TestChangesSurviveAndUnknownFieldsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	const old = `{"version":1,"future":{"a":12345678901234567890},"front":{"enabled":false,"colour":true,"port":5001},"feeds":[{"id":"x","name":"X","url":"https://a.example/","mood":"7d"}]}`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	add(t, s, "New one")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"a": 12345678901234567890`, `"colour": true`, `"mood": "7d"`, `"port": 5001`, `"address": "127.0.0.1"`, `"id": "new-one"`, `"kind": "sse"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is missing in\n%s", want, data)
		}
	}
	before, _ := s.Current()
	after, _ := open(t, path).Current()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	leftover, err := filepath.Glob(path + ".new-*")
	if err != nil || leftover != nil {
		t.Errorf("left behind: %v, %v", leftover, err)
	}
}

func TestKnownFieldsAreThoseOfTheDocument(t *testing.T) {
	fields := func(v any) map[string]bool {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for name := range m {
			names[name] = true
		}
		return names
	}
	full := Clock()
	full.Share, full.Group, full.Mapping.ID, full.Retention.Events = true, "x", "id", 1
	fill(reflect.ValueOf(&full.Feed).Elem())
	for part, v := range map[string]any{"": Default(), "front": Front{Origins: []string{"x"}, TLS: TLS{Mode: TLSOwn}}, "appearance": Appearance{}, "history": Retention{}, "feed": full, "token": Token{}, "view": View{}} {
		want := map[string]bool{}
		for _, name := range known[part] {
			want[name] = true
		}
		if diff := cmp.Diff(want, fields(v)); diff != "" {
			t.Errorf("%q: %s", part, diff)
		}
	}
}

// fill gives every field of a struct a value that JSON shows.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"x": "x"}))
	}
}

func TestTwoStoresOfOneFileLoseNoChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	stores := [2]*Store{open(t, path), open(t, path)}
	var all sync.WaitGroup
	for i := range 6 { // goroutines of one process as well as processes
		all.Go(func() {
			for j := range 10 {
				add(t, stores[i%2], fmt.Sprint("feed ", i, " ", j))
			}
		})
	}
	all.Wait()
	if s, _ := open(t, path).Current(); len(s.Feeds) != 61 {
		t.Errorf("%d feeds, want 61", len(s.Feeds))
	}
}

func TestWatchSeesWhatAnotherProcessSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Watch(ctx); close(ended) }()
		changed := s.Changed()
		add(t, open(t, path), "From outside")
		<-changed
		if now, revision := s.Current(); len(now.Feeds) != 2 || revision == 0 {
			t.Errorf("%d feeds at revision %d", len(now.Feeds), revision)
		}
		good, err := os.ReadFile(path)
		must(t, err)
		changed = s.Changed()
		if err := os.WriteFile(path, []byte("{broken"), 0o600); err != nil {
			t.Fatal(err)
		}
		<-changed
		if now, _ := s.Current(); len(now.Feeds) != 2 || s.Notice() == "" {
			t.Errorf("a broken file: %d feeds, notice %q", len(now.Feeds), s.Notice())
		}
		changed = s.Changed()
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
		<-changed
		if s.Notice() != "" {
			t.Errorf("as it was: notice %q", s.Notice())
		}
		cancel()
		<-ended
	})
}

func TestAnUnreadableFileIsMovedAside(t *testing.T) {
	for _, content := range []string{"", "{", "[]", `{"version":"x"}`, `{"front":{"port":70000}}`, `{"feeds":[{"name":"a","kind":"nonsense"}]}`} {
		path := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, path)
		if s.Notice() == "" {
			t.Errorf("%q was taken without a word", content)
		}
		kept, err := filepath.Glob(path + ".unreadable-*")
		if err != nil || len(kept) != 1 {
			t.Fatalf("%q: kept %v, %v", content, kept, err)
		}
		if data, err := os.ReadFile(kept[0]); string(data) != content || err != nil {
			t.Errorf("%q was kept as %q, %v", content, data, err)
		}
	}
}

func TestANewerFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(`{"version":3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, slog.New(slog.DiscardHandler))
	if newer, ok := errors.AsType[*NewerError](err); !ok || newer.Version != 3 {
		t.Errorf("Open: %v", err)
	}
}

func TestValidateNamesTheFieldAndWhatToDo(t *testing.T) {
	tests := map[string]struct {
		feed  Feed
		field string
	}{
		"no url":          {Feed{Feed: source.Feed{Name: "a"}}, "url"},
		"not a url":       {Feed{Feed: source.Feed{Name: "a", URL: "http://[::1"}}, "url"},
		"no scheme":       {Feed{Feed: source.Feed{Name: "a", URL: "a.example/x"}}, "url"},
		"host and port":   {Feed{Feed: source.Feed{Name: "a", URL: "localhost:8000/x"}}, "url"},
		"other scheme":    {Feed{Feed: source.Feed{Name: "a", URL: "ftp://a.example/x"}}, "url"},
		"no host":         {Feed{Feed: source.Feed{Name: "a", URL: "http:///x"}}, "url"},
		"a taken name":    {Feed{Feed: source.Feed{Name: "CLOCK", URL: "http://a.example/"}}, "name"},
		"a long name":     {Feed{Feed: source.Feed{Name: strings.Repeat("é", 61), URL: "http://a.example/"}}, "name"},
		"unknown kind":    {Feed{Feed: source.Feed{Name: "a", Kind: "telex"}}, "kind"},
		"too fast a tick": {Feed{Feed: source.Feed{Name: "a", Kind: "clock", Interval: 1}}, "interval"},
		"a bad id":        {Feed{Feed: source.Feed{ID: "A b", Name: "a", URL: "http://a.example/"}}, "id"},
		"a bad colour":    {Feed{Color: 13, Feed: source.Feed{Name: "a", URL: "http://a.example/"}}, "color"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := Default()
			_, err := s.Add(tt.feed)
			invalid, ok := errors.AsType[Invalid](err)
			if !ok || invalid[tt.field] == "" {
				t.Fatalf("Add: %v, want a problem with %s", err, tt.field)
			}
			if len(s.Feeds) != 1 {
				t.Error("the settings were changed")
			}
		})
	}
}

func TestAddFillsInWhatWasLeftOut(t *testing.T) {
	s := Default()
	for _, want := range []source.Feed{
		{ID: "a-example-8000", Name: "a.example:8000"}, {ID: "a-example-8000-2", Name: "a.example:8000 2"},
	} {
		f, err := s.Add(Feed{Feed: source.Feed{URL: " http://www.a.example:8000/x\n"}})
		if err != nil || f.ID != want.ID || f.Name != want.Name || f.Color < 2 || f.URL != "http://www.a.example:8000/x" {
			t.Errorf("got %+v, %v", f, err)
		}
	}
	if f, err := s.Add(Feed{Feed: source.Feed{Name: "Новости", URL: "http://b.example"}}); err != nil || f.ID != "feed" {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestAFeedWithASecretInItsURLIsNotSharedUntilItsOwnerSaysSo(t *testing.T) {
	for raw, secret := range map[string]bool{
		"https://a.example/x?symbol=AAPL": false, "https://u:p@a.example/": true, "https://a.example/?token=1": true,
		"https://a.example/?api_key=1": true, "https://a.example/?monkey=1": false, "https://a.example/?access_token=1": true,
	} {
		f := Feed{Feed: source.Feed{URL: raw}}
		if f.Shared() == secret {
			t.Errorf("%s: shared %v", raw, f.Shared())
		}
		if f.Share = true; !f.Shared() {
			t.Errorf("%s: not shared though its owner said so", raw)
		}
	}
}

func FuzzDecodeNeverAcceptsWhatIsInvalid(f *testing.F) {
	f.Add([]byte(`{"version":1,"feeds":[{"name":"a","url":"http://a.example"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := decode(data); err == nil && s.Validate() != nil {
			t.Errorf("%q was accepted", data)
		}
	})
}

// watch runs Watch until the returned function is called.
func watch(t *testing.T, s *Store) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Watch(ctx); close(ended) }()
	return func() { cancel(); <-ended }
}

func TestOriginsAndTLSAreChecked(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://example.com": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"*": false, "null": false, "https://*": false, "https://example.com/": false, "example.com": false, "https://Example.com": false, "ftp://x": false, "": false, "https://a@b": false,
	} {
		s := Default()
		s.Front.Origins = []string{origin}
		if err := s.Validate(); (err == nil) != want {
			t.Errorf("%q: %v", origin, err)
		}
	}
	for mode, want := range map[string]bool{"": true, TLSOff: true, TLSOwn: true, TLSFiles: false, "on": false} {
		s := Default()
		s.Front.TLS.Mode = mode
		if err := s.Validate(); (err == nil) != want {
			t.Errorf("%q: %v", mode, err)
		}
	}
}
