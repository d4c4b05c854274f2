package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

const (
	// firstStep and lastStep are how many seqs one SELECT looks at, at first
	// and at most: what is searched for may be rare, and while a read holds its
	// snapshot SQLite can't cut the log that it writes to.
	firstStep = 1 << 12
	lastStep  = 1 << 16
	// patience is how long a page is searched for that has some events already.
	patience = 200 * time.Millisecond
)

// page reads a page of what f selects in after < seq <= upTo, from the lower
// end of that range or, back, from the upper one.
func (j *Journal) page(ctx context.Context, f query.Filter, after, upTo uint64, limit int, back bool) ([]event.Event, error) {
	upTo = min(upTo, j.Head())
	if upTo > after && upTo-after > firstStep {
		floor, err := j.Floor(ctx)
		if err != nil {
			return nil, err
		}
		after = max(after, max(floor, 1)-1)
	}
	p := page{journal: j, filter: f.Marked(j), limit: min(limit, MaxPage), back: back}
	// What isn't indexed yet is matched by itself.
	indexed, inTurn := j.index.reach(), j.accounts.many(f.Feeds)
	start, step := time.Now(), uint64(firstStep)
	for after < upTo && !p.full() && (len(p.events) == 0 || time.Since(start) < patience) {
		if after, upTo = j.spans.within(f, after, upTo, back); after == upTo {
			break
		}
		from, to := after, upTo
		if back {
			from = max(after, upTo-min(upTo, step))
			if upTo > indexed {
				from = max(from, indexed)
			}
			upTo = from
		} else {
			to = min(upTo, after+step)
			if after < indexed {
				to = min(to, indexed)
			}
			after = to
		}
		scope := query.Scope{After: from, UpTo: to, Indexed: to <= indexed, InTurn: inTurn}
		found, size := len(p.events), p.size
		err := p.read(ctx, scope)
		if isDamage(err) && scope.Indexed { // of the index, perhaps, which isn't needed
			j.index.giveUp(j.cfg.Log, err)
			p.events, p.size = p.events[:found], size
			indexed, scope.Indexed = 0, false
			err = p.read(ctx, scope)
		}
		if err != nil {
			return nil, j.met(fmt.Errorf("read history: %w", err))
		}
		step = min(2*step, lastStep)
	}
	return p.events, nil
}

// page is a page while it is read.
type page struct {
	journal *Journal
	filter  query.Filter
	limit   int
	back    bool

	events []event.Event
	size   int // in bytes
}

// full reports whether no more events fit.
func (p *page) full() bool { return len(p.events) >= p.limit || p.size >= maxPageBytes }

// read adds what is selected in the scope, until the page is full.
func (p *page) read(ctx context.Context, scope query.Scope) error {
	condition := p.filter.SQL(scope)
	order, limit := ` ORDER BY seq`, -1 // no limit: some of the rows may not be selected
	if p.back {
		order = ` ORDER BY seq DESC`
	}
	if condition.Exact {
		limit = p.limit - len(p.events)
	}
	hidden, hiddenArgs := p.journal.hidden()
	args := slices.Concat(condition.Args, hiddenArgs, []any{int64(scope.After), int64(scope.UpTo), limit})
	statement := `SELECT ` + columns + ` FROM events WHERE ` + condition.SQL + hidden + ` AND seq > ? AND seq <= ?` + order + ` LIMIT ?`
	return each(ctx, p.journal.read, statement, args, func(r record) (more bool) {
		e := p.journal.event(r)
		if condition.Exact || p.filter.Match(&e) {
			if p.events == nil && condition.Exact {
				p.events = make([]event.Event, 0, min(limit, int(scope.UpTo-scope.After))) // growing would copy them all, several times
			}
			p.events = append(p.events, e)
			p.size += e.Size()
		}
		return !p.full()
	})
}
