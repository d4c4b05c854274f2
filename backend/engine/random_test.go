package engine

import (
	"context"
	"flag"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/settings"
	"tickertape/backend/simulate"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

// seed says where random faults strike: of a run that failed, to see it again.
var seed = flag.Uint64("seed", 1, "where random faults strike")

// several are trials of one simulator at once, each a feed of its own.
func several(how ...string) (all []trial, feeds []settings.Feed) {
	for _, tt := range trials() {
		if slices.Contains(how, tt.how) {
			tt.feed.ID = strings.ToLower(strings.ReplaceAll(tt.name, " ", "-"))
			tt.feed.URL = strings.Replace(tt.feed.URL, "feed.example", tt.feed.ID+".example", 1) // a host for each
			all, feeds = append(all, tt), append(feeds, tt.feed)
		}
	}
	return all, feeds
}

// strike gives every trial's feed a fault; one without a name ends them.
func strike(t *testing.T, server *simulate.Server, all []trial, fault simulate.Fault) {
	t.Helper()
	for _, tt := range all {
		if err := server.SetFault(tt.path, fault); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHalfAnHourOfRandomFaultsLosesAndDoublesNothing(t *testing.T) {
	var outcomes []outcome
	synctest.Test(t, func(t *testing.T) {
		server, err := simulate.New(simulate.Config{Seed: 7, Rate: 1 / every.Seconds(), Other: "http://other.example"})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		all, feeds := several(resumes, lists)
		dial, dataDir := serveOnPipes(t, server), t.TempDir()
		w := startWay(t, dataDir, dial, feeds...)
		<-time.After(2*every + every/2) // each has an event, and so something to resume with
		strike(t, server, all, simulate.Fault{Name: "random", Seed: *seed, Probability: 0.7, Wait: 11 * time.Second})
		for i := range 6 { // and a restart every five minutes or so
			<-time.After(5*time.Minute + time.Duration(i)*time.Second)
			w.stop()
			w = startWay(t, dataDir, dial, feeds...)
		}
		strike(t, server, all, simulate.Fault{})
		<-time.After(3 * time.Minute)                           // the longest backoff
		<-time.After(every + every/2 - time.Since(began)%every) // no event is on its way
		synctest.Wait()
		stored := w.byFeed(t)
		for _, tt := range all {
			outcomes = append(outcomes, outcome{
				trial: tt, began: began, sent: server.Sent(tt.path), stored: tt.told(stored[tt.feed.ID]),
				health: w.health(tt.feed.ID), log: w.feeds.Log(tt.feed.ID),
			})
		}
		w.stop()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, o := range outcomes {
		t.Run(o.name, func(t *testing.T) {
			if o.how == resumes {
				o.checkWhole(t)
			} else {
				o.checkList(t)
			}
			if t.Failed() {
				t.Logf("-seed %d: %s %q, %+v\nlog %v", *seed, o.health.State, o.health.Cause, o.health.Counts, o.log)
			}
		})
	}
}

// checkWhole: from the first event on each is there once, in order.
func (o outcome) checkWhole(t *testing.T) {
	t.Helper()
	ids := o.ids()
	if len(ids) == 0 || len(ids) < len(o.sent)-2 {
		t.Fatalf("%d events stored of %d", len(ids), len(o.sent))
	}
	if want := o.sent[len(o.sent)-len(ids):]; !slices.Equal(ids, want) {
		i := 0
		for ids[i] == want[i] {
			i++
		}
		t.Errorf("%d stored of %d; the %d. is %s, want %s", len(ids), len(o.sent), i, ids[i], want[i])
	}
}

// onLoopback reaches a simulator that listens there under any name.
func onLoopback(url string) sse.Dial {
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

// nobodyWaits has feeds tried again at once, as a person who presses the button.
func (w *way) nobodyWaits(ctx context.Context) {
	for {
		changed := w.feeds.Changed()
		for _, h := range w.feeds.Health() {
			if h.State == source.Retrying {
				w.feeds.Retry(h.ID)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func TestSecondsOfRandomFaultsOverRealConnectionsLoseAndDoubleNothing(t *testing.T) {
	server, err := simulate.New(simulate.Config{Seed: 7, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	all, feeds := several(resumes)
	w := startWay(t, t.TempDir(), onLoopback(url), feeds...)
	stopNudging := inBackground(t, func(ctx context.Context) error { w.nobodyWaits(ctx); return nil })
	defer stopNudging()
	w.await(t, all, func(_ trial, stored []event.Event) bool { return len(stored) > 0 })
	strike(t, server, all, simulate.Fault{Name: "random", Seed: *seed, Probability: 0.8, Wait: 300 * time.Millisecond})
	<-time.After(1500 * time.Millisecond)
	strike(t, server, all, simulate.Fault{})
	sent := map[string][]string{}
	for _, tt := range all {
		sent[tt.name] = server.Sent(tt.path)
	}
	stored := w.await(t, all, func(tt trial, stored []event.Event) bool {
		ids := outcome{trial: tt, stored: stored}.ids()
		return slices.Contains(ids, sent[tt.name][len(sent[tt.name])-1])
	})
	for _, tt := range all {
		o := outcome{trial: tt, sent: server.Sent(tt.path), stored: stored[tt.name]}
		ids := o.ids()
		from := slices.Index(o.sent, ids[0])
		if !slices.Equal(ids, o.sent[from:from+len(ids)]) {
			t.Errorf("-seed %d: %s: stored %v", *seed, tt.name, ids)
		}
	}
}

// await waits until what is stored of each trial is enough.
func (w *way) await(t *testing.T, all []trial, enough func(trial, []event.Event) bool) map[string][]event.Event {
	t.Helper()
	limit := time.After(30 * time.Second)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		got, byFeed := map[string][]event.Event{}, w.byFeed(t)
		for _, tt := range all {
			if stored := tt.told(byFeed[tt.feed.ID]); enough(tt, stored) {
				got[tt.name] = stored
			}
		}
		if len(got) == len(all) {
			return got
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("-seed %d: in vain: %+v", *seed, w.feeds.Health())
		}
	}
}
