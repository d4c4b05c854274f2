package journal

import (
	"context"
	"database/sql"
	"time"
)

// SQLite appends each commit to a log (WAL) and copies the log into the database
// when that has grown: a checkpoint. By default the commit that finds it too
// long does that, and readers of live events wait for it. Here it is done
// beside the commits, which go on meanwhile.

const (
	// checkpointAfter is about how much is committed between two checkpoints,
	// in bytes.
	checkpointAfter = 16 << 20
	// maxLog is how long the log may grow, in pages of 4 KiB, before the writer
	// waits for a checkpoint: only when it has nothing to write the log can be
	// begun again from its start.
	maxLog = 16 << 10
	// checkpointPoll is how often is looked whether a checkpoint is due.
	checkpointPoll = 250 * time.Millisecond
)

// runCheckpoints makes checkpoints until ctx ends. The last one is made when
// the database is closed.
func (j *Journal) runCheckpoints(ctx context.Context) {
	tick := time.NewTicker(checkpointPoll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if j.unmerged.Load() < checkpointAfter {
			continue
		}
		j.unmerged.Store(0)
		pages, err := checkpoint(ctx, j.merge)
		if err != nil && ctx.Err() == nil {
			j.cfg.Log.Warn("the journal's log can't be merged for now", "err", err)
		}
		j.overdue.Store(pages > maxLog)
	}
}

// checkpoint copies what it can of the log into the database without holding
// anybody up, and returns how many pages the log has.
func checkpoint(ctx context.Context, db *sql.DB) (pages int, err error) {
	var busy, merged int
	err = db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, &merged)
	return pages, err
}
