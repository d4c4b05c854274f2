package source

import (
	"context"
	"net/http"
	"time"

	"tickertape/backend/sse"
)

const (
	// heldBriefly is how long a held request lasts at least; an answer without
	// news that comes sooner must not make us ask in a loop.
	heldBriefly = time.Second
	// betweenNews keeps a server that always has news from being asked
	// without a breath.
	betweenNews = 100 * time.Millisecond
)

// longPoll asks with requests that the server holds until there is news, from
// the cursor that its last answer gave.
type longPoll struct{ poller }

func newLongPoll(f Feed, userAgent string, world network) *longPoll {
	return &longPoll{*newPoll(f, userAgent, world)}
}

func (p *longPoll) Run(ctx context.Context, resume string, emit *Emitter) error {
	c, err := newClient(p.feed, p.agent, p.world)
	if err != nil {
		return err
	}
	defer c.close()
	state := readPollState(resume, p.feed.Items)
	emit.Every(p.feed.answerTimeout() / 5) // silence is what long polls are made of
	for live := false; ; live = true {
		began, before := time.Now(), state
		pause, err := p.round(ctx, c, &state, emit, live)
		if err != nil {
			return err
		}
		switch {
		case state.Cursor != before.Cursor:
			pause = max(pause, betweenNews)
		case time.Since(began) < heldBriefly:
			pause = max(pause, heldBriefly)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// round makes one request, and says how long the server wants to be left alone.
func (p *longPoll) round(ctx context.Context, c *client, state *pollState, emit *Emitter, live bool) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, p.feed.answerTimeout()+pollTimeout)
	defer cancel()
	// Some services end a round without news by a timeout of their own.
	resp, err := c.get(ctx, p.feed.URL, state.Cursor, p.accept, nil,
		http.StatusNoContent, http.StatusNotModified, http.StatusRequestTimeout)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	defer p.body.release()
	a := answer{header: resp.Header, url: resp.Request.URL}
	var got found
	if resp.StatusCode == http.StatusOK {
		if a.body, err = p.read(ctx, resp, emit); err != nil {
			return 0, err
		}
		if got, err = p.parse(a); err != nil {
			return 0, err
		}
	}
	if !live {
		emit.Live()
	}
	emit.Bytes(len(a.body))
	return min(sse.RetryAfter(resp.Header.Get("Retry-After"), time.Now()), MaxInterval), p.emit(ctx, a, got, state, emit)
}
