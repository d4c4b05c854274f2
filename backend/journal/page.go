package journal

import (
	"context"
	"fmt"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

const (
	// firstStep and lastStep are how many seqs one SELECT looks at, at first
	// and at most, where the database can't tell by itself what is selected: no
	// read holds its snapshot for long, as the log of the database can't be cut
	// meanwhile.
	firstStep = 1 << 12
	lastStep  = 1 << 16
	// maxTries is how many rows are looked at in vain before a page ends with
	// the events that it has.
	maxTries = 1 << 16
)

// page reads a page of what f selects in after < seq <= upTo, from one end of
// that range or, back, from the other.
func (j *Journal) page(ctx context.Context, f query.Filter, after, upTo uint64, limit int, back bool) ([]event.Event, error) {
	if after >= upTo {
		return nil, nil
	}
	p := page{journal: j, filter: f, limit: min(limit, MaxPage), back: back}
	if exact := f.SQL(query.Scope{After: after, UpTo: upTo}).Exact; exact {
		err := p.read(ctx, after, upTo)
		return p.events, err
	}
	// Beyond what there is no step finds anything.
	floor, err := j.Floor(ctx)
	if err != nil {
		return nil, err
	}
	after, upTo = max(after, max(floor, 1)-1), min(upTo, j.Head())
	for step := uint64(firstStep); after < upTo && !p.done(); step = min(2*step, lastStep) {
		from, to := after, upTo
		if back {
			from = max(after, upTo-min(upTo, step))
			upTo = from
		} else {
			to = min(upTo, after+step)
			after = to
		}
		if err := p.read(ctx, from, to); err != nil {
			return nil, err
		}
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
	size   int // of the events, in bytes
	tries  int // rows that were not selected
}

// full reports whether no more events fit.
func (p *page) full() bool { return len(p.events) >= p.limit || p.size >= maxPageBytes }

// done reports whether the page is to end here, before the end of its range.
func (p *page) done() bool { return p.full() || (len(p.events) > 0 && p.tries >= maxTries) }

// read adds what is selected in after < seq <= upTo, until the page is full.
func (p *page) read(ctx context.Context, after, upTo uint64) error {
	condition := p.filter.SQL(query.Scope{After: after, UpTo: upTo})
	order := ` ORDER BY seq`
	if p.back {
		order = ` ORDER BY seq DESC`
	}
	args := condition.Args
	for _, b := range []uint64{after, upTo} {
		args = append(args, int64(min(b, 1<<63-1))) // SQLite's integers are signed
	}
	// LIMIT lets an exact read of few rows be planned as one; -1 is none.
	limit := -1
	if condition.Exact {
		limit = p.limit - len(p.events)
	}
	rows, err := p.journal.read.QueryContext(ctx,
		`SELECT `+columns+` FROM events WHERE `+condition.SQL+` AND seq > ? AND seq <= ?`+order+` LIMIT ?`, append(args, limit)...)
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	defer rows.Close()
	for !p.full() && rows.Next() {
		e, err := p.journal.scan(rows)
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		if !condition.Exact && !p.filter.Match(&e) {
			p.tries++
			continue
		}
		p.events = append(p.events, e)
		p.size += e.Size()
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	return nil
}
