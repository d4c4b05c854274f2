package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// running is a journal whose writer runs until the test ends or stop is
// called.
type running struct {
	*Journal
	mu        sync.Mutex
	committed []event.Event
	stop      func()
}

func start(t testing.TB, path string) *running {
	t.Helper()
	r := &running{}
	j, err := Open(t.Context(), Config{
		Path: path, Log: slog.New(slog.DiscardHandler),
		Committed: func(events []event.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.committed = append(r.committed, events...)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	j.upkeep = 10 * time.Millisecond
	r.Journal = j
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := j.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// append stores a batch and waits until it is durable.
func (r *running) append(t testing.TB, b Batch) Outcome {
	t.Helper()
	done := make(chan Outcome, 1)
	b.Done = func(o Outcome) { done <- o }
	if err := r.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return <-done
}

func texts(feed string, data ...string) []event.Event {
	events := make([]event.Event, len(data))
	for i, d := range data {
		events[i] = event.Event{Feed: feed, Type: "message", Text: d, Data: []byte(d), ReceivedAt: time.Unix(1, 0).UTC()}
	}
	return events
}

func TestEventsComeBackAsTheyWereAcrossARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal #1.db")
	r := start(t, path)
	full := event.Event{
		Feed: "f", Type: "ticker", SourceID: "x", Key: "k", Title: "title", Text: "text", URL: "https://a.example/", Value: "1.50",
		Severity: "info", SourceTime: time.UnixMicro(1746030241000001).UTC(), ReceivedAt: time.UnixMicro(1746030242000002).UTC(),
		Data: []byte(`{"price":1.50}`), JSON: true,
	}
	r.append(t, Batch{Events: append([]event.Event{full}, texts("g", "plain", "")...), Origin: "o", Resume: "42"})
	epoch := r.Epoch()
	r.stop()

	r = start(t, path)
	if r.Epoch() != epoch || r.Head() != 3 {
		t.Fatalf("epoch %s and head %d after the restart, want %s and 3", r.Epoch(), r.Head(), epoch)
	}
	got, err := r.ReadAfter(t.Context(), query.Filter{}, 0, r.Head(), 10)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]event.Event{full}, texts("g", "plain", "")...)
	for i := range want {
		want[i].ID = event.ID{Epoch: epoch, Seq: uint64(i + 1)}
	}
	want[2].Data = nil // no payload
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if token, err := r.Resume(t.Context(), "o"); token != "42" || err != nil {
		t.Errorf("resume token %q, %v", token, err)
	}
	if out := r.append(t, Batch{Events: texts("f", "next")}); out.First != 4 {
		t.Errorf("the next seq is %d, want 4", out.First)
	}
}

func TestDuplicatesAreDroppedAndEditsReviseAlsoAcrossARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	item := func(id, data string) Batch {
		e := texts("f", data)
		e[0].SourceID = id
		return Batch{Events: e}
	}
	r.append(t, item("a", "one"))
	if got := r.append(t, item("a", "one")); got != (Outcome{Duplicates: 1, Known: 1}) {
		t.Errorf("the same again: %+v", got)
	}
	r.stop()
	r = start(t, path)
	if got := r.append(t, item("a", "one")); got != (Outcome{Duplicates: 1, Known: 1}) {
		t.Errorf("the same after a restart: %+v", got)
	}
	if got := r.append(t, item("a", "two")); got != (Outcome{First: 2, Last: 2, Revised: 1}) {
		t.Errorf("an edit: %+v", got)
	}
	e, err := r.Event(t.Context(), 2)
	if err != nil || e.Revises != 1 {
		t.Errorf("the edit revises %d, %v", e.Revises, err)
	}
	both := item("b", "x")
	both.Events = append(both.Events, both.Events[0])
	if got := r.append(t, both); got != (Outcome{First: 3, Last: 3, Duplicates: 1, Known: 3}) {
		t.Errorf("twice in one batch: %+v", got)
	}
	other := item("a", "one")
	other.Events[0].Feed = "g"
	if got := r.append(t, other); got.Duplicates != 0 {
		t.Errorf("another feed's id is not a duplicate: %+v", got)
	}
}

func TestHeardIsWhenTheNewestEventOfAFeedWasReceived(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	at := time.Date(2026, 11, 22, 8, 21, 23, 456000, time.UTC)
	for i, feed := range []string{"f", "f", "g"} {
		events := texts(feed, "x")
		events[0].ReceivedAt = at.Add(time.Duration(i) * time.Second)
		r.append(t, Batch{Events: events})
	}
	for feed, want := range map[string]time.Time{"f": at.Add(time.Second), "g": at.Add(2 * time.Second), "nobody": {}} {
		if got, err := r.Heard(t.Context(), feed); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", feed, got, err, want)
		}
	}
}

func TestEventsThatShareAPlaceInAStreamAreNoVersionsOfEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	at := func(position string, data ...string) Batch {
		events := texts("f", data...)
		for i := range events {
			events[i].SourceID, events[i].Position = position, true
		}
		return Batch{Events: events}
	}
	if got := r.append(t, at("5", "a", "b", "c")); got != (Outcome{First: 1, Last: 3}) {
		t.Errorf("three at one place: %+v", got)
	}
	r.stop()
	r = start(t, path)
	// A server that resumes at the place rather than after it sends all of them again.
	if got := r.append(t, at("5", "a", "b", "c", "d")); got != (Outcome{First: 4, Last: 4, Duplicates: 3, Known: 3}) {
		t.Errorf("they come again: %+v", got)
	}
	if e, err := r.Event(t.Context(), 4); err != nil || e.Revises != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestRowsThatAreStoredTogetherComeBackOneByOneAndKnowEachOther(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	const events = 3*rowsAtOnce + 5
	var batch Batch
	var want []event.Event
	for i := range events {
		e := texts("f", fmt.Sprint("event ", i))[0]
		e.SourceID = fmt.Sprint(i)
		again, edit := e, e
		edit.Data, edit.Text = []byte("edited"), "edited"
		batch.Events = append(batch.Events, e, again, edit)
		e.ID = event.ID{Epoch: r.Epoch(), Seq: uint64(2*i + 1)}
		edit.ID, edit.Revises = event.ID{Epoch: r.Epoch(), Seq: uint64(2*i + 2)}, uint64(2*i+1)
		want = append(want, e, edit)
	}
	got := r.append(t, batch)
	if got.First != 1 || got.Last != 2*events || got.Duplicates != events || got.Revised != events {
		t.Errorf("%+v", got)
	}
	stored, err := r.ReadAfter(t.Context(), query.Filter{}, 0, 2*events, 2*events)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, stored); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want, r.committed); d != "" {
		t.Error(d)
	}
}

func TestCommittedSeesEveryEventOnceInOrderWhateverTheNumberOfWriters(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	const writers, each = 8, 200
	var done sync.WaitGroup
	for w := range writers {
		done.Go(func() {
			for i := range each {
				if err := r.Append(t.Context(), Batch{Events: texts(fmt.Sprint("f", w), fmt.Sprint(i))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	r.stop()
	next := map[string]int{}
	for i, e := range r.committed {
		if e.ID.Seq != uint64(i+1) {
			t.Fatalf("event %d has seq %d", i, e.ID.Seq)
		}
		if want := fmt.Sprint(next[e.Feed]); string(e.Data) != want {
			t.Fatalf("%s: got %s, want %s", e.Feed, e.Data, want)
		}
		next[e.Feed]++
	}
	if len(r.committed) != writers*each {
		t.Errorf("%d events were committed, want %d", len(r.committed), writers*each)
	}
}

func TestReadsSelectAndPage(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	for i := range 10 {
		r.append(t, Batch{Events: texts([]string{"even", "odd"}[i%2], fmt.Sprint(i))})
	}
	seqs := func(events []event.Event, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range events {
			out = append(out, fmt.Sprint(e.ID.Seq))
		}
		return strings.Join(out, " ")
	}
	ctx, odd := t.Context(), query.New([]string{"odd"}, nil)
	for _, tt := range []struct{ name, got, want string }{
		{"after", seqs(r.ReadAfter(ctx, query.Filter{}, 3, 10, 3)), "4 5 6"},
		{"up to", seqs(r.ReadAfter(ctx, query.Filter{}, 3, 5, 9)), "4 5"},
		{"before, newest first", seqs(r.ReadBack(ctx, query.Filter{}, 0, 4, 2)), "4 3"},
		{"the newest", seqs(r.ReadBack(ctx, odd, 0, 1<<64-1, 2)), "10 8"},
		{"back, after", seqs(r.ReadBack(ctx, query.Filter{}, 8, 1<<64-1, 5)), "10 9"},
		{"one feed", seqs(r.ReadAfter(ctx, odd, 0, 10, 9)), "2 4 6 8 10"},
		{"nothing", seqs(r.ReadAfter(ctx, query.Filter{}, 10, 10, 9)), ""},
		{"none wanted", seqs(r.ReadBack(ctx, odd, 0, 10, 0)), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if _, err := r.Event(ctx, 11); !errors.Is(err, ErrNoEvent) {
		t.Errorf("Event(11): %v", err)
	}
	if floor, err := r.Floor(ctx); floor != 1 || err != nil {
		t.Errorf("Floor: %d, %v", floor, err)
	}
}

func TestADamagedFileIsMovedAsideAndKept(t *testing.T) {
	damage := map[string]func(t *testing.T, path string){
		"not a database": func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("garbage "), 1000), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"met while running": func(t *testing.T, path string) {
			start(t, path).stop()
			if err := os.WriteFile(path+markSuffix, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			harm(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r := start(t, path)
			if out := r.append(t, Batch{Events: texts("f", "x")}); out.First != 1 {
				t.Errorf("the new journal begins at %d", out.First)
			}
			kept, err := os.ReadFile(r.Damaged())
			if err != nil || !bytes.Equal(kept, before) {
				t.Errorf("the damaged file was not kept: %v", err)
			}
			r.stop()
			if again := start(t, path); again.Damaged() != "" || again.Head() != 1 {
				t.Errorf("the second start moved %q, head %d", again.Damaged(), again.Head())
			}
		})
	}
}

func TestAFullDiskHoldsEventsUntilThereIsRoom(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	pages := func(limit string) {
		if _, err := r.write.ExecContext(t.Context(), "PRAGMA max_page_count = "+limit); err != nil {
			t.Fatal(err)
		}
	}
	pages("1") // SQLite takes it as: what there is now, and no more
	stored := make(chan Outcome, 1)
	big := Batch{Events: texts("f", strings.Repeat("x", 1<<20)), Done: func(o Outcome) { stored <- o }}
	if err := r.Append(t.Context(), big); err != nil {
		t.Fatal(err)
	}
	for r.Fault() == nil {
		select {
		case o := <-stored:
			t.Fatalf("stored on a full disk: %+v", o)
		case <-time.After(time.Millisecond):
		}
	}
	if len(r.committed) != 0 || r.Head() != 0 {
		t.Error("what isn't stored was handed on")
	}
	pages("1000000")
	if o := <-stored; o.First != 1 || o.Last != 1 {
		t.Errorf("stored %+v", o)
	}
	if err := r.Fault(); err != nil {
		t.Errorf("still at fault: %v", err)
	}
}

func TestANewerSchemaIsRefusedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	if _, err := r.write.ExecContext(t.Context(), `PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if _, err := Open(t.Context(), Config{Path: path, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "newer Tickertape") {
		t.Errorf("Open: %v", err)
	}
}

func TestAppendAfterTheEndIsRefused(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for range maxBatches + 1 { // at the latest when the queue is full
		if err := r.Append(ctx, Batch{Events: texts("f", "x")}); errors.Is(err, ErrClosed) {
			return
		}
	}
	t.Error("Append never said that the journal is closed")
}

func BenchmarkAppend(b *testing.B) {
	j, err := Open(b.Context(), Config{Path: filepath.Join(b.TempDir(), "journal.db"), Committed: func([]event.Event) {}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = j.Run(ctx) })
	data := bytes.Repeat([]byte("x"), 200)
	b.ReportAllocs()
	for b.Loop() {
		if err := j.Append(ctx, Batch{Events: []event.Event{{Feed: "bench", Type: "message", Data: data, ReceivedAt: time.Unix(1, 0)}}}); err != nil {
			b.Fatal(err)
		}
	}
	done := make(chan struct{})
	if err := j.Append(ctx, Batch{Done: func(Outcome) { close(done) }}); err != nil {
		b.Fatal(err)
	}
	<-done
	cancel()
	run.Wait()
	if err := j.Close(); err != nil {
		b.Error(err)
	}
}
