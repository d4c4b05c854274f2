package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// MaxPage is the most events that one read returns.
const MaxPage = 1000

// maxPageBytes ends a page early when its payloads are large.
const maxPageBytes = 8 << 20

// ErrNoEvent says that there is no event with the seq asked for.
var ErrNoEvent = errors.New("there is no such event")

const columns = `seq, feed, type, source_id, key, title, text, url, value, severity, source_time, received_at, revises, json, data`

const (
	columnCount = 15
	row         = `(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
)

// EachAfter hands over the events with after < seq <= upTo that f selects, in
// rising seq, until take wants no more or the rest is hard to find. None means
// that there are none in the range. The event and what it holds are take's only
// until it returns: it is copied by Clone.
func (j *Journal) EachAfter(ctx context.Context, f query.Filter, after, upTo uint64, take func(*event.Event) (more bool)) error {
	return j.page(ctx, page{filter: f, after: after, upTo: upTo, limit: -1, take: take})
}

// ReadAfter returns the oldest events with after < seq <= upTo that f selects,
// in rising seq: limit at most, fewer when they are large or hard to find. None
// means that there are none in the range.
func (j *Journal) ReadAfter(ctx context.Context, f query.Filter, after, upTo uint64, limit int) ([]event.Event, error) {
	return j.list(ctx, page{filter: f, after: after, upTo: upTo, limit: min(limit, MaxPage)})
}

// ReadBack returns the newest events of the same range, newest first: limit at
// most, fewer when they are large or hard to find. None means that there are
// none in the range.
func (j *Journal) ReadBack(ctx context.Context, f query.Filter, after, upTo uint64, limit int) ([]event.Event, error) {
	return j.list(ctx, page{filter: f, after: after, upTo: upTo, limit: min(limit, MaxPage), back: true})
}

// list is the events of a page.
func (j *Journal) list(ctx context.Context, p page) (events []event.Event, err error) {
	if p.limit <= 0 {
		return nil, nil
	}
	size := 0
	p.take = func(e *event.Event) (more bool) {
		events = append(events, e.Clone())
		size += e.Size()
		return len(events) < p.limit && size < maxPageBytes
	}
	if err := j.page(ctx, p); err != nil {
		return nil, err
	}
	return events, nil
}

// Event returns the event with this seq, or ErrNoEvent.
func (j *Journal) Event(ctx context.Context, seq uint64) (event.Event, error) {
	events, err := j.ReadAfter(ctx, query.Filter{}, seq-1, seq, 1)
	if err == nil && (seq == 0 || len(events) == 0) {
		err = ErrNoEvent
	}
	if err != nil {
		return event.Event{}, err
	}
	return events[0], nil
}

// Floor is the oldest seq that is kept; one above Head when nothing is.
func (j *Journal) Floor(ctx context.Context) (uint64, error) {
	var floor sql.Null[uint64]
	if err := j.read.QueryRowContext(ctx, `SELECT min(seq) FROM events`).Scan(&floor); err != nil {
		return 0, fmt.Errorf("read the oldest seq: %w", err)
	}
	if !floor.Valid {
		return j.Head() + 1, nil
	}
	return floor.V, nil
}

// Resume is the last token for this origin among all batches that Append has
// accepted; "" for none. It waits until they are durable.
func (j *Journal) Resume(ctx context.Context, origin string) (token string, err error) {
	flushed := make(chan struct{})
	if err := j.Append(ctx, Batch{Done: func(Outcome) { close(flushed) }}); err != nil {
		return "", fmt.Errorf("read the resume token: %w", err)
	}
	select {
	case <-flushed:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	err = j.read.QueryRowContext(ctx, `SELECT token FROM resume WHERE origin = ?`, origin).Scan(&token)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the resume token: %w", err)
	}
	return token, nil
}
