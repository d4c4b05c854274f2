package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/query"
)

const (
	// maxBatch bounds the batch parameter.
	maxBatch = 10 * time.Second
	// A tape has only just begun for this long, and while it has no more
	// events than this.
	justBegun       = 10 * time.Second
	justBegunEvents = 100
)

// streamParams is what a request for /event_stream asks for.
type streamParams struct {
	selection selection
	sharing   sharing // from what selection selects
	token     string  // the id of the token that let the reader in; "" for none
	format    hub.Format
	json      bool          // format=json, with or without batch
	batch     time.Duration // 0: each event in a frame of its own
	most      int           // at most so many events in a frame, the others counted; 0: all
	status    bool          // frames about the feeds, too
	last      int           // start with the newest so many events
	after     string        // start after this id; "" with last 0: with what comes
}

func (p streamParams) filter() query.Filter { return p.sharing.filter(p.selection) }

func (s reads) streamParams(r *http.Request) (p streamParams, err error) {
	params := r.URL.Query()
	if p, err = s.readerParams(r, params); err != nil {
		return p, err
	}
	switch format := params.Get("format"); format {
	case "", "raw":
		p.format = formatRaw
	case "json":
		p.format, p.json = formatJSON, true
	default:
		return p, problem(http.StatusBadRequest, fmt.Sprintf("There is no format %q: use raw or json.", format))
	}
	if p.batch, err = batchParam(params); err != nil {
		return p, err
	}
	if p.batch > 0 {
		if !p.json {
			return p, problem(http.StatusBadRequest, "batch= goes with format=json only.")
		}
		p.format = formatBatch
	}
	if p.most, err = number(params, "most", 0, 0, maxMost); err != nil {
		return p, err
	}
	if p.most > 0 {
		if p.batch == 0 {
			return p, problem(http.StatusBadRequest, "most= goes with batch= only.")
		}
		p.format = formatPaced
	}
	status, err := number(params, "status", 0, 0, 1)
	if err != nil {
		return p, err
	}
	p.status = status == 1
	return p, nil
}

// readerParams reads what a request asks for by every route that hands on live
// events: which of them, and from where.
func (s reads) readerParams(r *http.Request, params url.Values) (p streamParams, err error) {
	if p.selection, p.sharing, err = s.selection(r, params); err != nil {
		return p, err
	}
	if !s.private && hasToken(r) {
		token, known := s.token(r)
		if !known { // revoked since the guard let it in
			return p, errUnknownToken
		}
		p.token = token.ID
	}
	if p.last, err = number(params, "last", 0, 0, 1000); err != nil {
		return p, err
	}
	p.after, err = resumeID(r, params)
	return p, err
}

// batchParam reads batch=, which is in milliseconds.
func batchParam(params url.Values) (time.Duration, error) {
	batch, err := number(params, "batch", 0, 0, int(maxBatch/time.Millisecond))
	return time.Duration(batch) * time.Millisecond, err
}

// resumeID is the id to resume after. The header wins: a browser that
// reconnects by itself repeats the URL of its first request.
func resumeID(r *http.Request, params url.Values) (string, error) {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return id, nil
	}
	after := params.Get("after")
	if after == "" {
		return "", nil
	}
	if _, err := event.ParseID(after); err != nil {
		return "", problem(http.StatusBadRequest, fmt.Sprintf("after=%s is not an event's id.", after))
	}
	return after, nil
}

// start finds where the stream begins, and what is missing before that because
// the id to resume after isn't one of this journal's events. What is no longer
// kept the hub finds.
func (s reads) start(ctx context.Context, p streamParams) (after uint64, missing *gap, err error) {
	head := s.cfg.Hub.Head()
	switch {
	case p.after == "" && p.last == 0:
		after, err := s.live(ctx, head)
		return after, nil, err
	case p.after == "":
		newest, err := s.cfg.Journal.ReadBack(ctx, p.filter(), 0, head, p.last)
		if err != nil || len(newest) == 0 {
			return head, nil, err
		}
		return newest[len(newest)-1].ID.Seq - 1, nil, nil
	}
	id, err := event.ParseID(p.after)
	var reason string
	switch {
	case err != nil:
		reason = "The id to resume after is not one of this server's."
	case id.Epoch != s.cfg.Journal.Epoch():
		reason = "The id to resume after is of another journal: history was begun anew since."
	case id.Seq > head:
		reason = "The id to resume after was never given out: the journal may have been restored from an older copy."
	default:
		return id.Seq, nil, nil
	}
	floor, err := s.cfg.Journal.Floor(ctx)
	if err != nil {
		return 0, nil, err
	}
	to := event.ID{Epoch: s.cfg.Journal.Epoch(), Seq: floor - 1}
	return to.Seq, &gap{From: p.after, To: to.String(), Reason: reason}, nil
}

// live is where a reader without an id begins: with what comes next. On a tape
// that has only just begun that is its first event: whoever starts the program
// and then a reader sees the demonstration from message 0.
func (s reads) live(ctx context.Context, head uint64) (after uint64, err error) {
	if head == 0 || head > justBegunEvents {
		return head, nil
	}
	first, err := s.cfg.Journal.Event(ctx, 1)
	if errors.Is(err, journal.ErrNoEvent) {
		return head, nil
	}
	if err == nil && time.Since(first.ReceivedAt) > justBegun {
		after = head
	}
	return after, err
}
