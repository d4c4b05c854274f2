//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

var serverTime = regexp.MustCompile(`^Server time: (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \(message (\d+)\)$`)

// On a fresh data folder curl prints the clock's events, to the letter, each with an id; from one of these ids it
// gets exactly those that came after.
func TestPeerCurlReadsTheClockAndResumes(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), freePort(t))
	curl := start(t, "curl", rig.Command{Path: "curl", Args: []string{"-sN", s.base + "/event_stream"}})
	must(t, curl.Stdout.WaitFor(within(t, 30*time.Second), "a message after a custom event", func(text string) bool {
		frames := framesOf(text)
		return strings.Contains(text, "custom_event") && frames[len(frames)-1].Event == ""
	}))
	curl.Kill()
	live := framesOf(curl.Stdout.String())
	checkClock(t, live)

	again := start(t, "curl", rig.Command{Path: "curl", Args: []string{"-sN", "-H", "Last-Event-ID: " + live[0].ID, s.base + "/event_stream"}})
	must(t, again.Stdout.WaitFor(within(t, 20*time.Second), "what came after the first event", func(text string) bool {
		return len(framesOf(text)) >= len(live)-1
	}))
	for i, f := range framesOf(again.Stdout.String())[:len(live)-1] {
		if f != live[i+1] {
			t.Errorf("resumed after %s, event %d is %+v; it was %+v", live[0].ID, i, f, live[i+1])
		}
	}
	must(t, s.Stop())
}

func checkClock(t *testing.T, frames []frame) {
	t.Helper()
	seen := map[string]bool{}
	next := -1 // the number of the message to come, once one was seen
	custom := ""
	for _, f := range frames {
		if f.ID == "" || seen[f.ID] {
			t.Errorf("%+v has no id, or that of another event", f)
		}
		seen[f.ID] = true
		if custom != "" {
			if f.Event != "custom_event" || f.Data != custom {
				t.Errorf("got %+v, want custom_event %q", f, custom)
			}
			custom = ""
			continue
		}
		m := serverTime.FindStringSubmatch(f.Data)
		if f.Event != "" || m == nil {
			t.Fatalf("%+v is not a message of the clock", f)
		}
		n, err := strconv.Atoi(m[2])
		must(t, err)
		if next >= 0 && n != next {
			t.Errorf("message %d comes where %d should", n, next)
		}
		next = n + 1
		if n > 0 && n%3 == 0 {
			custom = fmt.Sprintf("This is a custom event %d.0", n/3)
		}
	}
}

// Python's requests gets whole events as JSON, and resumes after an id it was given.
func TestPeerRequestsReadsJSONAndResumes(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	f := newFeed(t, 50*time.Millisecond)
	f.serve(t)
	addFeed(t, data, "Ticks", f.url())
	s := serve(t, data, freePort(t))
	id := door{s.base}.feedID(t, "Ticks")
	stream := s.base + "/event_stream?format=json&feed=" + id

	read := func(enough int, args ...string) []stored {
		reader := start(t, "requests", rig.Command{Path: python, Args: append([]string{"testdata/reader.py", stream}, args...)})
		must(t, reader.Stdout.WaitFor(within(t, 30*time.Second), fmt.Sprint(enough, " events"), func(text string) bool {
			return strings.Count(text, "\n") >= enough
		}))
		reader.Kill()
		frames := framesOfLines(t, reader.Stdout.Lines())
		events := make([]stored, len(frames))
		for i, got := range frames {
			must(t, json.Unmarshal([]byte(got.Data), &events[i]))
			if got.Event != "" || got.ID != events[i].ID || events[i].Feed != id || events[i].Type != "tick" {
				t.Fatalf("frame %+v holds event %+v", got, events[i])
			}
		}
		return events
	}
	first := read(20)
	contiguous(t, "live", numbers(t, first))
	second := read(40, "--last-event-id", first[9].ID)
	contiguous(t, "resumed", append(numbers(t, first)[:10], numbers(t, second)...))
	must(t, s.Stop())
}

// The program's own client reads a server that isn't ours.
func TestPeerListenReadsFlask(t *testing.T) {
	t.Parallel()
	f := newFeed(t, 50*time.Millisecond)
	f.serve(t)
	out, err := rig.Run(within(t, 30*time.Second), rig.Command{
		Path: program(t, "tickertape-cli"), Args: []string{"listen", f.url(), "--json", "--count", "12"},
	})
	must(t, err)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 12 {
		t.Fatalf("--count 12 printed %d lines: %s", len(lines), out)
	}
	got := make([]int, len(lines))
	for i, line := range lines {
		var event struct{ Type, Data, LastEventID string }
		must(t, json.Unmarshal([]byte(line), &event))
		got[i], err = strconv.Atoi(event.LastEventID)
		must(t, err)
		if event.Type != "tick" || !strings.Contains(event.Data, fmt.Sprintf(`"Tick number %d"`, got[i])) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	contiguous(t, "listen", got)

	out, err = rig.Run(within(t, 30*time.Second), rig.Command{Path: program(t, "tickertape-cli"), Args: []string{"listen", f.url(), "--count", "1"}})
	must(t, err)
	if !strings.HasPrefix(out, "Connecting to SSE URL: "+f.url()+"\n") {
		t.Errorf("listen printed %q", out)
	}
}

// A server that isn't there is said to be so, and is exit code 1.
func TestPeerListenExplainsARefusedConnection(t *testing.T) {
	t.Parallel()
	p := start(t, "listen", rig.Command{
		Path: program(t, "tickertape-cli"), Args: []string{"listen", fmt.Sprintf("http://127.0.0.1:%d/", freePort(t)), "--no-reconnect"},
	})
	err := p.Wait(within(t, 20*time.Second))
	if err == nil || err.Error() != "exit status 1" {
		t.Errorf("listen ended with %v, want exit status 1", err)
	}
	if said := p.Stdout.String() + p.Stderr.String(); !strings.Contains(strings.ToLower(said), "refused") {
		t.Errorf("listen doesn't say that the connection was refused: %s", said)
	}
}
