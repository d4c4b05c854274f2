package sse

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	defaultRetry    = 3 * time.Second
	defaultMaxRetry = 2 * time.Minute
)

// Client is the EventSource processing model (section 9.2.2 and 9.2.3) with any method,
// headers and body. Only URL must be set. A Client may be used by several goroutines at
// once as long as nobody changes it.
type Client struct {
	URL string
	// Method is GET when empty, or POST if there is a Body.
	Method string
	// Header is sent with each request, over the standard's own (Accept, Cache-Control,
	// Pragma). A redirect to another origin gets only its harmless part.
	Header http.Header
	Body   []byte
	// HTTP makes the requests. Its overall Timeout would end every stream: leave it 0. Nil
	// means a client of our own, with 30 s each to dial, to shake hands and to answer.
	// Redirects are followed here and not by it, but its CheckRedirect is asked for each.
	HTTP *http.Client
	// LastEventID is sent with the first request, for a stream that is taken up again.
	LastEventID string
	// Retry is the reconnection time until the server sets one. 0 means 3 s.
	Retry time.Duration
	// MaxRetry is how far backoff goes. 0 means 2 minutes. A server may ask for more, up to
	// an hour.
	MaxRetry time.Duration
	// MaxEvent is the most bytes an event may have. 0 means DefaultMaxEvent.
	MaxEvent int

	// These are called, unless nil, from the goroutine that is in Connect, Run or Next.

	// OnOpen is given each response that is an event stream, before its first event. Its
	// Request shows the URL after redirects and the Last-Event-ID that was really sent.
	OnOpen func(*http.Response)
	// OnComment is given each comment. The bytes hold only during the call.
	OnComment func([]byte)
	// OnRetry is told why Run reconnects (io.EOF: the server ended the stream), and when.
	OnRetry func(err error, after time.Duration)
	// OnSkip is told of each event that Run skipped because it was too large.
	OnSkip func(*TooLargeError)
	// OnBytes is told how many bytes of the stream, after decompression, have come.
	OnBytes func(n int)
	// OnOdd is told of what is wrong in the stream and harms nobody.
	OnOdd func(Oddity)
}

// Run connects, hands each event to on, and reconnects for as long as the standard lets it,
// with the server's reconnection time and the last event ID. It returns ctx.Err() once ctx
// is done, the error of on as it is, ErrNoContent when the server wants no more, and
// whatever else is [Permanent]. Nothing it started outlives it.
func (c *Client) Run(ctx context.Context, on func(Event) error) error {
	hc, release := c.httpClient()
	defer release()
	r := run{client: c, http: hc, on: on, lastID: c.lastEventID(), wait: newBackoff(c.Retry, c.MaxRetry)}
	for {
		err := r.connection(ctx)
		if stop, ok := errors.AsType[*stopError](err); ok {
			return stop.err
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case Permanent(err):
			return err
		}
		after := r.wait.next()
		if c.OnRetry != nil {
			c.OnRetry(err, after)
		}
		if err := sleep(ctx, after); err != nil {
			return err
		}
	}
}

// run is what Client.Run carries from one connection to the next.
type run struct {
	client *Client
	http   *http.Client
	on     func(Event) error
	lastID string
	wait   backoff
}

// stopError carries what on returned, so that no error of on is taken for one of the stream.
type stopError struct{ err error }

func (e *stopError) Error() string { return e.err.Error() }

// connection makes one connection and dispatches its events until it ends.
func (r *run) connection(ctx context.Context) error {
	s, err := r.client.connect(ctx, r.http, r.lastID)
	if err != nil {
		return err
	}
	defer s.closeBody()
	opened := time.Now()
	defer func() {
		r.lastID = s.LastEventID()
		if d, ok := s.Retry(); ok {
			r.wait.set(d)
		}
		if time.Since(opened) >= settled {
			r.wait.reset()
		}
	}()
	for {
		ev, err := s.Next()
		if err := ctx.Err(); err != nil {
			return err // rather than hand out what was still buffered
		}
		if large, ok := errors.AsType[*TooLargeError](err); ok {
			if r.client.OnSkip != nil {
				r.client.OnSkip(large)
			}
			continue
		}
		if err != nil {
			return err
		}
		r.wait.reset()
		if err := r.on(ev); err != nil {
			return &stopError{err}
		}
	}
}

// lastEventID is what the first request resumes after.
func (c *Client) lastEventID() string {
	if c.LastEventID != "" {
		return c.LastEventID
	}
	return c.Header.Get("Last-Event-ID")
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
