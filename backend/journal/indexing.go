package journal

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

const (
	// indexPage is how many events one transaction of the index takes at most:
	// the more, the less there is to merge later.
	indexPage = 8000
	// few events needn't be indexed at once: more of them are gathered first.
	few = indexPage / 2
	// atHand and hopeless are between how many events that wait to be indexed
	// nothing is merged, so that the index catches up.
	atHand   = 2 * indexPage
	hopeless = 10 * indexPage
	// indexPause is how long events are gathered before they are indexed: few
	// large transactions are much cheaper than many small ones.
	indexPause = 500 * time.Millisecond
	// maxPiece ends a piece of what is to be indexed, in bytes of tokens.
	maxPiece = 1 << 20
	// backlog is how many bytes may wait for the writer before the index makes
	// room for it.
	backlog = 4 << 20
	// rush is how many events a second leave no time for the index, as others
	// need the processors.
	rush = 60_000
	// mergePages is how many pages of 4 KB a step of merging writes at most: a
	// twentieth of a second.
	mergePages = 500
)

// runIndex keeps the index up to date until ctx ends. What it hasn't come to by
// then it finds at the next start.
func (j *Journal) runIndex(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	// The first read opens a connection; so somebody who asks needn't wait for it.
	_, _ = j.ReadBack(ctx, query.Filter{}, 0, j.Head(), MaxPage/10)
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
	if !more && (trails <= atHand || trails > hopeless) {
		if more, err = j.index.merge(); err == nil && !more {
			more, err = j.index.giveBack()
		}
	}
	if trails > 0 {
		j.index.notify() // nobody else may have to say so again
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

// end says how long to rest: to store events comes first. In a rush, and where
// more comes than the index can take, it takes a tenth of the time and trails:
// searches match by themselves what it hasn't come to. While the writer is
// behind it takes half of the time.
func (p *pace) end(j *Journal) (rest time.Duration) {
	busy, upTo := time.Since(p.began), j.index.upTo.Load()
	if upTo-p.upTo >= indexPage { // else most of the time was spent on other things
		p.took += (float64(upTo-p.upTo)/busy.Seconds() - p.took) / smooth
	}
	losing := j.Head()-upTo > 2*atHand && (p.came > 1.2*p.took || p.came > rush)
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
	const statement = `SELECT seq, title, text, json, data, key FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`
	var both [2]piece
	for n, upTo, head := 0, after, j.Head(); upTo < head && upTo-after < indexPage; n++ {
		p := &both[n%2]
		*p = piece{head, p.firsts[:0], p.ends[:0], p.tokens[:0]}
		err := each(ctx, j.read, statement, []any{upTo, head, MaxPage}, func(r record) (more bool) {
			e := event.Event{ID: event.ID{Seq: uint64(r.integer(0))}, Title: r.lent(1), Text: r.lent(2), JSON: r.integer(3) != 0, Data: r.borrowed(4), Key: r.lent(5)}
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
