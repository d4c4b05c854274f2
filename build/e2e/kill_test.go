//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"tickertape/build/rig"
)

// Twenty times, or as often as KILLS says, the server is killed while events flow, 250 a second, or KILLS_RATE. What any reader saw is in the history afterwards, under the
// same id with the same data; no seq is there twice or left out; and nothing of the feed is lost or doubled, by the
// feed's own numbers.
func TestPeerKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	kills, rate := fromEnv(t, "KILLS", 20), fromEnv(t, "KILLS_RATE", 250)
	data, port := t.TempDir(), freePort(t)
	f := newFeed(t, time.Second/time.Duration(rate))
	f.serve(t)
	addFeed(t, data, "Ticks", f.url())

	seen := map[string]frame{} // by id: all that readers got, of all feeds
	last := ""                 // the newest id that curl got
	var slowest time.Duration  // from a start until the server answers
	for range kills {
		began := time.Now()
		s := serve(t, data, port)
		slowest = max(slowest, time.Since(began))
		stream := s.base + "/event_stream"
		curlArgs, requestsArgs := []string{"-sN", stream}, []string{"testdata/reader.py", stream}
		if last != "" {
			curlArgs = append(curlArgs, "-H", "Last-Event-ID: "+last)
			requestsArgs[1] += "?after=" + url.QueryEscape(last)
		}
		curl := start(t, "curl", rig.Command{Path: "curl", Args: curlArgs})
		requests := start(t, "requests", rig.Command{Path: python, Args: requestsArgs})
		// Somewhere in the middle of things, and later than what curl had to catch up with.
		enough := 50 + rand.IntN(200)
		must(t, curl.Stdout.WaitFor(within(t, 30*time.Second), "events", func(text string) bool { return len(framesOf(text)) >= enough }))
		must(t, requests.Stdout.WaitFor(within(t, 30*time.Second), "an event", func(text string) bool { return text != "" }))
		s.Kill()
		curl.Kill()
		requests.Kill()

		got := framesOf(curl.Stdout.String())
		for _, g := range append(got, framesOfLines(t, requests.Stdout.Lines())...) {
			if g.Event == "gap" {
				t.Fatalf("a reader was told of a gap: %s", g.Data)
			}
			if before, ok := seen[g.ID]; ok && before != g {
				t.Fatalf("two events have the id %s: %+v and %+v", g.ID, before, g)
			}
			seen[g.ID] = g
		}
		last = got[len(got)-1].ID
	}

	s := serve(t, data, port)
	d := door{s.base}
	all := d.history(t, "")
	for i, e := range all {
		if want := all[0].Seq + uint64(i); e.Seq != want {
			t.Fatalf("event %d of the history has the seq %d, want %d", i, e.Seq, want)
		}
		delete(seen, e.ID)
	}
	for id, missing := range seen {
		t.Errorf("a reader saw %s, and it is missing: %+v", id, missing)
	}
	ticks := numbers(t, d.history(t, d.feedID(t, "Ticks")))
	contiguous(t, "history", ticks)
	t.Logf("%d kills, %d events, %d of the feed; the slowest start took %v", kills, len(all), len(ticks), slowest)
	if len(ticks) < kills*50 {
		t.Errorf("only %d events flowed", len(ticks))
	}
	must(t, s.Stop())
	if err := s.Err(); err != nil {
		t.Error(fmt.Errorf("serve ended with %w", err))
	}
}

// fromEnv is the number that a variable of the environment has, or else usual.
func fromEnv(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}
