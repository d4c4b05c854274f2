package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"tickertape/backend/event"
)

// Star is an event that somebody wants to keep, whatever the retention.
type Star struct {
	ID   event.ID
	Note string
	At   time.Time
}

// maxStars is how many stars are listed.
const maxStars = 10_000

// Star keeps an event, with a note, which takes the place of an earlier one.
// ErrNoEvent says that there is no such event any more.
func (j *Journal) Star(ctx context.Context, seq uint64, note string) error {
	if _, err := j.Event(ctx, seq); err != nil {
		return err
	}
	return j.changeStar(ctx, seq, true, func(ctx context.Context, tx *sql.Tx) (sql.Result, error) {
		return tx.ExecContext(ctx, `INSERT INTO stars (seq, feed, size, note, at) SELECT seq, feed, `+sizeSQL+`, ?, ? FROM events WHERE seq = ?
			ON CONFLICT (seq) DO UPDATE SET note = excluded.note`, note, time.Now().UnixMicro(), seq)
	})
}

// Unstar takes the star from an event, which need not have one.
func (j *Journal) Unstar(ctx context.Context, seq uint64) error {
	err := j.changeStar(ctx, seq, false, func(ctx context.Context, tx *sql.Tx) (sql.Result, error) {
		return tx.ExecContext(ctx, `DELETE FROM stars WHERE seq = ?`, seq)
	})
	if errors.Is(err, ErrNoEvent) {
		return nil
	}
	return err
}

// changeStar changes the star of an event, and counts those of its feed.
// ErrNoEvent says that nothing was changed.
func (j *Journal) changeStar(ctx context.Context, seq uint64, on bool, do func(context.Context, *sql.Tx) (sql.Result, error)) error {
	return j.change(ctx, func(ctx context.Context, tx *sql.Tx) (func(), error) {
		result, err := do(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("change the star of %d: %w", seq, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return nil, errors.Join(ErrNoEvent, err)
		}
		var feed string
		var starred, bytes int64
		row := tx.QueryRowContext(ctx, `SELECT e.feed, count(s.seq), ifnull(sum(s.size), 0) FROM events e LEFT JOIN stars s ON s.feed = e.feed WHERE e.seq = ?`, seq)
		if err := row.Scan(&feed, &starred, &bytes); err != nil {
			return nil, fmt.Errorf("count the stars: %w", err)
		}
		return func() {
			j.stars.set(seq, on)
			j.accounts.change(feed, func(a *account) {
				a.starred, a.starredBytes = starred, bytes
				a.oldest, a.settled = time.Time{}, false // another one may be the oldest that may be trimmed
			})
		}, nil
	})
}

// starred are the seqs of the events that have a star.
type starred struct {
	mu sync.RWMutex
	at map[uint64]struct{}
}

// load reads them from the database.
func (s *starred) load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT seq FROM stars`)
	if err != nil {
		return fmt.Errorf("read the stars: %w", err)
	}
	defer rows.Close()
	at := map[uint64]struct{}{}
	for rows.Next() {
		var seq uint64
		if err := rows.Scan(&seq); err != nil {
			return fmt.Errorf("read the stars: %w", err)
		}
		at[seq] = struct{}{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
	return rows.Err()
}

func (s *starred) set(seq uint64, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.at, seq); on {
		s.at[seq] = struct{}{}
	}
}

// Starred reports whether the event with this seq has a star.
func (j *Journal) Starred(seq uint64) bool {
	j.stars.mu.RLock()
	defer j.stars.mu.RUnlock()
	_, ok := j.stars.at[seq]
	return ok
}

// Seen is up to which seq somebody has seen a feed; 0 for never.
func (j *Journal) Seen(feed string) uint64 { return j.accounts.look(feed).seen }

// Stars are the stars, the newest first.
func (j *Journal) Stars(ctx context.Context) ([]Star, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT seq, note, at FROM stars ORDER BY at DESC, seq DESC LIMIT ?`, maxStars)
	if err != nil {
		return nil, j.met(fmt.Errorf("read the stars: %w", err))
	}
	defer rows.Close()
	stars := []Star{}
	for rows.Next() {
		star := Star{ID: event.ID{Epoch: j.epoch}}
		var at int64
		if err := rows.Scan(&star.ID.Seq, &star.Note, &at); err != nil {
			return nil, fmt.Errorf("read the stars: %w", err)
		}
		star.At = time.UnixMicro(at).UTC()
		stars = append(stars, star)
	}
	return stars, j.met(rows.Err())
}

// Unread is the last event of a feed that somebody has seen, 0 for none, and how
// many came after it.
func (j *Journal) Unread(feed string) (seen uint64, unread int64) {
	a := j.accounts.look(feed)
	return a.seen, a.unread
}

// SetSeen remembers up to which event somebody has seen a feed.
func (j *Journal) SetSeen(ctx context.Context, feed string, seq uint64) error {
	// The long count beside the writer, which then adds what has come since.
	head := j.Head()
	seq = min(seq, head)
	const unread = `SELECT count(*) FROM events WHERE feed = ? AND seq > ? AND seq <= ?`
	var before int64
	if err := j.read.QueryRowContext(ctx, unread, feed, seq, head).Scan(&before); err != nil {
		return j.met(fmt.Errorf("count what is unread: %w", err))
	}
	return j.change(ctx, func(ctx context.Context, tx *sql.Tx) (func(), error) {
		var n int64
		if err := tx.QueryRowContext(ctx, unread, feed, head, int64(1<<63-1)).Scan(&n); err != nil {
			return nil, fmt.Errorf("count what is unread: %w", err)
		}
		n += before
		if _, err := tx.ExecContext(ctx, `INSERT INTO feeds (feed, events, bytes, seen, unread) VALUES (?, 0, 0, ?, ?)
			ON CONFLICT (feed) DO UPDATE SET seen = excluded.seen, unread = excluded.unread`, feed, seq, n); err != nil {
			return nil, fmt.Errorf("store what was seen: %w", err)
		}
		return func() { j.accounts.change(feed, func(a *account) { a.seen, a.unread = seq, n }) }, nil
	})
}
