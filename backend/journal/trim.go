package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"
)

// maxGone is how many ids of trimmed events a feed keeps: more than what an
// answer lists at most, or those items would come again as new ones.
const maxGone = 5000

// trim removes the oldest events of a feed that has too many. It reports
// whether there was one.
func (w *writer) trim(ctx context.Context, now time.Time) (bool, error) {
	feed, x := w.j.due(now)
	if !x.any() {
		return false, nil
	}
	var cut cut
	err := w.change(ctx, func(ctx context.Context, tx *sql.Tx) (func(), error) {
		var err error
		if cut, err = findCut(ctx, tx, feed, x); err != nil {
			return nil, err
		}
		if cut.events == 0 && !cut.cleared { // now it is known when the oldest was received
			return func() { w.j.accounts.change(feed, cut.enter) }, nil
		}
		// Before the commit: a reader who doesn't find an event any more must
		// find that it may be missing.
		w.j.accounts.change(feed, func(a *account) { a.trimmed = max(a.trimmed, cut.upTo) })
		return func() { w.j.accounts.change(feed, cut.enter) }, cut.make(ctx, tx, w.j)
	})
	if err != nil {
		return false, fmt.Errorf("trim %s: %w", feed, err)
	}
	w.j.unmerged.Add(cut.bytes)
	if cut.events > 0 {
		w.j.index.notify()
	}
	return true, nil
}

// cut is a step of trimming.
type cut struct {
	feed   string
	upTo   uint64 // the last one
	events int64
	bytes  int64
	unread int64 // of the events
	seqs   []byte
	gone   []goneID

	oldest  time.Time // of what is left; zero if that is nothing, or not known
	over    bool      // nothing that may be trimmed is left
	cleared bool      // what was cleared is gone
}

// goneID remembers an event that had a source id.
type goneID struct {
	seq     uint64
	id      string
	content int64
}

// findCut finds out how much of what is too much one step takes.
func findCut(ctx context.Context, tx *sql.Tx, feed string, x excess) (c cut, err error) {
	c.feed = feed
	var seen uint64
	if err := tx.QueryRowContext(ctx, `SELECT ifnull(seen, 0) FROM feeds WHERE feed = ?`, feed).Scan(&seen); err != nil {
		return c, fmt.Errorf("read what is known of it: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT seq, received_at, `+sizeSQL+`, type, source_id, CASE WHEN source_id IS NOT NULL THEN data END
		FROM events WHERE feed = ? AND seq NOT IN (SELECT seq FROM stars) ORDER BY seq LIMIT ?`, feed, trimRows+1)
	if err != nil {
		return c, fmt.Errorf("read the oldest: %w", err)
	}
	defer rows.Close()
	clearedUpTo := x.upTo
	for c.over = true; rows.Next(); {
		var seq uint64
		var receivedAt, bytes int64
		var typ string
		var sourceID sql.NullString
		var data sql.RawBytes
		if err := rows.Scan(&seq, &receivedAt, &bytes, &typ, &sourceID, &data); err != nil {
			return c, fmt.Errorf("read the oldest: %w", err)
		}
		at := time.UnixMicro(receivedAt)
		full := c.events == trimRows || c.bytes > trimBytes
		if full || !x.takes(seq, bytes, at) {
			c.over, c.oldest = false, at
			c.cleared = clearedUpTo > 0 && seq > clearedUpTo
			break
		}
		c.seqs = binary.AppendUvarint(c.seqs, seq-c.upTo)
		c.upTo = seq
		c.events++
		c.bytes += bytes
		if seq > seen {
			c.unread++
		}
		if sourceID.Valid {
			c.gone = append(c.gone, goneID{seq, sourceID.String, contentHash(typ, data)})
		}
	}
	c.cleared = c.cleared || (c.over && clearedUpTo > 0)
	return c, rows.Err()
}

// make does it.
func (c *cut) make(ctx context.Context, tx *sql.Tx, j *Journal) error {
	steps := []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM events WHERE feed = ? AND seq <= ? AND seq NOT IN (SELECT seq FROM stars)`, []any{c.feed, c.upTo}},
		{
			`UPDATE feeds SET events = events - ?, bytes = bytes - ?, unread = max(unread - ?, 0), trimmed = max(trimmed, ?),
				cleared = CASE WHEN ? THEN 0 ELSE cleared END WHERE feed = ?`,
			[]any{c.events, c.bytes, c.unread, c.upTo, c.cleared, c.feed},
		},
		{`DELETE FROM forget WHERE id <= ?`, []any{j.index.forgotten.Load()}},
	}
	if c.events > 0 {
		steps = append(steps, struct {
			sql  string
			args []any
		}{`INSERT INTO forget (seqs) VALUES (?)`, []any{c.seqs}})
	}
	for _, step := range steps {
		if _, err := tx.ExecContext(ctx, step.sql, step.args...); err != nil {
			return err
		}
	}
	return c.remember(ctx, tx)
}

// remember keeps the ids of what is gone, and forgets the oldest ones.
func (c *cut) remember(ctx context.Context, tx *sql.Tx) error {
	if len(c.gone) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO gone (seq, feed, source_id, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, g := range c.gone {
		if _, err := insert.ExecContext(ctx, g.seq, c.feed, g.id, g.content); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM gone WHERE feed = ?1 AND seq <= (SELECT seq FROM gone WHERE feed = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`, c.feed, maxGone)
	return err
}

// enter enters the cut in the feed's account.
func (c *cut) enter(a *account) {
	a.events -= c.events
	a.bytes -= c.bytes
	a.unread = max(a.unread-c.unread, 0)
	a.oldest, a.settled = c.oldest, c.over
	a.gone = a.gone || len(c.gone) > 0
	if c.cleared {
		a.cleared = 0
	}
}

// contentHash tells contents apart that came under the same source id.
func contentHash(typ string, data []byte) int64 {
	h := sha256.New()
	h.Write([]byte(typ))
	h.Write([]byte{0})
	h.Write(data)
	return int64(binary.BigEndian.Uint64(h.Sum(nil)))
}
