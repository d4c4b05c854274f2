package engine

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/mapping"
	"tickertape/backend/settings"
	"tickertape/backend/simulate"
	"tickertape/backend/source"
)

// simulator is one on pipes, whose events happen by Step alone, or at a rate.
func simulator(t *testing.T, rate float64) (*simulate.Server, func(feeds ...settings.Feed) *way) {
	t.Helper()
	server, err := simulate.New(simulate.Config{Seed: 7, Rate: rate, Backlog: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	dial, dataDir := serveOnPipes(t, server), t.TempDir()
	return server, func(feeds ...settings.Feed) *way { return startWay(t, dataDir, dial, feeds...) }
}

// pauses are the times between requests for a path.
func pauses(server *simulate.Server, path string) (between []time.Duration) {
	var last time.Time
	for _, r := range server.Requests() {
		if r.Path != path {
			continue
		}
		if !last.IsZero() {
			between = append(between, r.At.Sub(last))
		}
		last = r.At
	}
	return between
}

func polled(kind, path string) settings.Feed {
	f := up(kind, path, source.Feed{Interval: second}, mapping.Mapping{})
	f.ID = path
	return f
}

func TestWhatHasNotChangedIsNotFetchedAgainNotEvenAfterARestart(t *testing.T) {
	for _, f := range []settings.Feed{
		polled(source.KindRSS, "/rss?age=1"), polled(source.KindRSS, "/atom?age=1"), polled(source.KindRSS, "/jsonfeed?age=1"),
		polled(source.KindPoll, "/poll/github?age=1"), polled(source.KindPoll, "/poll/openmeteo"),
	} {
		synctest.Test(t, func(t *testing.T) {
			server, run := simulator(t, 0)
			w := run(f)
			<-time.After(30 * time.Second)
			synctest.Wait()
			bytes := w.health(f.ID).Counts.Bytes
			w.stop()
			w = run(f)
			<-time.After(30 * time.Second)
			server.Step(1)
			<-time.After(5 * time.Second)
			synctest.Wait()
			fetched := 0
			for i, r := range server.Requests() {
				if r.Status == http.StatusOK {
					fetched++
				}
				if first := i == 0; first != (r.Header.Get("If-None-Match") == "") || first != (r.Header.Get("If-Modified-Since") == "") {
					t.Errorf("%s: request %d: %v", f.ID, i, r.Header)
				}
			}
			if n := len(server.Requests()); fetched != 2 || n < 40 {
				t.Errorf("%s: fetched %d times in %d requests, want once before the step and once after", f.ID, fetched, n)
			}
			if again := w.health(f.ID).Counts.Bytes; again == 0 || again > bytes*3/2 {
				t.Errorf("%s: %d bytes at first, then %d", f.ID, bytes, again)
			}
		})
	}
}

func TestAServerIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	type rest struct {
		feed  settings.Feed
		fault simulate.Fault
		least time.Duration
	}
	busy, down := simulate.Fault{Name: "429", Wait: 90 * time.Second}, simulate.Fault{Name: "503", Wait: 150 * time.Second}
	tests := []rest{
		{polled(source.KindRSS, "/rss"), simulate.Fault{}, time.Minute},          // ttl, and Cache-Control
		{polled(source.KindRSS, "/atom"), simulate.Fault{}, time.Minute},         // Cache-Control alone
		{polled(source.KindPoll, "/poll/github"), simulate.Fault{}, time.Minute}, // X-Poll-Interval
		{up(source.KindSSE, "/sse/numbers?retry=40000", source.Feed{}, mapping.Mapping{}), simulate.Fault{Name: "planned-close"}, 40 * time.Second},
	}
	for _, tt := range trials() {
		tests = append(tests, rest{tt.feed, busy, busy.Wait}, rest{tt.feed, down, down.Wait}) // Retry-After
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			server, run := simulator(t, 0.5)
			path := pathOf(t, tt.feed.URL)
			if tt.fault.Name != "" {
				if err := server.SetFault(path, tt.fault); err != nil {
					t.Fatal(err)
				}
			}
			run(tt.feed)
			<-time.After(10 * time.Minute)
			synctest.Wait()
			between := pauses(server, path)
			if len(between) < 3 || slices.Min(between) < tt.least {
				t.Errorf("%s: requests after %v, want none before %v", tt.feed.URL, between, tt.least)
			}
		})
	}
}

func TestFailedAttemptsComeEverMoreSeldomAndNotInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, run := simulator(t, 0.5)
		paths := []string{"/sse/numbers", "/ndjson/ntfy", "/ws/jetstream", "/rss"}
		var feeds []settings.Feed
		for i, kind := range []string{source.KindSSE, source.KindNDJSON, source.KindWebSocket, source.KindRSS} {
			f := up(kind, paths[i], source.Feed{}, mapping.Mapping{})
			f.ID = kind
			f.URL = fmt.Sprintf("%s://%s.example%s", map[bool]string{true: "ws", false: "http"}[kind == source.KindWebSocket], kind, paths[i])
			feeds = append(feeds, f)
			if err := server.SetFault(paths[i], simulate.Fault{Name: "503"}); err != nil {
				t.Fatal(err)
			}
		}
		run(feeds...)
		<-time.After(30 * time.Minute)
		synctest.Wait()
		first := map[time.Duration]bool{}
		for _, path := range paths {
			between := pauses(server, path)
			for i, pause := range between {
				usual := min(time.Second<<min(i, 10), 2*time.Minute)
				if pause < time.Second || pause < usual/2 || pause > usual*3/2+time.Second {
					t.Errorf("%s: attempt %d came after %v, usual is %v", path, i+2, pause, usual)
				}
			}
			if len(between) < 15 {
				t.Errorf("%s: only %d attempts in half an hour", path, len(between)+1)
			}
			first[between[5]] = true
		}
		if len(first) < len(paths) {
			t.Errorf("feeds are in step: %v", first)
		}
	})
}

func TestOneHostGetsOneConnectionASecondWhateverTheFeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, run := simulator(t, 0.5)
		var feeds []settings.Feed
		for i, tt := range append(trials(), trials()...)[:20] {
			tt.feed.ID = fmt.Sprint("feed-", i)
			feeds = append(feeds, tt.feed)
			if err := server.SetFault(tt.path, simulate.Fault{Name: "503"}); err != nil {
				t.Fatal(err)
			}
		}
		run(feeds...)
		<-time.After(5 * time.Minute)
		synctest.Wait()
		requests := server.Requests()
		for i := 1; i < len(requests); i++ {
			if pause := requests[i].At.Sub(requests[i-1].At); pause < time.Second {
				t.Errorf("%s came %v after %s", requests[i].Path, pause, requests[i-1].Path)
			}
		}
		if len(requests) < 60 {
			t.Errorf("only %d attempts", len(requests))
		}
	})
}

func pathOf(t *testing.T, feedURL string) string {
	t.Helper()
	u, err := url.Parse(strings.NewReplacer("{{", "", "}}", "").Replace(feedURL))
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}
