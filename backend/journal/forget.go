package journal

import (
	"context"
	"encoding/binary"
	"fmt"

	"tickertape/backend/query"
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
	gone, err := j.gone(ctx, steps)
	if err != nil {
		return false, err
	}
	err = x.db.transaction(func() error {
		for _, first := range gone {
			if err := x.db.exec(`DELETE FROM words WHERE rowid BETWEEN ? AND ?`, first, first+query.Together-1); err != nil {
				return err
			}
		}
		return x.db.exec(`UPDATE meta SET value = ? WHERE name = 'forgotten'`, last)
	})
	if err != nil {
		return false, fmt.Errorf("take what was trimmed out of the search index: %w", err)
	}
	x.forgotten.Store(last) // the writer then drops the steps
	return len(steps) == forgetSteps, nil
}

// gone are the events of the steps that were together in the index and of which
// none is left, by the first seq that there may have been.
func (j *Journal) gone(ctx context.Context, steps [][]byte) (firsts []int64, err error) {
	upTo, checked := j.index.upTo.Load(), int64(-1)
	for _, seqs := range steps {
		for seq := uint64(0); len(seqs) > 0; {
			delta, n := binary.Uvarint(seqs)
			if n <= 0 {
				break // it is ours, and only the search's
			}
			seqs = seqs[n:]
			seq += delta
			first := int64(seq - seq%query.Together)
			if uint64(first) > upTo {
				break // what isn't indexed yet never will be
			}
			if first == checked {
				continue
			}
			checked = first
			var left bool
			row := j.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM events WHERE seq BETWEEN ? AND ?)`, first, first+query.Together-1)
			if err := row.Scan(&left); err != nil {
				return nil, fmt.Errorf("read what is left of what was trimmed: %w", err)
			}
			if !left {
				firsts = append(firsts, first)
			}
		}
	}
	return firsts, nil
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
