//go:build linux

package main

import (
	"fmt"
	"strings"
	"time"
)

// How a scenario is driven.
const (
	closedLoop = "closed loop" // publish when there is room
	openLoop   = "open loop"   // publish by the clock, whatever the readers do
	idle       = "idle"        // only hold the readers
	replay     = "replay"      // let all readers resume at once
)

// scenario is one kind of load.
type scenario struct {
	Name    string
	About   string
	Drive   string
	Readers int
	Stalled int // readers beside those that never read
	Window  int // closed loop: undelivered events a reader, on average
	Rate    int // open loop: publishes a second
	Payload int // bytes an event
	Stored  int // replay: events to catch up with
	Packed  bool
	Seconds float64 // how long is published; 0: as -dur says

	query string // added to Tickertape's stream
	ours  bool   // not run on peers
}

const smallEvent = 200

var scenarios = []scenario{
	{Name: "sat", About: "1,000 readers, closed loop: at most 32 undelivered events a reader", Drive: closedLoop, Readers: 1000, Window: 32, Payload: smallEvent},
	{Name: "r500", About: "1,000 readers, open loop: 500 publishes/s", Drive: openLoop, Readers: 1000, Rate: 500, Payload: smallEvent},
	{Name: "r100", About: "1,000 readers, open loop: 100 publishes/s", Drive: openLoop, Readers: 1000, Rate: 100, Payload: smallEvent},
	{Name: "idle1000", About: "memory of 1,000 idle readers", Drive: idle, Readers: 1000, Payload: smallEvent},
	{Name: "idle5000", About: "memory of 5,000 idle readers", Drive: idle, Readers: 5000, Payload: smallEvent},
	{Name: "idle20000", About: "20,000 idle readers, then one event for all", Drive: idle, Readers: 20_000, Payload: smallEvent, ours: true},
	{Name: "replay", About: "1,000 readers resume at once, 200 events behind", Drive: replay, Readers: 1000, Stored: 200, Payload: smallEvent},
	{Name: "stall", About: "1 of 101 readers never reads: 20 kB, 100 publishes/s, what the others get", Drive: openLoop, Readers: 100, Stalled: 1, Rate: 100, Payload: 20_000, Seconds: 8},
	{Name: "stall50", About: "50 of 1,000 readers never read: 20 kB, 20 publishes/s, what the others get", Drive: openLoop, Readers: 950, Stalled: 50, Rate: 20, Payload: 20_000, Seconds: 6},
	{Name: "solo", About: "one reader, packed frames of JSON, open loop: 100,000 publishes/s", Drive: openLoop, Readers: 1, Rate: 100_000, Payload: smallEvent, Packed: true, Seconds: 10, query: "&format=json&batch=16", ours: true},
}

// choose returns the scenarios of a list of names, in the list's order.
func choose(names string) (chosen []scenario, err error) {
	if names == "all" {
		return scenarios, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := 0
		for i < len(scenarios) && scenarios[i].Name != name {
			i++
		}
		if i == len(scenarios) {
			return nil, fmt.Errorf("there is no scenario %q", name)
		}
		chosen = append(chosen, scenarios[i])
	}
	return chosen, nil
}

func (s scenario) duration() time.Duration { return time.Duration(s.Seconds * float64(time.Second)) }

// result is what one run came to, a line of the raw file.
type result struct {
	Scenario string `json:"scenario"`
	Server   string `json:"server"`
	Run      int    `json:"run"`
	Machine  string `json:"machine"`

	Readers   int     `json:"readers"`
	Published int64   `json:"published"`
	Taken     int64   `json:"taken"`    // as the server answered, with what came before the measurement
	Expected  int64   `json:"expected"` // deliveries of all that was due
	Delivered int64   `json:"delivered"`
	Doubled   int64   `json:"doubled"`
	Gone      int     `json:"gone"` // readers whose connection ended
	PerSecond float64 `json:"deliveries_per_s"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	CPU       float64 `json:"server_cpu_s"`
	PerEvent  float64 `json:"server_cpu_us_per_delivery"`
	Replayed  float64 `json:"replay_ms,omitempty"`
	RSS       int     `json:"rss_kib"` // at the end; of idle scenarios, with idle readers
	PerReader float64 `json:"kib_per_reader"`
	Foreign   float64 `json:"foreign_cores"`        // what other programs used meanwhile
	Disturbed bool    `json:"disturbed,omitempty"`  // by them, and run again
	Behind    bool    `json:"behind,omitempty"`     // the server was far from done when the time was over
	Problem   string  `json:"problem,omitempty"`    // why the run came to nothing
	Connected float64 `json:"connect_ms,omitempty"` // until all readers stood
}
