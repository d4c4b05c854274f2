package journal

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"sync"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// spanSize is how many seqs a span has.
const spanSize = 1 << 12

// span is when the events of spanSize seqs were received, in microseconds since
// 1970: so a search by time needn't look at what was received at another. That
// follows the seqs, but for events that were imported.
type span struct{ low, high int64 }

// spans are the journal's, by their seqs divided by spanSize. Of one that isn't
// there nothing is known.
type spans struct {
	mu sync.RWMutex
	of map[uint64]span
}

// load reads the spans of what is kept. One that grows while another program
// writes must be left out: partial.
func (s *spans) load(ctx context.Context, db *sql.DB, partial bool) error {
	rows, err := db.QueryContext(ctx, `SELECT span, low, high FROM spans WHERE span >= ifnull((SELECT min(seq) FROM events), 0) / ? ORDER BY span`, spanSize)
	if err != nil {
		return fmt.Errorf("read the spans of time: %w", err)
	}
	defer rows.Close()
	s.of = map[uint64]span{}
	var newest uint64
	for rows.Next() {
		var one span
		if err := rows.Scan(&newest, &one.low, &one.high); err != nil {
			return fmt.Errorf("read the spans of time: %w", err)
		}
		s.of[newest] = one
	}
	if partial {
		delete(s.of, newest)
	}
	return rows.Err()
}

// covering are the spans of events that are about to be stored.
func covering(events []event.Event) map[uint64]span {
	all := make(map[uint64]span, 2)
	for i := range events {
		n, at := events[i].ID.Seq/spanSize, events[i].ReceivedAt.UnixMicro()
		one, ok := all[n]
		if !ok {
			one = span{at, at}
		}
		all[n] = span{min(one.low, at), max(one.high, at)}
	}
	return all
}

// add takes in what has become durable, before anybody is told of it.
func (s *spans) add(events []event.Event) {
	fresh := covering(events)
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, one := range fresh {
		if known, ok := s.of[n]; ok {
			one = span{min(one.low, known.low), max(one.high, known.high)}
		}
		s.of[n] = one
	}
}

// spans stores what add will take in, in the transaction of the events.
func (t *transaction) spans(ctx context.Context) error {
	for n, one := range covering(t.stored) {
		if _, err := t.span.ExecContext(ctx, n, one.low, one.high); err != nil {
			return fmt.Errorf("store the spans of time: %w", err)
		}
	}
	return nil
}

// within is after < seq <= upTo without what at its end (back), or its
// beginning, was all received at other times than the filter asks for.
func (s *spans) within(f query.Filter, after, upTo uint64, back bool) (from, to uint64) {
	times := f.Received(time.Now())
	if times == (query.Times{From: math.MinInt64, To: math.MaxInt64}) {
		return after, upTo
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for after < upTo {
		n := (after + 1) / spanSize
		if back {
			n = upTo / spanSize
		}
		if one, ok := s.of[n]; !ok || (one.high >= times.From && one.low < times.To) {
			break
		}
		if back {
			upTo = max(after, max(n*spanSize, 1)-1)
		} else {
			after = min(upTo, (n+1)*spanSize-1)
		}
	}
	return after, upTo
}
