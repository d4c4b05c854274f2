package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// sseDriver reads an event stream by the WHATWG processing model. It resumes
// by Last-Event-ID.
type sseDriver struct {
	url    string
	header http.Header
}

func (d sseDriver) Run(ctx context.Context, resume string, emit *Emitter) error {
	client := sse.Client{URL: d.url, Header: d.header, LastEventID: resume, OnBytes: emit.Bytes}
	stream, err := client.Connect(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer stream.Close()
	emit.Live()
	defer func() {
		// An id may come in a block without data, which is no event.
		if id := stream.LastEventID(); id != "" {
			emit.Resume(id)
		}
		if d, ok := stream.Retry(); ok {
			emit.RetryAfter(d)
		}
	}()
	for {
		e, err := stream.Next()
		if large, ok := errors.AsType[*sse.TooLargeError](err); ok {
			emit.Bad(sentence(large.Error()))
			continue
		}
		if err != nil {
			return err
		}
		raw := event.Raw{Type: e.Type, Data: []byte(e.Data), Resume: e.LastEventID, ReceivedAt: time.Now()}
		if e.HasID {
			raw.ID = e.LastEventID
		}
		if err := emit.Events(ctx, raw); err != nil {
			return err
		}
	}
}
