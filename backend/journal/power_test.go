package journal

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// What a disk holds when the power fails is what copies of the files hold that
// are taken while events come: each must open and lose nothing that was durable
// a second before.
func TestWhatIsLeftAfterAPowerCutOpensAndLosesASecondAtMost(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	r := start(t, path)
	r.SetRetention(Retention{Feeds: map[string]Limits{"f": {Events: 3000}}}) // trimming goes on, too
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() { // about 5000 events/s
		for n := 0; ; {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			var events []event.Event
			for range 50 {
				e := texts("f", fmt.Sprint("event ", n))[0]
				e.SourceID = fmt.Sprint(n)
				events = append(events, e)
				n++
			}
			if r.Append(t.Context(), Batch{Events: events, Origin: "o", Resume: fmt.Sprint(n)}) != nil {
				return
			}
		}
	})
	type copied struct {
		path    string
		durable uint64
	}
	var copies []copied
	for i := range 8 {
		<-time.After(time.Duration(rand.IntN(150)) * time.Millisecond)
		c := copied{filepath.Join(dir, fmt.Sprint("copy", i)), r.Head()}
		for _, suffix := range []string{"", "-wal"} { // in the order in which the disk gets them
			data, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(c.path+suffix, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		copies = append(copies, c)
	}
	close(stop)
	writing.Wait()
	if r.Head() < 500 {
		t.Fatalf("only %d events came", r.Head())
	}
	for _, c := range copies {
		j, err := Open(t.Context(), Config{Path: c.path, Committed: func([]event.Event) {}, Log: slog.New(slog.DiscardHandler)})
		if err != nil || j.Damaged() != "" {
			t.Errorf("with %d events: %v, moved to %q", c.durable, err, j.Damaged())
			continue
		}
		var sound string
		if err := j.read.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("with %d events: %s, %v", c.durable, sound, err)
		}
		if j.Head()+5000 < c.durable {
			t.Errorf("%d events were durable, %d are left", c.durable, j.Head())
		}
		check(t, j)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}

// check finds each event up to the head, or what was trimmed before them, and
// the token of the last one.
func check(t *testing.T, j *Journal) {
	t.Helper()
	missing := j.Missing(query.Filter{}, 0, j.Head())["f"]
	next := missing + 1
	for next <= j.Head() {
		events, err := j.ReadAfter(t.Context(), query.Filter{}, next-1, j.Head(), MaxPage)
		if err != nil || len(events) == 0 {
			t.Fatalf("after %d of %d: %d events, %v", next-1, j.Head(), len(events), err)
		}
		for _, e := range events {
			if e.ID.Seq != next || e.SourceID != fmt.Sprint(next-1) {
				t.Fatalf("where %d should be is %d, %s", next, e.ID.Seq, e.SourceID)
			}
			next++
		}
	}
	var token string
	if err := j.read.QueryRowContext(t.Context(), `SELECT token FROM resume WHERE origin = 'o'`).Scan(&token); j.Head() > 0 && (err != nil || token != fmt.Sprint(j.Head())) {
		t.Errorf("%d events, and the token %s, %v", j.Head(), token, err)
	}
	if a := j.accounts.look("f"); a.events != int64(j.Head()-missing) {
		t.Errorf("%d of %d events are counted, %d trimmed", a.events, j.Head(), missing)
	}
}
