package simulate

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mmcdole/gofeed"
)

func TestSyndicationIsReadByAFeedReader(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 24})
	for _, path := range []string{"/rss", "/atom", "/jsonfeed"} {
		_, text := s.read(path)
		f, err := gofeed.NewParser().ParseString(text)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		last := map[string]uint64{} // the last event of each story
		for n, id := range s.Sent(path) {
			last[id] = uint64(n)
		}
		var got []string
		for _, item := range f.Items {
			got = append(got, item.GUID)
			st := s.storyOf(last[item.GUID])
			if item.Title != st.Title || item.Link != st.URL || item.PublishedParsed == nil || !item.PublishedParsed.Equal(st.Published) ||
				!strings.Contains(item.Description+item.Content, st.Summary) {
				t.Errorf("%s: got %+v, want %+v", path, item, st)
			}
		}
		slices.Sort(got)
		var want []string
		for id := range last {
			want = append(want, id)
		}
		slices.Sort(want)
		equal(t, want, got)
		if len(last) == 24 {
			t.Error("no story was edited")
		}
	}
}

func TestDocumentsAreConditional(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 3})
	for _, f := range Feeds() {
		if f.Protocol != Syndication && f.Protocol != Poll {
			continue
		}
		first := s.get(f.Path)
		etag, modified := first.Header.Get("Etag"), first.Header.Get("Last-Modified")
		if etag == "" || modified == "" {
			t.Fatalf("%s: %v", f.Path, first.Header)
		}
		for _, tt := range []struct {
			header, value string
			want          int
		}{
			{"If-None-Match", etag, http.StatusNotModified},
			{"If-None-Match", `"other"`, http.StatusOK},
			{"If-Modified-Since", modified, http.StatusNotModified},
		} {
			if status, _ := s.read(f.Path, tt.header, tt.value); status != tt.want {
				t.Errorf("%s with %s %s: %d", f.Path, tt.header, tt.value, status)
			}
		}
		s.Step(1)
		if status, _ := s.read(f.Path, "If-None-Match", etag); status != http.StatusOK {
			t.Errorf("%s after a step: %d", f.Path, status)
		}
	}
}

func TestDocumentsSayHowOftenToAsk(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 3})
	for path, want := range map[string][2]string{
		"/rss": {"max-age=60", ""}, "/rss?age=7": {"max-age=7", ""},
		"/poll/github": {"max-age=60", "60"}, "/poll/github?age=1": {"max-age=1", "1"},
	} {
		h := s.get(path).Header
		equal(t, want, [2]string{h.Get("Cache-Control"), h.Get("X-Poll-Interval")})
	}
	_, text := s.read("/rss")
	if !strings.Contains(text, "<ttl>1</ttl>") {
		t.Error("no ttl")
	}
}

func TestQuakesAreRevised(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 10})
	_, text := s.read("/poll/usgs")
	var doc struct {
		Features []struct {
			ID         string
			Properties struct {
				Mag           *float64
				Time, Updated int64
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	equal(t, 8, len(doc.Features)) // of 10 events 2 are revisions
	sent, revised, unknown := s.Sent("/poll/usgs"), 0, 0
	equal(t, sent[9], doc.Features[0].ID)
	for _, f := range doc.Features {
		if f.Properties.Updated != f.Properties.Time {
			revised++
		}
		if f.Properties.Mag == nil {
			unknown++
		}
	}
	equal(t, 2, revised)
	if unknown == 0 {
		t.Error("no magnitude is null: choose another seed")
	}
}

func TestGitHubListsTheNewestFirst(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: 50})
	_, text := s.read("/poll/github")
	var events []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &events); err != nil {
		t.Fatal(err)
	}
	want := s.Sent("/poll/github")[20:]
	slices.Reverse(want)
	var got []string
	for _, e := range events {
		got = append(got, e.ID)
	}
	equal(t, want, got)
}

func TestTheWeatherIsOneDocumentThatChanges(t *testing.T) {
	s := start(t, Config{Seed: 1})
	var got []string
	for range 3 {
		s.Step(1)
		_, text := s.read("/poll/openmeteo")
		got = append(got, field(t, text, "current", "time"))
	}
	equal(t, []string{"2026-01-02T15:00", "2026-01-02T15:15", "2026-01-02T15:30"}, got)
	equal(t, s.Sent("/poll/openmeteo"), got)
}

func TestTheScoreboardMovesOneMatchAnEvent(t *testing.T) {
	s := start(t, Config{Seed: 1, Backlog: pitches})
	board := func() map[string]string {
		_, text := s.read("/poll/espn")
		var doc struct{ Events []json.RawMessage }
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		matches := map[string]string{}
		for _, e := range doc.Events {
			matches[field(t, string(e), "id")] = field(t, string(e), "status", "displayClock")
		}
		return matches
	}
	before := board()
	s.Step(1)
	after := board()
	sent := s.Sent("/poll/espn")
	for id := range after {
		equal(t, id == sent[pitches], before[id] != after[id])
	}
	equal(t, pitches, len(after))
}

func TestALongPollIsHeldUntilThereIsSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := New(Config{Seed: 1, Backlog: 3})
		if err != nil {
			t.Fatal(err)
		}
		client := onPipes(t, server)
		ask := func(query string) (ids []string, next string, took time.Duration) {
			begun := time.Now()
			resp, err := client.Get("http://feed.example/longpoll" + query)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var answer struct {
				Events []struct{ ID string }
				Next   string
			}
			if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			for _, e := range answer.Events {
				ids = append(ids, e.ID)
			}
			return ids, answer.Next, time.Since(begun)
		}
		ids, next, took := ask("")
		if len(ids) > 0 || took > 0 {
			t.Errorf("without a cursor: %v after %v", ids, took)
		}
		if ids, same, took := ask("?cursor=" + next); len(ids) > 0 || same != next || took != longPollTime {
			t.Errorf("when nothing happens: %v, next %s, after %v", ids, same, took)
		}
		if _, _, took := ask("?timeout=3&cursor=" + next); took != 3*time.Second {
			t.Errorf("timeout=3: after %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			select {
			case <-time.After(7 * time.Second):
				server.Step(2)
			case <-ctx.Done():
			}
		}()
		ids, _, took = ask("?cursor=" + next)
		equal(t, server.Sent("/longpoll")[3:], ids)
		equal(t, 7*time.Second, took)
		server.Step(200)
		ids, next, _ = ask("?cursor=" + next)
		equal(t, 100, len(ids))
		more, _, _ := ask("?cursor=" + next)
		equal(t, server.Sent("/longpoll")[3:203], slices.Concat(ids, more))
	})
}
