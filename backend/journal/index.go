package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"
)

// The full-text index is a database of its own, so that filling it holds up
// nobody who stores events: SQLite has one writer a file. It holds nothing that
// the journal doesn't; one that is damaged, of another journal or of another
// version is made anew.

// indexSuffix is behind the name of the journal's file.
const indexSuffix = "-search"

// FTS5 gathers postings in memory, writes them as a segment, and merges segments
// of one size: 16 of them rather than 4 as by default, so that in a long history
// each event is written two or three times rather than five. A search looks at
// some dozens of segments for it, which takes a millisecond. What it gathers is
// a megabyte, as that stays in the processor's cache: with four each event takes
// half as long again. It is told when to merge, a step at a time. With as many
// segments as crisismerge it would merge all of them at once.
const indexConfig = `('hashsize', 1048576), ('automerge', 0), ('usermerge', 16), ('crisismerge', 1500)`

// index is the full-text index of a journal.
type index struct {
	path string
	db   *direct       // used by run alone
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
	x.close()
	if err = x.remove(); err == nil {
		err = x.open(ctx, epoch)
	}
	if err != nil {
		x.close()
		return nil, fmt.Errorf("open the search index: %w", err)
	}
	return x, nil
}

var errOtherIndex = errors.New("the index is of another journal or version")

func (x *index) open(ctx context.Context, epoch string) (err error) {
	// NORMAL: after a power cut the end of the index may be missing, and is made
	// again.
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=auto_vacuum(incremental)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(33554432)"
	if x.db, err = openDirect("file:"+uriPath(x.path)+"?"+pragmas, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE); err != nil {
		return err
	}
	id := indexID(epoch)
	for _, statement := range []string{
		`CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID`,
		`CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(tokens, content='', contentless_delete=1, tokenize='ascii')`,
		`INSERT INTO words (words, rank) VALUES ` + indexConfig,
	} {
		if err = x.db.exec(statement); err != nil {
			return err
		}
	}
	if err = x.db.exec(`INSERT INTO meta (name, value) VALUES ('id', ?), ('upTo', 0), ('forgotten', 0) ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	var found string
	err = x.db.each(ctx, `SELECT i.value, u.value, f.value FROM meta i, meta u, meta f WHERE i.name = 'id' AND u.name = 'upTo' AND f.name = 'forgotten'`, nil, func(r record) bool {
		found = r.text(0)
		x.upTo.Store(uint64(r.integer(1)))
		x.forgotten.Store(r.integer(2))
		return false
	})
	if err != nil {
		return err
	}
	if found != id {
		return errOtherIndex
	}
	return nil
}

func (x *index) close() {
	if x.db != nil {
		x.db.close()
		x.db = nil
	}
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
