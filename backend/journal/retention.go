package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Limits bound what is kept. 0 is no limit. What is starred is kept all the
// same, and isn't counted.
type Limits struct {
	Age    time.Duration // since receipt
	Events int64
	Bytes  int64 // about what they take up in the database
}

// Retention is how much history to keep.
type Retention struct {
	// All bounds the events and bytes of all feeds together: what is too much
	// is taken from the feed that has most, so that a busy one doesn't wipe out
	// the others. Its age holds for every feed that has none of its own.
	All   Limits
	Feeds map[string]Limits
}

// SetRetention sets how much history to keep. What is too old or too much is
// trimmed from then on, oldest first, beside what comes in.
func (j *Journal) SetRetention(r Retention) {
	j.retention.Store(&r)
	j.accounts.mu.Lock()
	defer j.accounts.mu.Unlock()
	for _, a := range j.accounts.byFeed {
		a.settled = false
	}
	select {
	case j.nudge <- struct{}{}:
	default: // it will see this with what was before
	}
}

const (
	// trimRows and trimBytes bound what one step takes: a few milliseconds.
	trimRows  = 250
	trimBytes = 4 << 20
	// upkeepPause is how often is looked whether there is something to do.
	upkeepPause = time.Second
	// slack is how many free pages the file keeps for what comes next: to give
	// them back and to take them again would cost for nothing.
	slack = 1024
	// vacuumPages is how many free pages one step gives back.
	vacuumPages = 256
)

// tend does one small step of what there is to do besides storing events, and
// returns how long to wait before the next: as long as this one took, or, while
// events wait to be stored, nine times that.
func (w *writer) tend(ctx context.Context) (time.Duration, error) {
	ctx = context.WithoutCancel(ctx)
	began := time.Now()
	did, err := w.trim(ctx, began)
	if err == nil && !did {
		did, err = giveBack(ctx, w.j.write)
	}
	switch {
	case isDamage(err):
		return 0, w.j.mark(fmt.Errorf("trim history: %w", err))
	case err != nil:
		w.j.cfg.Log.Warn("history can't be trimmed for now", "err", err)
		return time.Minute, nil
	case !did:
		return w.j.upkeep, nil
	case len(w.j.queue) > 0:
		return 9 * time.Since(began), nil
	}
	return time.Since(began), nil
}

// giveBack makes the file a little smaller, if it holds much more room than is
// needed. It reports whether it did.
func giveBack(ctx context.Context, db *sql.DB) (bool, error) {
	var mode, free int
	row := db.QueryRowContext(ctx, `SELECT auto_vacuum, freelist_count FROM pragma_auto_vacuum, pragma_freelist_count`)
	if err := row.Scan(&mode, &free); err != nil {
		return false, fmt.Errorf("read how much room is free: %w", err)
	}
	const incremental = 2
	if mode != incremental || free <= slack {
		return false, nil
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, vacuumPages)); err != nil {
		return false, fmt.Errorf("give back room: %w", err)
	}
	return true, nil
}

// excess is what of a feed is too much: so many events, so many bytes, what was
// received before a time, and what stands up to a seq.
type excess struct {
	events, bytes int64
	before        time.Time
	upTo          uint64
}

func (x excess) any() bool {
	return x.events > 0 || x.bytes > 0 || !x.before.IsZero() || x.upTo > 0
}

// takes reports whether the oldest event that is left is too much.
func (x *excess) takes(seq uint64, bytes int64, receivedAt time.Time) bool {
	if x.events <= 0 && x.bytes <= 0 && seq > x.upTo && !receivedAt.Before(x.before) {
		return false
	}
	x.events--
	x.bytes -= bytes
	return true
}

// due finds a feed that has more than may be kept.
func (j *Journal) due(now time.Time) (feed string, x excess) {
	retention := j.retention.Load()
	j.accounts.mu.RLock()
	defer j.accounts.mu.RUnlock()
	var events, bytes int64
	var most string // of those that can be trimmed
	var mostEvents, mostBytes int64
	for name, a := range j.accounts.byFeed {
		n, size := a.loose()
		events, bytes = events+n, bytes+size
		if a.settled {
			continue
		}
		if x := a.excess(retention.All, retention.Feeds[name], now); x.any() {
			return name, x
		}
		if n > 0 && (size > mostBytes || most == "") {
			most, mostEvents, mostBytes = name, n, size
		}
	}
	if all := retention.All; most != "" {
		if all.Events > 0 && events > all.Events {
			x.events = min(events-all.Events, mostEvents)
		}
		if all.Bytes > 0 && bytes > all.Bytes {
			x.bytes = min(bytes-all.Bytes, mostBytes)
		}
	}
	return most, x
}

// excess is what is too much by the limits of all feeds and of this one.
func (a *account) excess(all, own Limits, now time.Time) (x excess) {
	events, bytes := a.loose()
	if own.Events > 0 {
		x.events = events - own.Events
	}
	if own.Bytes > 0 {
		x.bytes = bytes - own.Bytes
	}
	age := own.Age
	if age == 0 {
		age = all.Age
	}
	if before := now.Add(-age); age > 0 && events > 0 && a.oldest.Before(before) {
		x.before = before
	}
	if a.cleared > 0 && !now.Before(a.keepUntil) {
		x.upTo = a.cleared
	}
	return x
}
