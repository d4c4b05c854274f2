package engine

import (
	"context"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/mapping"
	"tickertape/backend/source"
)

// This is the way of every event, whatever its kind:
//
//	source.Driver -> ingest: mapping -> journal.Append -> (durable) -> committed -> hub.Publish -> server
//
// There is no other. ingest blocks while the journal is behind, and with it the
// driver, and with that upstream.

// ingest maps what a feed sent and hands it to the journal.
func (e *Engine) ingest(ctx context.Context, b source.Batch) error {
	fields := e.mapping(b.Feed)
	batch := journal.Batch{
		Events: make([]event.Event, len(b.Raws)), Origin: b.Origin,
		Done: func(o journal.Outcome) { b.Done(source.Outcome(o)) },
	}
	for i, raw := range b.Raws {
		batch.Events[i] = fields.Map(b.Feed, raw)
		if raw.Resume != "" {
			batch.Resume = raw.Resume
		}
	}
	return e.journal.Append(ctx, batch)
}

// committed hands on what has become durable, on the journal's goroutine.
func (e *Engine) committed(events []event.Event) { e.hub.Publish(events) }

// mapping is the feed's own, or the guesses for one that was just removed.
func (e *Engine) mapping(feed string) mapping.Mapping {
	return (*e.mappings.Load())[feed]
}
