package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	sqlite3 "modernc.org/sqlite/lib"

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
	// few events needn't be indexed at once: more of them are gathered first.
	few = indexPage / 2
	// indexPause is how long events are gathered before they are indexed: few
	// large transactions are much cheaper than many small ones.
	indexPause = 500 * time.Millisecond
	// maxPiece ends a piece of what is to be indexed, in bytes of tokens.
	maxPiece = 1 << 20
	// backlog is how many bytes may wait for the writer before the index makes
	// room for it.
	backlog = 4 << 20
)

// FTS5 gathers postings in memory, writes them as a segment, and merges segments
// of one size: 16 of them rather than 4 as by default, so that in a long history
// each event is written two or three times rather than five. A search looks at
// some dozens of segments for it, which takes a millisecond. What it gathers is
// a megabyte, as that stays in the processor's cache: with four each event takes
// half as long again. It is told when to merge: a step at a time, while not
// many events wait to be indexed. With as many segments as crisismerge, after a
// minute of far too many events, it merges all of them at once.
const (
	indexConfig = `('hashsize', 1048576), ('automerge', 0), ('usermerge', 16), ('crisismerge', 1500)`
	mergePages  = 500 // of 4 KB, that a step writes at most: a twentieth of a second
)

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
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=auto_vacuum(incremental)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4000)"
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

// runIndex keeps the index up to date until ctx ends. What it hasn't come to by
// then it finds at the next start.
func (j *Journal) runIndex(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	var pace pace
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		pace.begin(j)
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
		rest := pace.end(j)
		if more {
			pause.Reset(rest)
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
	if more, err = j.forgetPage(ctx); err != nil {
		return false, err
	}
	trails := j.Head() - j.index.upTo.Load()
	if trails <= 4*few && !more {
		if more, err = j.index.merge(); err == nil && !more {
			more, err = j.index.giveBack()
		}
	}
	return more || trails > few, err
}

// merge takes a step of merging segments, and reports whether there may be more.
func (x *index) merge() (more bool, err error) {
	var before, after int64
	if before, err = x.db.integer(`SELECT total_changes()`); err == nil {
		if err = x.db.exec(`INSERT INTO words (words, rank) VALUES ('merge', ?)`, mergePages); err == nil {
			after, err = x.db.integer(`SELECT total_changes()`)
		}
	}
	if err != nil {
		return false, fmt.Errorf("merge the search index: %w", err)
	}
	return after-before > 1, nil // the statement itself counts as one
}

// giveBack makes the index's file a little smaller, if it holds much more room
// than is needed. It reports whether it did.
func (x *index) giveBack() (bool, error) {
	free, err := x.db.integer(`SELECT freelist_count FROM pragma_freelist_count`)
	if err == nil && free > slack {
		err = x.db.exec(fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, vacuumPages))
	}
	if err != nil {
		return false, fmt.Errorf("give back room of the search index: %w", err)
	}
	return free > slack, nil
}

// behind reports whether much waits for the writer.
func (j *Journal) behind() bool { return j.queued.Load() > backlog || len(j.queue) > maxBatches/4 }

// pace is how fast the index could be of late: how many events came in a
// second, and how many it took in a second of its own time.
type pace struct {
	began      time.Time
	head, upTo uint64
	came, took float64
}

func (p *pace) begin(j *Journal) {
	now, head := time.Now(), j.Head()
	if !p.began.IsZero() {
		p.came += (float64(head-p.head)/now.Sub(p.began).Seconds() - p.came) / smooth
	}
	p.began, p.head, p.upTo = now, head, j.index.upTo.Load()
}

// end says how long to rest: to store events comes first. Where half as
// much again comes as the index can take, it takes a tenth of the time, and trails;
// searches match by themselves what it hasn't come to. While the writer is
// behind it takes half of it.
func (p *pace) end(j *Journal) (rest time.Duration) {
	busy, upTo := time.Since(p.began), j.index.upTo.Load()
	if upTo-p.upTo >= indexPage { // else most of the time was spent on other things
		p.took += (float64(upTo-p.upTo)/busy.Seconds() - p.took) / smooth
	}
	losing := j.Head()-upTo > 8*few && p.came > 1.5*p.took
	switch {
	case losing:
		return 9 * busy
	case j.behind():
		return busy
	}
	return 0
}

// smooth is of how many steps a rate is the mean, about.
const smooth = 4

// indexPage indexes the next events, in one transaction with how far it has
// come.
func (j *Journal) indexPage(ctx context.Context) error {
	x := j.index
	upTo := x.upTo.Load()
	if upTo >= j.Head() {
		return nil
	}
	err := x.db.transaction(func() (err error) {
		if upTo, err = j.indexAfter(ctx, upTo); err != nil {
			return err
		}
		return x.db.exec(`UPDATE meta SET value = ? WHERE name = 'upTo'`, int64(upTo))
	})
	if err != nil {
		return fmt.Errorf("index events: %w", err)
	}
	x.upTo.Store(upTo)
	return nil
}

// indexAfter indexes the next events, and says up to which seq. While some are
// inserted the next ones are read and cut into tokens.
func (j *Journal) indexAfter(ctx context.Context, after uint64) (upTo uint64, err error) {
	insert, err := j.index.db.prepare(`INSERT INTO words (rowid, tokens) VALUES (?, ?)`)
	if err != nil {
		return after, err
	}
	defer insert.close()
	pieces := make(chan *piece)
	reading, ctx := errgroup.WithContext(ctx)
	reading.Go(func() error {
		defer close(pieces)
		return j.cut(ctx, after, pieces)
	})
	upTo = after
	reading.Go(func() error {
		for p := range pieces {
			if err := p.insert(insert); err != nil {
				return err
			}
			upTo = p.upTo
		}
		return nil
	})
	err = reading.Wait()
	return upTo, err
}

// piece is rows for the index.
type piece struct {
	upTo   uint64   // there are no other events up to this seq
	firsts []uint64 // the seq of each row's first event
	ends   []int    // where each row's tokens end
	tokens []byte
}

// add adds an event: to the last row, if it is to be together with what is there.
func (p *piece) add(e *event.Event) {
	p.tokens = query.AppendIndex(p.tokens, e)
	p.upTo = e.ID.Seq
	last := len(p.firsts) - 1
	if last >= 0 && p.firsts[last]/query.Together == e.ID.Seq/query.Together {
		p.ends[last] = len(p.tokens)
		return
	}
	p.firsts, p.ends = append(p.firsts, e.ID.Seq), append(p.ends, len(p.tokens))
}

func (p *piece) insert(into *statement) error {
	start := 0
	for i, first := range p.firsts {
		if err := into.insert(int64(first), p.tokens[start:p.ends[i]]); err != nil {
			return fmt.Errorf("those from %d on: %w", first, err)
		}
		start = p.ends[i]
	}
	return nil
}

// cut reads the next events and cuts them into tokens, a piece at a time. Who
// takes one is done with it when it takes the next.
func (j *Journal) cut(ctx context.Context, after uint64, pieces chan<- *piece) error {
	const statement = `SELECT seq, title, text, json, data FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
	var both [2]piece
	for n, upTo, head := 0, after, j.Head(); upTo < head && upTo-after < indexPage; n++ {
		p := &both[n%2]
		*p = piece{head, p.firsts[:0], p.ends[:0], p.tokens[:0]}
		err := each(ctx, j.read, statement, []any{upTo, head, MaxPage}, func(r record) (more bool) {
			e := event.Event{ID: event.ID{Seq: uint64(r.integer(0))}, Title: r.lent(1), Text: r.lent(2), JSON: r.integer(3) != 0, Data: r.borrowed(4)}
			p.add(&e)
			return len(p.tokens) < maxPiece
		})
		if err != nil {
			return j.met(fmt.Errorf("read what to index: %w", err))
		}
		select {
		case pieces <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
		upTo = p.upTo
	}
	return nil
}
