package server

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tickertape/backend/settings"
)

func TestMetricsTellOfWhatTheDoorServesAndOfNoSecret(t *testing.T) {
	r := build{window: true, feeds: clockFeed + "," + secretFeed}.run(t)
	r.token(t, "x", settings.ScopeRead)
	stream := r.read(t, ask{path: "/event_stream?last=1"})
	stream.next(t)
	r.socket(t, "/ws")
	r.do(t, ask{path: "/nowhere/at/all"})
	front := r.do(t, ask{path: "/metrics"})
	private := r.do(t, ask{private: true, path: "/metrics"})
	checkHeaders(t, "/metrics", front.header)
	for _, want := range []string{
		`tickertape_build_info{version="test"} 1`, "tickertape_journal_fault 0", `tickertape_readers{transport="event_stream"} 1`,
		`tickertape_readers{transport="websocket"} 1`, `tickertape_problems_total{status="404"} 1`, `tickertape_requests_total{route="GET /ws"} 1`,
		`tickertape_feed_events_total{feed="clock"} 1`, "tickertape_events_total 1", `tickertape_feed_state{feed="clock",state="live"} 1`,
		"go_goroutines", "process_open_fds",
	} {
		if !strings.Contains(front.body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(front.body, "secret") {
		t.Error("the front door tells of a feed that it doesn't serve")
	}
	if !strings.Contains(private.body, `tickertape_feed_state{feed="secret",`) {
		t.Error("the private door doesn't tell of a feed")
	}
	for _, door := range []string{front.body, private.body} {
		for _, never := range []string{"hunter2", "http://127.0.0.1:1", r.private.Key, "tt_"} {
			if strings.Contains(door, never) {
				t.Errorf("the metrics tell %s", never)
			}
		}
	}
}

// The README lists every metric of ours, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	r := build{feeds: clockFeed}.run(t)
	r.read(t, ask{path: "/event_stream?last=1"}).next(t)
	r.do(t, ask{path: "/nowhere"})
	name := regexp.MustCompile(`(?m)^# TYPE (tickertape_\w+)`)
	documented := readmeNames(t, regexp.MustCompile("`(tickertape_\\w+)"))
	var served []string
	for _, found := range name.FindAllStringSubmatch(r.do(t, ask{path: "/metrics"}).body, -1) {
		served = append(served, found[1])
	}
	slices.Sort(served)
	diff(t, "metrics", documented, served)
}

// readmeNames are what the README names by a pattern's first group, sorted.
func readmeNames(t *testing.T, pattern *regexp.Regexp) (names []string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	must(t, err)
	for _, found := range pattern.FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
