package source

import (
	"context"
	"errors"

	"tickertape/backend/event"
)

// Why Publish refuses.
var (
	ErrNoFeed  = errors.New("there is no such feed")
	ErrNotPush = errors.New("the feed takes its events from elsewhere")
	ErrPaused  = errors.New("the feed is paused")
)

// push is a feed without a connection: its events come by Supervisor.Publish.
type push struct{}

func (push) Run(ctx context.Context, _ string, emit *Emitter) error {
	emit.Live()
	<-ctx.Done()
	return ctx.Err()
}

// Publish hands on events for a feed of kind push, on the way that all events
// go: they are stored all or none, next to each other. It blocks while the
// journal is behind, and returns before the events are durable: then done is
// told, on the journal's goroutine, which it must not hold up. The calls of one
// goroutine are stored in their order. After an error nothing is stored, and
// done is not called.
func (s *Supervisor) Publish(ctx context.Context, feed string, raws []event.Raw, done func(Outcome)) error {
	r, err := s.taker(feed)
	if err != nil {
		return err
	}
	err = r.emit(ctx, raws, func(o Outcome) {
		r.stored(o)
		done(o)
	})
	if err == nil {
		r.published(raws)
	}
	return err
}

// Takes returns nil for a feed that Publish takes events for now.
func (s *Supervisor) Takes(feed string) error {
	_, err := s.taker(feed)
	return err
}

func (s *Supervisor) taker(feed string) (*runner, error) {
	s.mu.Lock()
	r := s.runners[feed]
	s.mu.Unlock()
	switch {
	case r == nil:
		return nil, ErrNoFeed
	case r.feed.Kind != KindPush:
		return nil, ErrNotPush
	case r.feed.Paused:
		return nil, ErrPaused
	}
	return r, nil
}

// published counts the bytes of events. They are no sign of life as a
// connection's are: what nobody publishes isn't late, so the feed never stalls.
func (r *runner) published(raws []event.Raw) {
	var bytes int64
	for _, raw := range raws {
		bytes += int64(len(raw.Data))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health.Counts.Bytes += bytes
}
