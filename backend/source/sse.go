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
	var stream *sse.Stream
	unended, endless := 0, false // bytes since the last event or comment; whether they were too many
	stream, err = d.connect(ctx, c, resume, sse.Client{
		OnBytes: func(n int) {
			emit.Bytes(n)
			emit.piece(n)
			if unended += n; unended > mostSkipped(d.feed.maxEvent()) {
				endless = true
				_ = stream.Close() // the next read finds it so
			}
		},
		OnComment: func([]byte) {
			unended = 0
			emit.whole()
		},
		OnOdd: emit.odd,
	})
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
		switch {
		case err != nil && endless:
			return &endlessError{}
		case err != nil:
			return err
		}
		unended = 0
		emit.whole()
		if err := d.hand(ctx, e, reading, emit); err != nil {
			return err
		}
	}
}

func (d sseDriver) resumesByID() bool { return d.feed.Cursor.Path == "" }

// connect makes the connection, as the options of client say besides the feed's.
func (d sseDriver) connect(ctx context.Context, c *client, resume string, client sse.Client) (*sse.Stream, error) {
	to, header, err := c.target(d.feed.URL, resume, "")
	if err != nil {
		return nil, err
	}
	client.URL, client.Method, client.Header, client.Body = to, c.method(), header, []byte(c.body(resume))
	client.HTTP, client.MaxEvent = c.http, d.feed.maxEvent()
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
		// Services name the place in a log, or a time: several events may share it.
		raw.ID, raw.Position = e.LastEventID, true
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
