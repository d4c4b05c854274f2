package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// numbered are events of a feed whose texts are numbers, received a minute
// apart, the last one now.
func numbered(feed string, from, to int) (events []event.Event) {
	now := time.Now()
	for i := from; i <= to; i++ {
		e := texts(feed, fmt.Sprint(i))[0]
		e.ReceivedAt = now.Add(time.Duration(i-to) * time.Minute)
		events = append(events, e)
	}
	return events
}

// kept are the texts of a feed's events that are left.
func (r *running) kept(t *testing.T, feed string) (texts []string) {
	t.Helper()
	for after := uint64(0); ; {
		events, err := r.ReadAfter(t.Context(), query.New([]string{feed}, nil), after, r.Head(), MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return texts
		}
		for i := range events {
			texts = append(texts, events[i].Text)
			after = events[i].ID.Seq
		}
	}
}

// settled waits until nothing is left to be trimmed.
func (r *running) settled(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; <-time.After(time.Millisecond) {
		if _, x := r.due(time.Now()); !x.any() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("trimming doesn't end")
		}
	}
}

// counted compares what is known of the feeds with what is there.
func (r *running) counted(t *testing.T) {
	t.Helper()
	rows, err := r.read.QueryContext(t.Context(), `SELECT feed, count(*), sum(`+sizeSQL+`) FROM events GROUP BY feed`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	want := map[string][2]int64{}
	for rows.Next() {
		var feed string
		var n [2]int64
		if err := rows.Scan(&feed, &n[0], &n[1]); err != nil {
			t.Fatal(err)
		}
		want[feed] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	got, stored := map[string][2]int64{}, accounts{}
	if err := stored.load(t.Context(), r.read); err != nil {
		t.Fatal(err)
	}
	for feed, a := range stored.byFeed {
		if known := r.accounts.look(feed); known.events != a.events || known.bytes != a.bytes || known.trimmed != a.trimmed || known.unread != a.unread || known.starred != a.starred || known.starredBytes != a.starredBytes {
			t.Errorf("%s: known as %+v, stored as %+v", feed, known, *a)
		}
		if a.events > 0 {
			got[feed] = [2]int64{a.events, a.bytes}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("what is there, and what is counted:", d)
	}
}

func TestWhatIsTooMuchIsTrimmedOldestFirst(t *testing.T) {
	t.Parallel()
	const each, fewer = 1000, 300
	one := size(&numbered("a", 999, 999)[0]) // of the events with three digits
	for _, row := range []struct {
		rule       string
		retention  Retention
		a, b, text int // how many are left, and what a's oldest says
	}{
		{"nothing is set", Retention{}, each, fewer, 1},
		{"a number of events for one feed", Retention{Feeds: map[string]Limits{"a": {Events: 700}}}, 700, fewer, 301},
		{"a size for one feed", Retention{Feeds: map[string]Limits{"a": {Bytes: 500 * one}}}, 499, fewer, 502}, // the 1000th has four digits
		{"an age for all", Retention{All: Limits{Age: 100*time.Minute + 30*time.Second}}, 101, 101, 900},
		{"an age for all but one", Retention{All: Limits{Age: time.Nanosecond}, Feeds: map[string]Limits{"a": {Age: 100 * time.Hour}}}, each, 0, 1},
		{"an age for one that ends all of it", Retention{Feeds: map[string]Limits{"a": {Age: time.Nanosecond}}}, 0, fewer, 0},
		{"a number of events in all, of the fullest", Retention{All: Limits{Events: 800}}, 500, fewer, 501},
		{"a size in all, of the fullest", Retention{All: Limits{Bytes: 900 * one}}, 617, fewer, 0},
	} {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			r := start(t, filepath.Join(t.TempDir(), "journal.db"))
			b := numbered("b", 1, fewer)
			for i := range b {
				b[i].Text, b[i].Data = "", nil // smaller
			}
			r.append(t, Batch{Events: append(numbered("a", 1, each), b...)})
			r.SetRetention(row.retention)
			r.settled(t)
			left := r.kept(t, "a")
			if n := len(r.kept(t, "b")); len(left) != row.a || n != row.b {
				t.Errorf("%d of a and %d of b are left, want %d and %d", len(left), n, row.a, row.b)
			}
			if row.text > 0 && left[0] != fmt.Sprint(row.text) {
				t.Errorf("the oldest of a is %s, want %d", left[0], row.text)
			}
			r.counted(t)
			// New ones don't make more of it.
			r.append(t, Batch{Events: numbered("a", 1, 300)})
			r.settled(t)
			r.counted(t)
		})
	}
}

func TestStarredEventsAreKeptAndNotCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	r.append(t, Batch{Events: numbered("a", 1, 600)})
	for _, seq := range []uint64{3, 5, 599} {
		if err := r.Star(t.Context(), seq, fmt.Sprint("note ", seq)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Star(t.Context(), 5, "another note"); err != nil {
		t.Fatal(err)
	}
	if err := r.Star(t.Context(), 601, ""); err == nil {
		t.Error("an event that isn't there was starred")
	}
	limits := Retention{Feeds: map[string]Limits{"a": {Events: 2}}}
	r.SetRetention(limits)
	r.settled(t)
	r.counted(t)
	if got, want := r.kept(t, "a"), []string{"3", "5", "598", "599", "600"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
	r.stop()

	r = start(t, path)
	stars, err := r.Stars(t.Context())
	if err != nil || len(stars) != 3 || stars[0].ID.Seq != 599 || stars[1] != (Star{event.ID{Epoch: r.Epoch(), Seq: 5}, "another note", stars[1].At}) || time.Since(stars[1].At) > time.Minute {
		t.Errorf("%+v, %v", stars, err)
	}
	if err := r.Unstar(t.Context(), 3); err != nil {
		t.Error(err)
	}
	if err := r.Unstar(t.Context(), 3); err != nil {
		t.Error("without a star:", err)
	}
	r.SetRetention(limits)
	r.settled(t)
	r.counted(t)
	if got, want := r.kept(t, "a"), []string{"5", "598", "599", "600"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

func TestTheFileGivesItsSpaceBackAndTheIndexForgets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	long := strings.Repeat("word another ", 200)
	for range 6 {
		var events []event.Event
		for range 500 {
			events = append(events, texts("a", long)...)
		}
		r.append(t, Batch{Events: events})
	}
	r.append(t, Batch{Events: texts("b", "word")})
	r.indexed(t)
	r.SetRetention(Retention{Feeds: map[string]Limits{"a": {Events: 10}}})
	r.settled(t)
	var free int
	for deadline := time.Now().Add(20 * time.Second); inIndex(t, r, "word") > 3 || free > slack || free == 0; <-time.After(5 * time.Millisecond) {
		if err := r.read.QueryRowContext(t.Context(), `PRAGMA freelist_count`).Scan(&free); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pages are free, the index has %d rows", free, inIndex(t, r, "word"))
		}
	}
	if got := search(t, r, "word another"); len(got) != 10 {
		t.Errorf("a search finds %d", len(got))
	}
	r.stop()
	if info, err := os.Stat(path); err != nil || info.Size() > (slack+200)*4096 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	r = start(t, path)
	var steps int
	r.SetRetention(Retention{Feeds: map[string]Limits{"a": {Events: 5}}}) // the next step drops those before it
	r.settled(t)
	if err := r.read.QueryRowContext(t.Context(), `SELECT count(*) FROM forget`).Scan(&steps); err != nil || steps > 1 {
		t.Errorf("%d steps of trimming are kept, %v", steps, err)
	}
}

func TestAnItemThatWasTrimmedIsStillKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	items := func(from, to int) Batch {
		events := numbered("list", from, to)
		for i := range events {
			events[i].SourceID = events[i].Text
		}
		return Batch{Events: events}
	}
	r.append(t, items(1, 50))
	r.SetRetention(Retention{Feeds: map[string]Limits{"list": {Events: 10}}})
	r.settled(t)
	r.stop()
	r = start(t, path)
	if got := r.append(t, items(1, 51)); got != (Outcome{First: 51, Last: 51, Duplicates: 50, Known: 50}) {
		t.Errorf("the list again, with one more: %+v", got)
	}
	edited := items(7, 7)
	edited.Events[0].Data = []byte("edited")
	if got := r.append(t, edited); got != (Outcome{First: 52, Last: 52, Revised: 1}) {
		t.Errorf("an edit of what is gone: %+v", got)
	}
	again := items(1, 50)
	again.Restored = true
	if got := r.append(t, again); got.Last-got.First != 39 || got.Duplicates != 10 {
		t.Errorf("an import brings back what is gone: %+v", got)
	}
}

func TestWhatWasClearedIsHiddenAtOnceComesBackAndIsGoneInTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	r.append(t, Batch{Events: append(numbered("a", 1, 400), numbered("b", 1, 2)...)})
	r.indexed(t)
	if err := r.Star(t.Context(), 7, ""); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.Clear(t.Context(), "a", time.Hour))
	r.append(t, Batch{Events: numbered("a", 401, 401)})
	if got := r.kept(t, "a"); !slices.Equal(got, []string{"7", "401"}) {
		t.Errorf("cleared: %v", got)
	}
	if got := search(t, r, "399"); got != nil {
		t.Errorf("a search finds %v", got)
	}
	if missing := r.Missing(query.Filter{}, 0, r.Head()); len(missing) != 1 || missing["a"] != 400 {
		t.Errorf("missing: %v", missing)
	}
	if ok, err := r.Restore(t.Context(), "a"); !ok || err != nil || len(r.kept(t, "a")) != 401 {
		t.Errorf("restored: %v, %v, %d", ok, err, len(r.kept(t, "a")))
	}
	must(r.Clear(t.Context(), "a", time.Hour))
	r.stop()

	r = start(t, path) // nobody can want it back now
	if ok, err := r.Restore(t.Context(), "a"); ok || err != nil {
		t.Errorf("restored after a restart: %v, %v", ok, err)
	}
	r.settled(t)
	r.counted(t)
	if got := r.kept(t, "a"); !slices.Equal(got, []string{"7"}) || len(r.kept(t, "b")) != 2 {
		t.Errorf("after a restart: %v", got)
	}
	if a := r.accounts.look("a"); a.cleared != 0 || a.events != 1 {
		t.Errorf("the account: %+v", a)
	}
	must(r.Clear(t.Context(), "b", 0))
	r.settled(t)
	if got := r.kept(t, "b"); got != nil {
		t.Errorf("cleared for good: %v", got)
	}
}

func TestUnreadIsWhatCameAfterWhatWasSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	r.append(t, Batch{Events: append(numbered("a", 1, 10), numbered("b", 1, 3)...)})
	check := func(when, feed string, seen uint64, unread int64) {
		t.Helper()
		if s, n := r.Unread(feed); s != seen || n != unread {
			t.Errorf("%s: %s was seen to %d, %d unread; want %d, %d", when, feed, s, n, seen, unread)
		}
	}
	check("never seen", "a", 0, 10)
	if err := r.SetSeen(t.Context(), "a", 6); err != nil {
		t.Fatal(err)
	}
	check("seen", "a", 6, 4)
	r.append(t, Batch{Events: numbered("a", 11, 12)})
	check("more came", "a", 6, 6)
	check("another feed", "b", 0, 3)
	r.SetRetention(Retention{Feeds: map[string]Limits{"a": {Events: 3}}})
	r.settled(t)
	check("trimmed", "a", 6, 3)
	r.stop()
	r = start(t, path)
	check("after a restart", "a", 6, 3)
	if err := r.SetSeen(t.Context(), "a", 1<<62); err != nil {
		t.Fatal(err)
	}
	check("all seen", "a", 15, 0)
	r.counted(t)
}

func TestTrimmingHoldsUpNoOneWhoAppends(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: numbered("a", 1, 6000)})
	r.SetRetention(Retention{Feeds: map[string]Limits{"a": {Events: 10}}})
	slowest, n := time.Duration(0), 0
	for _, x := r.due(time.Now()); x.any(); _, x = r.due(time.Now()) {
		began := time.Now()
		r.append(t, Batch{Events: numbered("b", 1, 1)})
		slowest = max(slowest, time.Since(began))
		n++
	}
	t.Logf("%d events, the slowest took %v", n, slowest)
	if n < 20 || slowest > 3*time.Second { // a step takes milliseconds; the machine may be busy
		t.Errorf("%d events, the slowest took %v", n, slowest)
	}
}

func TestUsageSaysWhatThereIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	a := numbered("a", 1, 10)
	r.append(t, Batch{Events: append(slices.Clone(a), numbered("b", 1, 1)...)})
	if err := r.Clear(t.Context(), "b", time.Hour); err != nil {
		t.Fatal(err)
	}
	u, err := r.Usage(t.Context())
	if err != nil || len(u.Feeds) != 2 || len(u.Files) < 2 || u.Files[0].Path != path || u.Files[0].Size == 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	if f := u.Feeds[0]; f.Feed != "a" || f.Events != 10 || f.Bytes == 0 || f.Oldest.UnixMicro() != a[0].ReceivedAt.UnixMicro() || f.Newest.UnixMicro() != a[9].ReceivedAt.UnixMicro() || !f.ClearedUntil.IsZero() {
		t.Errorf("%+v", f)
	}
	if f := u.Feeds[1]; time.Until(f.ClearedUntil) < 50*time.Minute {
		t.Errorf("%+v", f)
	}
}
