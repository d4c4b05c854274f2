package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Clear hides the history of a feed, but for what is starred, and trims it once
// keep has passed or the journal is opened again. Until then Restore brings it
// back.
func (j *Journal) Clear(ctx context.Context, feed string, keep time.Duration) error {
	// Not up to the head: what readers are told to be missing is no more than it is.
	var newest sql.Null[uint64]
	if err := j.read.QueryRowContext(ctx, `SELECT max(seq) FROM events WHERE feed = ?`, feed).Scan(&newest); err != nil {
		return j.met(fmt.Errorf("clear %s: %w", feed, err))
	}
	return j.setCleared(ctx, feed, newest.V, keep)
}

// Restore takes a Clear back. It reports whether there was one that it could.
func (j *Journal) Restore(ctx context.Context, feed string) (bool, error) {
	a := j.accounts.look(feed)
	if a.cleared == 0 || !time.Now().Before(a.keepUntil) {
		return false, nil
	}
	return true, j.setCleared(ctx, feed, 0, 0)
}

func (j *Journal) setCleared(ctx context.Context, feed string, upTo uint64, keep time.Duration) error {
	return j.change(ctx, func(ctx context.Context, tx *sql.Tx) (func(), error) {
		result, err := tx.ExecContext(ctx, `UPDATE feeds SET cleared = ? WHERE feed = ?`, upTo, feed)
		if err != nil {
			return nil, fmt.Errorf("clear %s: %w", feed, err)
		}
		if n, err := result.RowsAffected(); n == 0 {
			return nil, err // there was never anything
		}
		return func() {
			j.accounts.change(feed, func(a *account) {
				a.cleared, a.keepUntil, a.settled = upTo, time.Now().Add(keep), false
			})
		}, nil
	})
}
