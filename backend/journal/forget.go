package journal

import (
	"context"
	"encoding/binary"
	"fmt"
)

// forgetSteps is how many steps of trimming the index forgets in one
// transaction.
const forgetSteps = 4

// forgetPage takes out of the index what was trimmed. It reports whether there
// may be more.
func (j *Journal) forgetPage(ctx context.Context) (more bool, err error) {
	last, steps, err := j.toForget(ctx)
	if err != nil || len(steps) == 0 {
		return false, err
	}
	x := j.index
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	remove, err := tx.PrepareContext(ctx, `DELETE FROM words WHERE rowid = ?`)
	if err != nil {
		return false, fmt.Errorf("prepare: %w", err)
	}
	defer remove.Close()
	for _, seqs := range steps {
		var seq uint64
		for len(seqs) > 0 {
			delta, n := binary.Uvarint(seqs)
			if n <= 0 {
				break // it is ours, and only the search's
			}
			seqs = seqs[n:]
			if seq += delta; seq > x.upTo.Load() {
				break // those that aren't indexed yet never will be
			}
			if _, err := remove.ExecContext(ctx, seq); err != nil {
				return false, fmt.Errorf("forget event %d: %w", seq, err)
			}
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'forgotten'`, last); err != nil {
		return false, fmt.Errorf("store how much is forgotten: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("commit: %w", err)
	}
	x.forgotten.Store(last) // the writer then drops the steps
	return len(steps) == forgetSteps, nil
}

// toForget reads the next steps, and the id of the last of them.
func (j *Journal) toForget(ctx context.Context) (last int64, steps [][]byte, err error) {
	rows, err := j.read.QueryContext(ctx, `SELECT id, seqs FROM forget WHERE id > ? ORDER BY id LIMIT ?`, j.index.forgotten.Load(), forgetSteps)
	if err != nil {
		return 0, nil, fmt.Errorf("read what was trimmed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var seqs []byte
		if err := rows.Scan(&last, &seqs); err != nil {
			return 0, nil, fmt.Errorf("read what was trimmed: %w", err)
		}
		steps = append(steps, seqs)
	}
	return last, steps, rows.Err()
}
