package journal

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// left copies the files of a journal that is in use, as they are left when its
// process is killed; or when the power fails, at another start of the computer.
func left(t *testing.T, path, boot string) (as string) {
	t.Helper()
	as = filepath.Join(t.TempDir(), "left.db")
	for _, suffix := range []string{"", "-wal"} { // in the order in which the disk gets them
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(as+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if boot != "" {
		db, err := sql.Open("sqlite", "file:"+as)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `UPDATE meta SET value = ? WHERE name = 'used'`, boot); err != nil {
			t.Fatal(err)
		}
	}
	return as
}

func TestAfterAPowerCutNoIDIsGivenTwiceAndTheGapIsTold(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: texts("f", "one", "two", "three")})
	path := left(t, r.cfg.Path, "another start")
	for again := range 2 { // the second time it ends cleanly before
		r := start(t, path)
		if n := r.append(t, Batch{Events: texts("f", "four")}).First; n != 3+lostIDs+1+uint64(again) {
			t.Errorf("the next event is %d", n)
		}
		for _, c := range []struct{ after, upTo, missing uint64 }{
			{0, 3, 0}, {1, 4, 4}, {3, 3 + lostIDs, 3 + lostIDs}, {1000, r.Head(), 3 + lostIDs}, {3 + lostIDs, r.Head(), 0},
		} {
			if got := r.Missing(query.Filter{}, c.after, c.upTo)["f"]; got != c.missing || r.Cut(c.after, c.upTo) != c.missing {
				t.Errorf("after %d up to %d: missing to %d", c.after, c.upTo, got)
			}
		}
		events, err := r.ReadAfter(t.Context(), query.Filter{}, 0, r.Head(), MaxPage)
		for err == nil && len(events) == 3 { // a page may end at the hole
			events, err = r.ReadAfter(t.Context(), query.Filter{}, 3, r.Head(), MaxPage)
		}
		if err != nil || string(events[len(events)-1].Data) != "four" {
			t.Errorf("over the gap: %+v, %v", events, err)
		}
		r.indexed(t)
		if got := search(t, r, "four"); len(got) != again+1 {
			t.Errorf("a search finds %v", got)
		}
		r.stop()
	}
}

func TestAKilledProgramLeavesNoGap(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: texts("f", "one", "two", "three")})
	boot := ""
	if bootID() == "" { // where that isn't known it counts as a power cut
		boot = "this one"
	}
	for range 2 {
		path := left(t, r.cfg.Path, boot)
		next := start(t, path)
		if n := next.append(t, Batch{Events: texts("f", "four")}).First; (n == 4) != (bootID() != "") {
			t.Errorf("the next event is %d", n)
		}
		if next.Missing(query.Filter{}, 0, 4) != nil && bootID() != "" {
			t.Error("there is a gap")
		}
	}
}

func TestTheDiskIsWaitedForOnlyWhenItIsFarBehind(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log-wal"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &flusher{file: file, dirty: make(chan struct{}, 1), done: make(chan struct{}, 1)}
		f.committed()
		<-time.After(flushLimit)
		f.wait(ctx) // returns at once
		<-time.After(time.Nanosecond)
		if !f.late() {
			t.Fatal("it isn't late")
		}
		waited := make(chan struct{})
		go func() { f.wait(ctx); close(waited) }()
		synctest.Wait()
		select {
		case <-waited:
			t.Error("it didn't wait")
		default:
		}
		if err := f.flush(); err != nil {
			t.Error(err)
		}
		<-waited

		if err := f.close(); err != nil {
			t.Error(err)
		}
		f.committed()
		if err := f.flush(); err == nil || f.fault.Load() == nil {
			t.Error("a disk that doesn't take it is no fault")
		}
		<-time.After(flushLimit + time.Nanosecond)
		cancel()
		f.wait(ctx)
		if !f.late() {
			t.Error("what failed counts as flushed")
		}
	})
}

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
