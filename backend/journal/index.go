package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// The full-text index is a database of its own, so that filling it holds up
// nobody who stores events: SQLite has one writer a file. It holds nothing that
// the journal doesn't; one that is damaged, of another journal or of another
// version is made anew.

const (
	indexSuffix = "-search" // of the journal's file name
	// indexPage is how many events one transaction of the index takes at most:
	// the more, the less there is to merge later.
	indexPage = 8000
	// indexPause is how long events are gathered before they are indexed: few
	// large transactions are much cheaper than many small ones.
	indexPause = 500 * time.Millisecond
	// backlog is how many bytes may wait for the writer before the index makes
	// room for it.
	backlog = 4 << 20
)

// FTS5 writes what a transaction brought as a segment, and merges segments of
// one size: 16 of them rather than 4 as by default, so that in a long history
// each event is written two or three times rather than five. A search looks at
// some dozens of segments for it, which takes a millisecond.

// index is the full-text index of a journal.
type index struct {
	path string
	db   *sql.DB       // one connection, used by run alone
	upTo atomic.Uint64 // every event up to this seq is in it, unless it was trimmed
	wake chan struct{} // there are more

	damaged   atomic.Bool  // it isn't used any more
	forgotten atomic.Int64 // up to this id of the table forget it has forgotten what was trimmed
}

// openIndex opens the index of the journal at path, or makes it anew.
func openIndex(ctx context.Context, path, epoch string) (*index, error) {
	x := &index{path: path + indexSuffix, wake: make(chan struct{}, 1)}
	var err error
	if _, statErr := os.Stat(x.path + markSuffix); statErr != nil {
		err = x.open(ctx, epoch)
	} else {
		err = errMarked
	}
	if err == nil {
		return x, nil
	}
	if err = errors.Join(x.close(), x.remove()); err == nil {
		err = x.open(ctx, epoch)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the search index: %w", err), x.close())
	}
	return x, nil
}

var errOtherIndex = errors.New("the index is of another journal or version")

func (x *index) open(ctx context.Context, epoch string) (err error) {
	// NORMAL: after a power cut the end of the index may be missing, and is made
	// again.
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=auto_vacuum(incremental)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-8192)"
	if x.db, err = sql.Open("sqlite", "file:"+uriPath(x.path)+"?"+pragmas); err != nil {
		return err
	}
	x.db.SetMaxOpenConns(1)
	id := indexID(epoch)
	if _, err = x.db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
		CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(tokens, content='', contentless_delete=1, tokenize='ascii');
		INSERT INTO words (words, rank) VALUES ('hashsize', 4194304), ('automerge', 16), ('crisismerge', 64);`); err != nil {
		return err
	}
	if _, err = x.db.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('id', ?), ('upTo', 0), ('forgotten', 0) ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	var found string
	var upTo uint64
	var forgotten int64
	row := x.db.QueryRowContext(ctx, `SELECT i.value, u.value, f.value FROM meta i, meta u, meta f WHERE i.name = 'id' AND u.name = 'upTo' AND f.name = 'forgotten'`)
	if err = row.Scan(&found, &upTo, &forgotten); err != nil {
		return err
	}
	if found != id {
		return errOtherIndex
	}
	x.upTo.Store(upTo)
	x.forgotten.Store(forgotten)
	return nil
}

func (x *index) close() error {
	if x.db == nil {
		return nil
	}
	return x.db.Close()
}

func (x *index) remove() error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm", markSuffix} {
		if err := os.Remove(x.path + suffix); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// reach is up to which seq searches may use the index.
func (x *index) reach() uint64 {
	if x.damaged.Load() {
		return 0
	}
	return x.upTo.Load()
}

// giveUp stops using an index that is damaged. The next start makes it anew;
// until then searches look at every event.
func (x *index) giveUp(log *slog.Logger, cause error) {
	if x.damaged.Swap(true) {
		return
	}
	if log != nil { // an Archive has none, and changes nothing
		err := os.WriteFile(x.path+markSuffix, nil, 0o600)
		log.Error("the search index is damaged; it is made anew at the next start, and searches take longer until then", "err", errors.Join(cause, err))
	}
}

// notify says that there are events to index.
func (x *index) notify() {
	select {
	case x.wake <- struct{}{}:
	default: // it will see these with those before
	}
}

// runIndex keeps the index up to date until ctx ends. What it hasn't come to by
// then it finds at the next start.
func (j *Journal) runIndex(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		began, head, upTo := time.Now(), j.Head(), j.index.upTo.Load()
		more, err := j.tendIndex(ctx)
		if isDamage(err) {
			j.index.giveUp(j.cfg.Log, err)
			return
		}
		if err != nil {
			if ctx.Err() == nil {
				j.cfg.Log.Error("events can't be indexed for the search; trying again", "err", err)
			}
			pause.Reset(10 * indexPause)
			continue
		}
		if more {
			came, indexed := j.Head()-head, j.index.upTo.Load()-upTo
			losing := came > indexed && j.Head()-upTo > 2*indexPage
			pause.Reset(yield(time.Since(began), losing || j.behind()))
			continue
		}
		select {
		case <-j.index.wake:
			pause.Reset(indexPause)
		case <-ctx.Done():
			return
		}
	}
}

// tendIndex takes a step of what the index has to do, and reports whether there
// may be more.
func (j *Journal) tendIndex(ctx context.Context) (more bool, err error) {
	if err := j.indexPage(ctx); err != nil {
		return false, err
	}
	more, err = j.forgetPage(ctx)
	if err == nil && !more {
		more, err = giveBack(ctx, j.index.db)
	}
	return more || j.index.upTo.Load() < j.Head(), err
}

// behind reports whether much waits for the writer.
func (j *Journal) behind() bool { return j.queued.Load() > backlog || len(j.queue) > maxBatches/4 }

// yield is how long to rest after a page that took so long: to store events
// comes first. Where the writer is behind, or more comes than the index can
// take, it takes a tenth of the time and trails; searches match by themselves
// what it hasn't come to.
func yield(took time.Duration, trail bool) time.Duration {
	if trail {
		return 9 * took
	}
	return took / 8
}

// indexPage indexes the next events, in one transaction with how far it has
// come.
func (j *Journal) indexPage(ctx context.Context) error {
	x := j.index
	after := x.upTo.Load()
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	insert, err := tx.PrepareContext(ctx, `INSERT INTO words (rowid, tokens) VALUES (?, ?)`)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer insert.Close()
	upTo, head := after, j.Head()
	for upTo < head && upTo-after < indexPage {
		events, err := j.toIndex(ctx, upTo, head)
		if err != nil {
			return err
		}
		if len(events) == 0 { // what was there is deleted
			upTo = head
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range events {
			// A context that can end costs a goroutine a row.
			if _, err := insert.ExecContext(context.WithoutCancel(ctx), events[i].ID.Seq, query.Index(&events[i])); err != nil {
				return fmt.Errorf("index event %d: %w", events[i].ID.Seq, err)
			}
		}
		upTo = events[len(events)-1].ID.Seq
	}
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'upTo'`, upTo); err != nil {
		return fmt.Errorf("store how far the index has come: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	x.upTo.Store(upTo)
	return nil
}

// toIndex reads the next events, but of each only what the index is made of.
func (j *Journal) toIndex(ctx context.Context, after, upTo uint64) (events []event.Event, err error) {
	const statement = `SELECT seq, title, text, json, data FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
	size := 0
	err = each(ctx, j.read, statement, []any{after, upTo, MaxPage}, func(r record) (more bool) {
		e := event.Event{ID: event.ID{Seq: uint64(r.integer(0))}, Title: r.text(1), Text: r.text(2), JSON: r.integer(3) != 0, Data: r.bytes(4)}
		size += e.Size()
		events = append(events, e)
		return size < maxPageBytes
	})
	if err != nil {
		return nil, j.met(fmt.Errorf("read what to index: %w", err))
	}
	return events, nil
}
