package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// When the power fails, readers may have seen events that the disk doesn't have
// yet. Their ids must not be given to others: such a reader would take those for
// events that it has. So the next start leaves out more ids than can have been
// lost, and whoever reads across these is told of a gap.

// lostIDs is how many ids are left out: more events than are committed in
// flushLimit and the commit after it.
const lostIDs = 1 << 20

// powerCut is what one may have taken: the events with after < seq <= upTo.
type powerCut struct{ after, upTo uint64 }

// begin notes that this journal is in use, and since which start of the
// computer, for the next one to see: whoever ends cleanly takes that away again.
// It leaves ids out if the one before ended with its computer. The disk has all
// that when it returns.
func (j *Journal) begin(ctx context.Context, boot string) error {
	disk, err := openFlusher(j.cfg.Path)
	if err != nil {
		return err
	}
	tx, err := j.write.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(err, disk.close())
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	for _, step := range []struct {
		sql  string
		args []any
	}{
		// Where the start of the computer isn't known, every end that wasn't clean
		// counts as a power cut.
		{`INSERT INTO cuts SELECT head.value - 1, head.value - 1 + ?2 FROM meta head JOIN meta used
			WHERE head.name = 'next' AND used.name = 'used' AND (used.value <> ?1 OR ?1 = '')`, []any{boot, lostIDs}},
		{`UPDATE meta SET value = max(value, (SELECT ifnull(max(upto), 0) FROM cuts) + 1) WHERE name = 'next'`, nil},
		// The oldest go with the history before them.
		{`DELETE FROM cuts WHERE upto < (SELECT min(seq) FROM events)`, nil},
		{`INSERT INTO meta (name, value) VALUES ('used', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, []any{boot}},
	} {
		if _, err := tx.ExecContext(ctx, step.sql, step.args...); err != nil {
			return errors.Join(err, disk.close())
		}
	}
	if err := errors.Join(tx.Commit(), disk.flush()); err != nil {
		return errors.Join(err, disk.close())
	}
	j.disk = disk
	return nil
}

// end takes the note away, and returns when the disk has everything.
func (j *Journal) end() error {
	if _, err := j.write.ExecContext(context.Background(), `DELETE FROM meta WHERE name = 'used'`); err != nil {
		return fmt.Errorf("note that the journal was closed: %w", err)
	}
	return j.disk.flush()
}

// loadCuts reads what power cuts have taken.
func loadCuts(ctx context.Context, db *sql.DB) (cuts []powerCut, err error) {
	rows, err := db.QueryContext(ctx, `SELECT after, upto FROM cuts ORDER BY after`)
	if err != nil {
		return nil, fmt.Errorf("read what power cuts have taken: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c powerCut
		if err := rows.Scan(&c.after, &c.upTo); err != nil {
			return nil, fmt.Errorf("read what power cuts have taken: %w", err)
		}
		cuts = append(cuts, c)
	}
	return cuts, rows.Err()
}

// Cut is up to which of the events with after < seq <= upTo some may be missing
// because the power failed; 0 if none are.
func (j *Journal) Cut(after, upTo uint64) (to uint64) {
	for _, c := range j.cuts {
		if after < c.upTo && upTo > c.after {
			to = min(upTo, c.upTo)
		}
	}
	return to
}
