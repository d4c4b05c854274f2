//go:build linux

package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestQuantileIsWithinABucketOfTheValue(t *testing.T) {
	var h histogram
	for v := int64(1); v <= 100_000; v++ {
		h.add(v * 1000) // 1 µs to 100 ms
	}
	for _, row := range []struct{ p, want float64 }{{0, 0.001}, {.5, 50}, {.99, 99}, {1, 100}} {
		if got := h.quantile(row.p); got < row.want*.98 || got > row.want*1.02 {
			t.Errorf("quantile %v of 1 µs to 100 ms: %v ms, not about %v", row.p, got, row.want)
		}
	}
	if got := (&histogram{}).quantile(.99); got != 0 {
		t.Errorf("quantile of nothing: %v", got)
	}
}

// A reader finds the same events however the response is cut, and counts none twice.
func TestReaderFindsEventsInAnyPieces(t *testing.T) {
	frame := func(n int64) string {
		return fmt.Sprintf("id: %d\ndata: %s\n\n", n, appendEvent(nil, 1, n, 200))
	}
	packed := "data: [" + string(appendEvent(nil, 1, 4, 60)) + "," + string(appendEvent(nil, 1, 5, 60)) + "]\n\n"
	body := ": hello\n\n" + frame(1) + frame(2) + frame(2) + frame(3) + packed
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for rest := body; rest != ""; {
		n := min(len(rest), 130)
		chunked += fmt.Sprintf("%X\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	for _, response := range []string{"HTTP/1.1 200 OK\r\n\r\n" + body, chunked} {
		for size := 1; size <= len(response); size += 7 {
			s, r := &swarm{packed: true}, &reader{keepID: true}
			for rest := []byte(response); len(rest) > 0; {
				n := min(len(rest), size)
				r.feed(rest[:n], s)
				rest = rest[n:]
			}
			want := tally{opened: 1, progress: 5, delivered: 5, doubled: 1}
			if s.fresh != want || r.last != 5 || r.lastID != "3" {
				t.Fatalf("in pieces of %d: %+v, last %d, id %q", size, s.fresh, r.last, r.lastID)
			}
		}
	}
}

func TestTablesShowMediansOfUndisturbedRunsAndRatios(t *testing.T) {
	run := func(server string, perSecond float64, disturbed bool) result {
		return result{Scenario: "sat", Server: server, Machine: "m", PerSecond: perSecond, Disturbed: disturbed, Readers: 5, Published: 2, Delivered: 9, Expected: 10}
	}
	var out bytes.Buffer
	err := tables(&out, []result{
		run(ours, 3000, false), run("peer", 100, false), run("other", 7, true),
		run(ours, 1000, false), run("peer", 300, false), run("peer", 9999, true),
		run(ours, 2000, false),
		{Scenario: "sat", Server: "broken", Problem: "it fell over"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| tickertape | 3 | 2,000 | 90.0 | 1 |", "| peer | 2 | 200 (×10) | 90.0 | 1 |", "| other | 1 | 7 (×286) | 90.0 | 1 |", "| broken | 0 | it fell over |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
