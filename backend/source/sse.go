package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// sseDriver reads an event stream by the WHATWG processing model. It resumes by
// Last-Event-ID, which also is the feed's cursor unless that has a path of its
// own.
type sseDriver struct {
	feed  Feed
	agent string
	world network
	delta *delta // nil unless the feed is one
}

func newSSE(f Feed, userAgent string, world network) sseDriver {
	d := sseDriver{feed: f, agent: userAgent, world: world}
	if f.Delta == DeltaFirebase {
		d.delta = &delta{most: f.maxItems()}
	}
	return d
}

func (d sseDriver) Run(ctx context.Context, resume string, emit *Emitter) error {
	c, err := newClient(d.feed, d.agent, d.world)
	if err != nil {
		return err
	}
	defer c.close()
	stream, err := d.connect(ctx, c, resume, emit)
	if err != nil {
		return err
	}
	defer stream.Close()
	emit.Live()
	defer func() {
		// An id may come in a block without data, which is no event.
		if id := stream.LastEventID(); id != "" && d.resumesByID() {
			emit.Resume(id)
		}
		if d, ok := stream.Retry(); ok {
			emit.RetryAfter(d)
		}
	}()
	reading := newReading(d.feed)
	for {
		e, err := stream.Next()
		if large, ok := errors.AsType[*sse.TooLargeError](err); ok {
			emit.Bad(sentence(large.Error()), nil)
			continue
		}
		if err != nil {
			return err
		}
		if err := d.hand(ctx, e, reading, emit); err != nil {
			return err
		}
	}
}

func (d sseDriver) resumesByID() bool { return d.feed.Cursor.Path == "" }

func (d sseDriver) connect(ctx context.Context, c *client, resume string, emit *Emitter) (*sse.Stream, error) {
	to, header, err := c.target(d.feed.URL, resume, "")
	if err != nil {
		return nil, err
	}
	client := sse.Client{
		URL: to, Method: c.method(), Header: header, Body: []byte(c.body(resume)),
		HTTP: c.http, MaxEvent: d.feed.maxEvent(), OnBytes: emit.Bytes,
	}
	// A cursor in the URL says the same, in the server's own way.
	if d.resumesByID() && !strings.Contains(d.feed.URL, cursorMark) && d.feed.Cursor.Param == "" {
		client.LastEventID = resume
	}
	stream, err := client.Connect(newChain(ctx))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return stream, nil
}

// hand hands on an event of the stream, or what it holds.
func (d sseDriver) hand(ctx context.Context, e sse.Event, reading reading, emit *Emitter) error {
	raw := event.Raw{Type: e.Type, ReceivedAt: time.Now()}
	if d.resumesByID() {
		raw.Resume = e.LastEventID
	}
	if e.HasID {
		raw.ID = e.LastEventID
	}
	if d.delta != nil && !reading.heartbeat.matches(e.Type, []byte(e.Data)) {
		raws, err := d.delta.changes(e.Type, []byte(e.Data), raw.ReceivedAt)
		if err != nil {
			emit.Bad(sentence(err.Error()), []byte(e.Data))
		}
		if len(raws) == 0 {
			return nil
		}
		return emit.Events(ctx, raws...)
	}
	return emit.message(ctx, reading.read(e.Type, []byte(e.Data)), raw)
}
