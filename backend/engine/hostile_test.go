package engine

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/mapping"
	"tickertape/backend/settings"
	"tickertape/backend/simulate"
	"tickertape/backend/source"
)

// lasts is how long the hostile feeds have; build/bench/feeds gives them a minute
// of a program's own.
var lasts = flag.Duration("hostile", 2*time.Second, "how long the hostile feeds are read once all of them are named")

// attack is a simulated feed that means no good, and what is to be said of it:
// in the log of its states or beside the input that could not be used.
type attack struct {
	kind, path string
	says       string
}

// hostile are the attacks by fault.
var hostile = map[string][]attack{
	"xml-bomb": {{source.KindRSS, "/rss", "entities of its own"}},
	"gzip-bomb": {
		{source.KindPoll, "/poll/github", "unpacks to more than 4 MiB"},
		{source.KindRSS, "/atom", "unpacks to more than 4 MiB"},
		{source.KindSSE, "/sse/numbers", "the end of an event doesn't come"},
		{source.KindNDJSON, "/ndjson/lichess", "the end of an event doesn't come"},
	},
	"endless-html": {
		{source.KindRSS, "/rss", "more than 4 MiB"},
		{source.KindPoll, "/poll/github", "more than 4 MiB"},
		{source.KindSSE, "/sse/numbers", "is a web page (text/html)"},
		{source.KindNDJSON, "/ndjson/lichess", "is a web page (text/html)"},
	},
	"endless-line": {
		{source.KindSSE, "/sse/numbers", "the end of an event doesn't come"},
		{source.KindNDJSON, "/ndjson/lichess", "the end of an event doesn't come"},
		{source.KindLongPoll, "/longpoll", "more than 4 MiB"},
		{source.KindRSS, "/atom", "more than 4 MiB"},
	},
	"redirect-loop":    {{source.KindSSE, "/sse/numbers", "redirected more than 5 times"}, {source.KindWebSocket, "/ws/jetstream", "redirected more than 5 times"}},
	"redirect-private": {{source.KindSSE, "/sse/numbers", "an address in a private network"}, {source.KindPoll, "/poll/github", "an address in a private network"}, {source.KindWebSocket, "/ws/jetstream", "an address in a private network"}},
	"big-event":        {{source.KindSSE, "/sse/numbers", "more than 1048576 bytes"}, {source.KindWebSocket, "/ws/jetstream", "more than 1048576 bytes"}, {source.KindNDJSON, "/ndjson/lichess", "more than 1048576 bytes"}},
	"invalid-utf8":     {{source.KindWebSocket, "/ws/jetstream", "not UTF-8"}, {source.KindSSE, "/sse/numbers", "not UTF-8"}, {source.KindNDJSON, "/ndjson/lichess", "not UTF-8"}, {source.KindLongPoll, "/longpoll", "not UTF-8"}},
	"nul-id":           {{source.KindSSE, "/sse/numbers", "a NUL into ids"}},
	"one-byte":         {{source.KindSSE, "/sse/numbers", ""}, {source.KindWebSocket, "/ws/jetstream", ""}, {source.KindNDJSON, "/ndjson/lichess", ""}}, // who is slow to read finds them in one piece: see named
	"silence":          {{source.KindSSE, "/sse/numbers", ""}, {source.KindRSS, "/rss", ""}},                                                            // said of a minute, see endings
}

// attacks are the feeds of all attacks, each at a host of its own.
func attacks() (feeds []settings.Feed, says map[string]string) {
	says = map[string]string{}
	for fault, list := range hostile {
		for _, a := range list {
			id := fault + "-" + a.kind
			scheme := "http"
			if a.kind == source.KindWebSocket {
				scheme = "ws"
			}
			// Lower limits than the default: it is about keeping them, not about their size.
			f := source.Feed{ID: id, Name: id, Kind: a.kind, Interval: second, MaxEvent: 1 << 20, MaxBody: 4 << 20}
			f.URL = scheme + "://" + id + ".example" + a.path + map[bool]string{true: "&", false: "?"}[strings.Contains(a.path, "?")] + "fault=" + fault
			if a.kind == source.KindLongPoll {
				f.Items, f.Cursor = "events", source.Cursor{Path: "next", Param: "cursor"}
			}
			feeds = append(feeds, settings.Feed{Feed: f})
			says[id] = a.says
		}
	}
	return feeds, says
}

// public is a connection on loopback that says it goes to the internet.
type public struct{ net.Conn }

func (public) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 80} }

func TestHostileFeedsAreNamedAndHarmNobody(t *testing.T) {
	before := runtime.NumGoroutine()
	var urls [2]string // a server of healthy feeds, and one of hostile ones
	var servers [2]*simulate.Server
	for i, rate := range []float64{50, 3} {
		var err error
		if servers[i], err = simulate.New(simulate.Config{Seed: 7, Rate: rate}); err != nil {
			t.Fatal(err)
		}
		if urls[i], err = servers[i].Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	healthy, evil := onLoopback(urls[0]), onLoopback(urls[1])
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, err := netip.ParseAddrPort(address); err == nil {
			t.Errorf("%s was dialled", address)
			return nil, net.ErrClosed
		}
		reach := evil
		if strings.HasPrefix(address, "healthy") {
			reach = healthy
		}
		conn, err := reach(ctx, network, address)
		return public{conn}, err
	}
	feeds, says := attacks()
	for _, f := range []settings.Feed{up(source.KindSSE, "/sse/wikimedia", source.Feed{}, mapping.Mapping{}), up(source.KindWebSocket, "/ws/jetstream", source.Feed{}, mapping.Mapping{})} {
		f.ID = "healthy-" + f.Kind
		f.URL = strings.Replace(f.URL, "feed.example", f.ID+".example", 1)
		feeds = append(feeds, f)
	}
	w := startWay(t, t.TempDir(), dial, feeds...)
	most := peak(nil, func() bool { return w.allSaid(says) })
	delays := w.delays()
	most = max(most, peak(time.After(*lasts), func() bool { return false }))
	for id, sentence := range says {
		if said := w.said(id); !strings.Contains(said, sentence) {
			t.Errorf("%s: want …%s… in: %s", id, sentence, said)
		}
	}
	p99 := w.judge(t, delays(), *lasts)
	t.Logf("memory %d MB at most, delay of the healthy p99 %v", most>>20, p99)
	if most > 120<<20 {
		t.Errorf("%d MB of memory", most>>20)
	}
	w.stop()
	for _, server := range servers {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	waitForGoroutines(t, before)
}

func (w *way) allSaid(says map[string]string) bool {
	for id, sentence := range says {
		if !strings.Contains(w.said(id), sentence) {
			return false
		}
	}
	return true
}

// said is all that the feed's log and its bad input tell.
func (w *way) said(id string) string {
	var all []string
	for _, change := range w.feeds.Log(id) {
		all = append(all, string(change.State)+": "+change.Cause)
	}
	for _, bad := range w.feeds.Bad(id) {
		all = append(all, bad.Reason)
	}
	return strings.Join(all, "; ")
}

// delays notes how long after they happened events of the healthy feeds are
// durable, until the returned function is called.
func (w *way) delays() func() map[string][]time.Duration {
	var mu sync.Mutex
	all := map[string][]time.Duration{}
	note := func(events []event.Event) {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range events {
			if strings.HasPrefix(e.Feed, "healthy") {
				all[e.Feed] = append(all[e.Feed], time.Since(happened(e)))
			}
		}
	}
	w.seen.Store(&note)
	return func() map[string][]time.Duration {
		w.seen.Store(nil)
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// happened is when the simulator says that an event did.
func happened(e event.Event) time.Time {
	var at struct {
		Micros int64 `json:"time_us"`
		Meta   struct {
			Time time.Time `json:"dt"`
		} `json:"meta"`
	}
	if json.Unmarshal(e.Data, &at) != nil || at.Micros == 0 {
		return at.Meta.Time
	}
	return time.UnixMicro(at.Micros)
}

// judge checks that the healthy feeds kept their pace, and returns their p99.
func (w *way) judge(t *testing.T, delays map[string][]time.Duration, lasted time.Duration) (p99 time.Duration) {
	t.Helper()
	for _, id := range []string{"healthy-sse", "healthy-websocket"} {
		all := delays[id]
		slices.Sort(all)
		if n := len(all); n < int(10*lasted.Seconds()) { // of 50: a machine may be slow, but nobody may hold them up
			t.Errorf("%s: %d events in %v", id, n, lasted)
			continue
		}
		p99 = max(p99, all[len(all)*99/100])
	}
	if p99 > 2*time.Second {
		t.Errorf("the healthy feeds are %v late", p99)
	}
	return p99
}

// peak is the most memory that the program had from the system until the end, or
// until it is enough, for a minute at most.
func peak(end <-chan time.Time, enough func() bool) (most uint64) {
	look, limit := time.Tick(20*time.Millisecond), time.After(time.Minute)
	for !enough() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.Sys-m.HeapReleased)
		select {
		case <-look:
		case <-end:
			return most
		case <-limit:
			return most
		}
	}
	return most
}

// waitForGoroutines waits until there are no more than most, or fails.
func waitForGoroutines(t *testing.T, most int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for runtime.NumGoroutine() > most {
		select {
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		case <-time.After(5 * time.Millisecond):
		}
	}
}
