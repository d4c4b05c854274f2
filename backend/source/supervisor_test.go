package source

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
)

// sink is a journal that keeps everything in memory.
type sink struct {
	mu     sync.Mutex
	events []event.Raw
	tokens map[string]string
	last   uint64        // the seq given last
	block  chan struct{} // while set, Ingest waits for it
	more   chan struct{} // closed at the next batch
}

func (s *sink) ingest(ctx context.Context, b Batch) error {
	s.mu.Lock()
	block := s.block
	s.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, b.Raws...)
	for _, raw := range b.Raws {
		s.tokens[b.Origin] = raw.Resume
	}
	s.last += uint64(len(b.Raws))
	b.Done(Outcome{First: s.last - uint64(len(b.Raws)) + 1, Last: s.last})
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
	return nil
}

func (s *sink) resume(_ context.Context, origin string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[origin], nil
}

func (s *sink) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, raw := range s.events {
		out = append(out, string(raw.Data))
	}
	return out
}

// await waits until there are n events, and returns their data.
func (s *sink) await(t *testing.T, n int) []string {
	t.Helper()
	for {
		s.mu.Lock()
		if s.more == nil {
			s.more = make(chan struct{})
		}
		more := s.more
		s.mu.Unlock()
		if got := s.texts(); len(got) >= n {
			return got
		}
		select {
		case <-more:
		case <-t.Context().Done():
			t.Fatalf("only %q", s.texts())
		}
	}
}

// ids are the feed's own ids of the events.
func (s *sink) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, raw := range s.events {
		out = append(out, raw.ID)
	}
	return out
}

// supervise runs a supervisor until the test ends, and checks that it ends.
func supervise(t *testing.T, feeds ...Feed) (*Supervisor, *sink) {
	t.Helper()
	return superviseIn(t, newNetwork(), feeds...)
}

func superviseIn(t *testing.T, world network, feeds ...Feed) (*Supervisor, *sink) {
	t.Helper()
	into := &sink{tokens: map[string]string{}}
	s := NewSupervisor(Config{Ingest: into.ingest, Resume: into.resume, UserAgent: "test", Log: slog.New(slog.DiscardHandler)})
	s.world = world
	s.hosts.pause = 0 // all tests' servers are one host
	s.Set(feeds)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s, into
}

// wait returns the first feed's health once it is as wanted.
func wait(t *testing.T, s *Supervisor, want func(Health) bool) Health {
	t.Helper()
	for {
		changed := s.Changed()
		h := s.Health()[0]
		if want(h) {
			return h
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("still %+v", h)
		}
	}
}

func is(state State) func(Health) bool { return func(h Health) bool { return h.State == state } }

func clockFeed(interval time.Duration) Feed {
	return Feed{ID: "clock", Name: "Clock", Kind: KindClock, Interval: Duration(interval)}
}

// advance lets the bubble's clock run.
func advance(d time.Duration) { <-time.After(d) }

// numbers are the message numbers of the clock's events.
func numbers(texts []string) string {
	var out []string
	for _, text := range texts {
		if _, n, ok := strings.Cut(text, "(message "); ok {
			out = append(out, strings.TrimSuffix(n, ")"))
		}
	}
	return strings.Join(out, " ")
}

func TestTheClockTicksSteadilyAndResumesWithTheNextNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, into := supervise(t, clockFeed(2*time.Second))
		advance(7 * time.Second)
		synctest.Wait()
		if got := numbers(into.texts()); got != "0 1 2 3" {
			t.Errorf("got messages %s", got)
		}
		paused := clockFeed(2 * time.Second)
		paused.Paused = true
		s.Set([]Feed{paused})
		advance(time.Minute)
		wait(t, s, is(Paused))
		s.Set([]Feed{clockFeed(time.Second)})
		advance(1500 * time.Millisecond)
		synctest.Wait()
		if got := numbers(into.texts()); got != "0 1 2 3 4 5" {
			t.Errorf("after the pause: %s", got)
		}
		if h := s.Health()[0]; h.Counts.Received != 7 { // with one custom event
			t.Errorf("%d received, want 7", h.Counts.Received)
		}
	})
}

func TestAFeedThatDidNotChangeDoesNotNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := supervise(t, clockFeed(time.Second))
		synctest.Wait()
		before := s.runners["clock"]
		renamed := clockFeed(time.Second)
		renamed.Name = "Time"
		s.Set([]Feed{renamed, {ID: "other", Name: "Other", Kind: KindClock, Interval: Duration(time.Hour)}})
		synctest.Wait()
		if s.runners["clock"] != before {
			t.Error("the feed was restarted")
		}
		if h := s.Health(); len(h) != 2 || h[0].Name != "Time" || h[1].State != Live {
			t.Errorf("%+v", h)
		}
		s.Set(nil)
		synctest.Wait()
		if len(s.Health()) != 0 {
			t.Error("a removed feed is still there")
		}
	})
}

func TestSettingsThatChangeFasterThanFeedsStartAreSettledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, into := supervise(t)
		for i := range 100 {
			s.Set([]Feed{clockFeed(time.Duration(i+1) * time.Second)})
		}
		s.Set(nil)
		s.Set([]Feed{clockFeed(time.Second)})
		advance(2500 * time.Millisecond)
		synctest.Wait()
		// Each life that began said one message at once, the last one three.
		got := strings.Fields(numbers(into.texts()))
		for i, n := range got {
			if n != fmt.Sprint(i) {
				t.Fatalf("got messages %v: one is missing or came twice", got)
			}
		}
		if len(got) < 3 {
			t.Errorf("got messages %v", got)
		}
	})
}

func TestBackPressureHoldsTheFeedAndStopsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, into := supervise(t, clockFeed(time.Second))
		release := make(chan struct{})
		into.mu.Lock()
		into.block = release
		into.mu.Unlock()
		advance(time.Minute)
		if h := s.Health()[0]; h.Counts.Received != 1 {
			t.Errorf("%d events were taken while the journal was full", h.Counts.Received)
		}
		s.Set(nil) // must not hang
		synctest.Wait()
		s.Set([]Feed{clockFeed(time.Second)})
		close(release)
		advance(100 * time.Millisecond)
		synctest.Wait()
		if got := numbers(into.texts()); got != "0" {
			t.Errorf("got messages %s: what was not accepted must come again", got)
		}
	})
}

func TestALiveFeedWithoutEventsIsQuietAndThenStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := supervise(t, clockFeed(time.Hour))
		wait(t, s, is(Live))
		advance(quietAfter + 2*time.Second)
		wait(t, s, is(Quiet))
		advance(time.Hour)
		synctest.Wait()
		r := s.runners["clock"]
		for range 20 { // bytes twice a second, then silence
			r.bytes(1)
			advance(500 * time.Millisecond)
		}
		advance(stallAfter + 2*time.Second)
		if h := wait(t, s, is(Stalled)); h.Cause == "" {
			t.Error("stalled without a cause")
		}
	})
}

func TestRatesAreAveragesOverASecondAMinuteAndAnHour(t *testing.T) {
	began := time.Unix(60*1_000_000, 0)
	var r rate
	for i := range 7200 {
		r.add(began.Add(time.Duration(i)*time.Second), 3)
	}
	now := began.Add(7199 * time.Second)
	if got := r.report(now, began); got != (Rate{3, 3, 3}) {
		t.Errorf("steady: %v", got)
	}
	if got := r.report(now.Add(30*time.Second), began); got.Second != 0 || got.Minute != 1.5 || got.Hour < 2.9 {
		t.Errorf("after half a minute of silence: %v", got)
	}
	if got := r.report(now.Add(2*time.Hour), began); got != (Rate{}) {
		t.Errorf("after two hours of silence: %v", got)
	}
	if got := new(rate).report(began, began); got != (Rate{}) {
		t.Errorf("a new feed: %v", got)
	}
	var young rate
	young.add(began, 10)
	if got := young.report(began.Add(10*time.Second), began); got.Minute != 1 || got.Hour != 10.0/60 {
		t.Errorf("a feed of ten seconds: %v", got)
	}
}
