package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tickertape/backend/event"
)

// maxCommit bounds one transaction, in events, so that a reader of live events
// never waits for a whole backlog.
const maxCommit = 1000

// rowsAtOnce is how many events one INSERT stores: a statement's own cost is
// about that of a row.
const rowsAtOnce = 32

// maxAtPosition is how many of the events at one place of a stream are compared
// with a new one: a feed whose ids are all the same must not cost ever more.
const maxAtPosition = 64

// ErrClosed says that the journal takes no more events.
var ErrClosed = errors.New("the journal is closed")

// Batch is what is stored together: all of it or nothing, in this order.
type Batch struct {
	Events []event.Event

	// Origin and Resume: the place that the events came from, and the token
	// that fetches there what comes after them. "" stores none.
	Origin, Resume string

	// Restored says that the events were in a journal before, so that they may
	// be duplicates of any earlier version, not only of the newest: those that
	// were received at the same time.
	Restored bool

	// Done, if set, is told what became of the batch once it is durable. It is
	// called on the writer's goroutine after Committed and must not block.
	Done func(Outcome)

	size int64 // bytes of the queue that it takes up; set by Append
}

// Outcome is what became of a batch.
type Outcome struct {
	First, Last uint64 // the seqs of the events stored; 0, 0 for none
	Duplicates  int    // dropped: same feed, same source id, same content
	Revised     int    // stored as new versions of earlier events
	Known       uint64 // the seq under which the last of the duplicates is stored; 0 for none
}

// measure is about how much memory the batch holds, in bytes.
func (b *Batch) measure() int64 {
	n := 64
	for i := range b.Events {
		n += b.Events[i].Size()
	}
	return min(int64(n), maxQueued) // one that is larger goes alone
}

// Append hands a batch to the writer. It blocks while too much waits, and
// returns before the batch is durable: Done tells. Batches of one goroutine
// are stored in the order of its calls. The events belong to the journal
// afterwards.
func (j *Journal) Append(ctx context.Context, b Batch) error {
	b.size = b.measure()
	if err := j.room.Acquire(ctx, b.size); err != nil {
		return err
	}
	j.queued.Add(b.size)
	select {
	case j.queue <- b:
		return nil
	case <-j.closed:
		j.release(b.size)
		return ErrClosed
	case <-ctx.Done():
		j.release(b.size)
		return ctx.Err()
	}
}

// release gives a batch's place in the queue back.
func (j *Journal) release(size int64) {
	j.queued.Add(-size)
	j.room.Release(size)
}

// Run is the writer. It returns when ctx ends, after storing what Append had
// accepted, or with an error when the database is damaged: then nothing that
// it holds can be trusted and the program must stop.
func (j *Journal) Run(ctx context.Context) error {
	defer close(j.closed)
	besides, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { j.runIndex(besides) })
	running.Go(func() { j.runCheckpoints(besides) })
	running.Go(func() { j.disk.run(besides, j.cfg.Log) })
	defer running.Wait()
	defer end()
	w := writer{j: j, next: j.head.Load() + 1, added: map[string]added{}}
	tend := time.NewTimer(0)
	defer tend.Stop()
	for {
		select {
		case b := <-j.queue:
			if err := w.store(ctx, b); err != nil {
				return err
			}
		case c := <-j.changes:
			err := w.change(ctx, c.do)
			c.done <- err
			if isDamage(err) {
				return j.mark(err)
			}
		case <-j.nudge:
			tend.Reset(0)
		case <-tend.C:
			pause, err := w.tend(ctx)
			if err != nil {
				return err
			}
			tend.Reset(pause)
		case err := <-j.damaged:
			return j.mark(err)
		case <-ctx.Done():
			// Nobody appends any more: sources and doors ended before the journal.
			for {
				select {
				case b := <-j.queue:
					if err := w.store(ctx, b); err != nil {
						return err
					}
				default:
					return nil
				}
			}
		}
	}
}

// writer is the state of Run.
type writer struct {
	j     *Journal
	next  uint64           // the seq of the next event
	added map[string]added // by the transaction under way, by feed
}

// store commits b and whatever else waits, up to maxCommit events, and tells
// everybody. A passing fault (disk full, locked) is tried again until ctx ends.
func (w *writer) store(ctx context.Context, b Batch) error {
	group, events := []Batch{b}, len(b.Events)
gather:
	for events < maxCommit {
		select {
		case b := <-w.j.queue:
			group = append(group, b)
			events += len(b.Events)
		default:
			break gather
		}
	}
	w.j.disk.wait(ctx)
	// A commit under way is finished even when ctx ends: it was accepted.
	// (context.WithoutCancel: SQLite would roll back.)
	for delay := 100 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		stored, outcomes, err := w.commit(context.WithoutCancel(ctx), group)
		if err == nil {
			w.j.disk.committed()
			w.finish(group, stored, outcomes)
			if w.j.overdue.Swap(false) {
				// A failure is the next commit's as well, which tells of it.
				_, _ = checkpoint(context.WithoutCancel(ctx), w.j.write)
			}
			return nil
		}
		if isDamage(err) {
			return w.j.mark(fmt.Errorf("store events: %w", err))
		}
		w.j.fault.Store(&err)
		w.j.cfg.Log.Error("events can't be stored; trying again", "delay", delay, "err", err)
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return fmt.Errorf("%d events were not stored: %w", events, err)
		}
	}
}

func (w *writer) finish(group []Batch, stored []event.Event, outcomes []Outcome) {
	w.j.fault.Store(nil)
	if n := len(stored); n > 0 {
		w.next = stored[n-1].ID.Seq + 1
		w.j.spans.add(stored)
		w.j.head.Store(w.next - 1)
		w.j.accounts.take(w.added)
		w.j.cfg.Committed(stored)
		w.j.index.notify()
	}
	for i := range group {
		if group[i].Done != nil {
			group[i].Done(outcomes[i])
		}
		w.j.unmerged.Add(group[i].size)
		w.j.release(group[i].size)
	}
}

// commit stores the group in one transaction. On an error nothing is stored
// and the same group can be given again.
func (w *writer) commit(ctx context.Context, group []Batch) ([]event.Event, []Outcome, error) {
	tx, err := w.j.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	clear(w.added)                       // of an attempt that failed
	t := transaction{
		epoch: w.j.epoch, next: w.next, added: w.added, accounts: &w.j.accounts,
		insert: tx.StmtContext(ctx, w.j.insert), insertMany: tx.StmtContext(ctx, w.j.insertMany), find: tx.StmtContext(ctx, w.j.find),
		lost: tx.StmtContext(ctx, w.j.lost), resume: tx.StmtContext(ctx, w.j.resume), span: tx.StmtContext(ctx, w.j.span),
	}
	events := 0
	for i := range group {
		events += len(group[i].Events)
	}
	t.stored = make([]event.Event, 0, events)
	outcomes := make([]Outcome, len(group))
	for i := range group {
		if outcomes[i], err = t.batch(ctx, &group[i]); err != nil {
			return nil, nil, err
		}
	}
	if err := t.flush(ctx); err != nil {
		return nil, nil, err
	}
	if err := t.spans(ctx); err != nil {
		return nil, nil, err
	}
	count := tx.StmtContext(ctx, w.j.count) //nolint:sqlclosecheck // closed with its transaction
	for feed, n := range w.added {
		if _, err := count.ExecContext(ctx, feed, n.events, n.bytes); err != nil {
			return nil, nil, fmt.Errorf("count what is kept: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'next'`, t.next); err != nil {
		return nil, nil, fmt.Errorf("store the next seq: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, nil, fmt.Errorf("commit: %w", err)
	}
	return t.stored, outcomes, nil
}

// transaction is one commit under way.
type transaction struct {
	epoch   string
	next    uint64
	stored  []event.Event
	written int // how many of stored are in the database already

	added    map[string]added
	accounts *accounts

	insert, insertMany, find, lost, resume, span *sql.Stmt
}

func (t *transaction) batch(ctx context.Context, b *Batch) (Outcome, error) {
	var out Outcome
	for i := range b.Events {
		e := b.Events[i] // a copy: after a failed commit the batch is as it was
		if e.SourceID != "" {
			known, same, err := t.known(ctx, &e, b.Restored)
			if err != nil {
				return out, err
			}
			if same {
				out.Duplicates++
				out.Known = known
				continue
			}
			if known != 0 && !e.Position {
				e.Revises = known
				out.Revised++
			}
		}
		e.ID = event.ID{Epoch: t.epoch, Seq: t.next}
		if out.First == 0 {
			out.First = t.next
		}
		out.Last = t.next
		t.next++
		t.stored = append(t.stored, e)
		if len(t.stored)-t.written == rowsAtOnce {
			if err := t.flush(ctx); err != nil {
				return out, err
			}
		}
	}
	if b.Origin != "" && b.Resume != "" {
		if _, err := t.resume.ExecContext(ctx, b.Origin, b.Resume); err != nil {
			return out, fmt.Errorf("store the resume token: %w", err)
		}
	}
	return out, nil
}

// known finds the newest event of the same feed and source id, and whether its
// content is the same. Where the id is a position it looks at older ones, too:
// all that stand there come again together. With restored it finds, rather than
// the newest, one with the same content that was received at the same time, if
// there is one.
func (t *transaction) known(ctx context.Context, e *event.Event, restored bool) (seq uint64, same bool, err error) {
	if slices.ContainsFunc(t.stored[t.written:], func(p event.Event) bool { return p.SourceID == e.SourceID && p.Feed == e.Feed }) {
		if err := t.flush(ctx); err != nil {
			return 0, false, err
		}
	}
	var typ string
	var data sql.RawBytes
	versions := 1
	switch {
	case e.Position:
		versions = maxAtPosition
	case restored:
		versions = -1 // all
	}
	rows, err := t.find.QueryContext(ctx, e.Feed, e.SourceID, versions)
	if err != nil {
		return 0, false, fmt.Errorf("look for a duplicate: %w", err)
	}
	defer rows.Close()
	for newest := true; rows.Next(); newest = false {
		var version uint64
		var receivedAt int64
		if err := rows.Scan(&version, &typ, &receivedAt, &data); err != nil {
			return 0, false, fmt.Errorf("look for a duplicate: %w", err)
		}
		equal := typ == e.Type && bytes.Equal(data, e.Data)
		if newest {
			seq, same = version, equal
		} else if equal && (e.Position || receivedAt == e.ReceivedAt.UnixMicro()) {
			seq, same = version, true
		}
		if same {
			break
		}
	}
	if err := rows.Err(); err != nil || seq != 0 || restored {
		return seq, same, err // an import brings back what was trimmed
	}
	return t.gone(ctx, e)
}

// gone finds the newest event of the same feed and source id among those that
// were trimmed, and whether its content was the same.
func (t *transaction) gone(ctx context.Context, e *event.Event) (seq uint64, same bool, err error) {
	if !t.accounts.look(e.Feed).gone {
		return 0, false, nil
	}
	var content int64
	err = t.lost.QueryRowContext(ctx, e.Feed, e.SourceID).Scan(&seq, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for a duplicate: %w", err)
	}
	return seq, content == contentHash(e.Type, e.Data), nil
}

// flush inserts what the transaction has gathered: rowsAtOnce in one statement,
// or one by one what is less.
func (t *transaction) flush(ctx context.Context) error {
	events := t.stored[t.written:]
	t.written = len(t.stored)
	insert, each := t.insert, 1
	if len(events) == rowsAtOnce {
		insert, each = t.insertMany, rowsAtOnce
	}
	args := make([]any, 0, each*columnCount)
	for len(events) > 0 {
		args = args[:0]
		for i := range events[:each] {
			e := &events[i]
			args = appendRow(args, e)
			n := t.added[e.Feed]
			if n.events == 0 {
				n.first = e.ReceivedAt
			}
			n.events++
			n.bytes += size(e)
			t.added[e.Feed] = n
		}
		if _, err := insert.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("store events from %d: %w", events[0].ID.Seq, err)
		}
		events = events[each:]
	}
	return nil
}

// appendRow adds the event's values in the order of columns.
func appendRow(args []any, e *event.Event) []any {
	text := nullable(e.Text)
	if isData(e) {
		text = nil
	}
	data := e.Data
	if data == nil {
		data = []byte{} // NULL is refused
	}
	return append(args,
		e.ID.Seq, e.Feed, e.Type, nullable(e.SourceID), nullable(e.Key), nullable(e.Title), text, nullable(e.URL),
		nullable(e.Value), nullable(e.Severity), micros(e.SourceTime), e.ReceivedAt.UnixMicro(), nullableSeq(e.Revises), e.JSON, data)
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullableSeq(seq uint64) any {
	if seq == 0 {
		return nil
	}
	return seq
}

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
