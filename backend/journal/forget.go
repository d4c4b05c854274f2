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
	err = x.db.transaction(func() error {
		remove, err := x.db.prepare(`DELETE FROM words WHERE rowid = ?`)
		if err != nil {
			return err
		}
		defer remove.close()
		for _, seqs := range steps {
			if err := x.forget(remove, seqs); err != nil {
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

// forget takes out the events of one step of trimming.
func (x *index) forget(remove *statement, seqs []byte) error {
	var seq uint64
	for len(seqs) > 0 {
		delta, n := binary.Uvarint(seqs)
		if n <= 0 {
			return nil // it is ours, and only the search's
		}
		seqs = seqs[n:]
		if seq += delta; seq > x.upTo.Load() {
			return nil // those that aren't indexed yet never will be
		}
		err := remove.bind(1, int64(seq))
		if err == nil {
			_, err = remove.step()
		}
		if err != nil {
			return fmt.Errorf("event %d: %w", seq, err)
		}
	}
	return nil
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
