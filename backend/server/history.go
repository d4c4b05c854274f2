package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/query"
)

// defaultPage is how many events GET /events returns unless told.
const defaultPage = 100

// maxSearches is how many requests of the front door search at once: half of
// what the journal's readers can, so that the window always finds one.
const maxSearches = 2

var (
	errSearches   = problem(http.StatusServiceUnavailable, "Others are searching: try again in a moment.")
	errSlowSearch = problem(http.StatusServiceUnavailable, "This search takes too long: narrow it down, by feed= or since: for instance.")
)

// listEvents is GET /events.
func (s reads) listEvents(w http.ResponseWriter, r *http.Request) error {
	if s.private {
		return s.findEvents(w, r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.WriteTimeout)
	defer cancel()
	select {
	case s.searches <- struct{}{}:
		defer func() { <-s.searches }()
	case <-ctx.Done():
		return errSearches
	}
	err := s.findEvents(w, r.WithContext(ctx))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errSlowSearch
	}
	return err
}

// findEvents answers with a page of what a request asks for.
func (s reads) findEvents(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	sel, sharing, err := s.selection(r, params)
	if err != nil {
		return err
	}
	filter := sharing.filter(sel)
	limit, err := number(params, "limit", defaultPage, 1, journal.MaxPage)
	if err != nil {
		return err
	}
	if params.Has("after") && params.Has("before") {
		return problem(http.StatusBadRequest, "Give either before or after, not both.")
	}
	// Up to the hub's head: what is durable, but not published yet, a stream
	// would not let a reader resume after.
	head := s.cfg.Hub.Head()
	var events []event.Event
	lower, upper := uint64(0), head // of what the page covers
	if params.Has("after") {
		after, err := s.seq(params, "after")
		if err != nil {
			return err
		}
		events, err = s.cfg.Journal.ReadAfter(r.Context(), filter, after, head, limit)
		if err != nil {
			return err
		}
		lower = after
		if n := len(events); n > 0 {
			upper = events[n-1].ID.Seq
		}
	} else {
		if params.Has("before") {
			before, err := s.seq(params, "before")
			if err != nil {
				return err
			}
			upper = min(head, max(before, 1)-1)
		}
		if events, err = s.cfg.Journal.ReadBack(r.Context(), filter, 0, upper, limit); err != nil {
			return err
		}
		if n := len(events); n > 0 {
			lower = events[n-1].ID.Seq - 1
		}
	}
	// A page may be short for its size in bytes: only an empty one is the end,
	// unless it is plain that nothing follows.
	more := len(events) > 0 && (params.Has("after") || events[len(events)-1].ID.Seq > 1)
	writeBody(w, http.StatusOK, appendPage(nil, events, more, s.gaps(filter, lower, upper)))
	return nil
}

// appendPage adds a list of events, what is missing among them, and what to pass
// on for the next one.
func appendPage(dst []byte, events []event.Event, more bool, gaps []gap) []byte {
	// By hand: encoding/json refuses payloads that are nested very deeply, and
	// with one of them the page.
	dst = append(dst, `{"events":[`...)
	for i := range events {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = events[i].AppendJSON(dst)
	}
	dst = append(dst, ']')
	if more {
		dst = append(dst, `,"next":"`...)
		dst = events[len(events)-1].ID.Append(dst)
		dst = append(dst, '"')
	}
	if gaps != nil {
		encoded, _ := json.Marshal(gaps) // strings always encode
		dst = append(append(dst, `,"gaps":`...), encoded...)
	}
	return append(dst, "}\n"...)
}

// getEvent is GET /events/{id}.
func (s reads) getEvent(w http.ResponseWriter, r *http.Request) error {
	e, err := s.event(r)
	if err != nil {
		return err
	}
	writeBody(w, http.StatusOK, append(e.AppendJSON(nil), '\n'))
	return nil
}

// event is the one that the path names.
func (s reads) event(r *http.Request) (event.Event, error) {
	seq, err := s.pathSeq(r)
	if err != nil {
		return event.Event{}, err
	}
	e, err := s.cfg.Journal.Event(r.Context(), seq)
	if errors.Is(err, journal.ErrNoEvent) || (err == nil && !s.sharing().serves(e.Feed)) {
		return event.Event{}, errNoEvent
	}
	return e, err
}

// selection is what feed=, type= and q= select, and from what. A feed that
// nobody knows is an error: a misspelt name would otherwise look like a silent
// feed.
func (s reads) selection(r *http.Request, params url.Values) (sel selection, sharing sharing, err error) {
	sel, sharing = selection{feeds: names(params["feed"]), types: names(params["type"])}, s.sharing()
	if sel.query, err = parseQuery(params.Get("q")); err != nil {
		return sel, sharing, err
	}
	for _, feed := range sel.feeds {
		known, err := s.knows(r, sharing, feed)
		if err != nil {
			return sel, sharing, err
		}
		if !known {
			return sel, sharing, problem(http.StatusNotFound, fmt.Sprintf("There is no feed called %q here: GET /feeds lists their ids.", feed))
		}
	}
	return sel, sharing, nil
}

// parseQuery reads q=. Its problem says where it isn't understood.
func parseQuery(text string) (query.Expr, error) {
	x, err := query.Parse(text)
	if wrong, ok := errors.AsType[*query.Error](err); ok {
		p := problem(http.StatusBadRequest, wrong.Message)
		p.Position = &[2]int{wrong.Pos, wrong.End}
		return x, p
	}
	return x, err
}

// knows reports whether the door serves a feed, or has events of one that was
// removed.
func (s reads) knows(r *http.Request, sharing sharing, feed string) (bool, error) {
	if !sharing.all {
		return sharing.serves(feed), nil
	}
	if current, _ := s.cfg.Settings.Current(); current.Feed(feed) >= 0 {
		return true, nil
	}
	events, err := s.cfg.Journal.ReadBack(r.Context(), query.New([]string{feed}, nil), 0, 1<<63-1, 1)
	return len(events) > 0, err
}

// names splits comma-separated lists.
func names(values []string) []string {
	var all []string
	for _, v := range values {
		all = append(all, strings.Split(v, ",")...)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// seq reads a parameter that is an event's id.
func (s reads) seq(params url.Values, name string) (uint64, error) {
	id, err := event.ParseID(params.Get(name))
	if err != nil {
		return 0, problem(http.StatusBadRequest, fmt.Sprintf("%s=%s is not an event's id: pass on the id of an event or the next of a list.", name, params.Get(name)))
	}
	if id.Epoch != s.cfg.Journal.Epoch() {
		return 0, problem(http.StatusNotFound, fmt.Sprintf("%s=%s is of another journal: history was begun anew since.", name, params.Get(name)))
	}
	return id.Seq, nil
}

// number reads a parameter that is a number between low and high.
func number(params url.Values, name string, otherwise, low, high int) (int, error) {
	if !params.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(params.Get(name))
	if err != nil || n < low || n > high {
		return 0, problem(http.StatusBadRequest, fmt.Sprintf("%s must be a number from %d to %d.", name, low, high))
	}
	return n, nil
}
