package server

import (
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

// list is a page of events.
type list struct {
	Events []*event.Event `json:"events"`
	Next   string         `json:"next,omitempty"` // what to pass on for the next page
}

// listEvents is GET /events.
func (s reads) listEvents(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	filter, err := s.filter(r, params)
	if err != nil {
		return err
	}
	limit, err := number(params, "limit", defaultPage, 1, journal.MaxPage)
	if err != nil {
		return err
	}
	if params.Has("after") && params.Has("before") {
		return problem(http.StatusBadRequest, "Give either before or after, not both.")
	}
	var events []event.Event
	if params.Has("after") {
		seq, err := s.seq(params, "after")
		if err != nil {
			return err
		}
		events, err = s.cfg.Journal.ReadAfter(r.Context(), filter, seq, s.cfg.Journal.Head(), limit)
		if err != nil {
			return err
		}
	} else {
		before := s.cfg.Journal.Head() + 1
		if params.Has("before") {
			if before, err = s.seq(params, "before"); err != nil {
				return err
			}
		}
		if events, err = s.cfg.Journal.ReadBefore(r.Context(), filter, before, limit); err != nil {
			return err
		}
	}
	page := list{Events: make([]*event.Event, len(events))}
	for i := range events {
		page.Events[i] = &events[i]
	}
	// A page may be short for its size in bytes: only an empty one is the end,
	// unless it is plain that nothing follows.
	if n := len(events); n > 0 && (params.Has("after") || events[n-1].ID.Seq > 1) {
		page.Next = events[n-1].ID.String()
	}
	return writeJSON(w, http.StatusOK, page)
}

// getEvent is GET /events/{id}.
func (s reads) getEvent(w http.ResponseWriter, r *http.Request) error {
	id, err := event.ParseID(r.PathValue("id"))
	if err != nil {
		return problem(http.StatusBadRequest, "This is not an event's id.")
	}
	missing := problem(http.StatusNotFound, "There is no such event: it was never here, or is older than what is kept.")
	if id.Epoch != s.cfg.Journal.Epoch() {
		return missing
	}
	e, err := s.cfg.Journal.Event(r.Context(), id.Seq)
	if errors.Is(err, journal.ErrNoEvent) || (err == nil && slices.Contains(s.hidden, e.Feed)) {
		return missing
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, &e)
}

// filter is what feed= and type= select. A feed that nobody knows is an error:
// a misspelt name would otherwise look like a silent feed.
func (s reads) filter(r *http.Request, params url.Values) (query.Filter, error) {
	if params.Has("q") {
		return query.Filter{}, problem(http.StatusBadRequest, "This version can't search by q yet: choose events by feed= and type=.")
	}
	feeds := names(params["feed"])
	for _, feed := range feeds {
		known, err := s.knows(r, feed)
		if err != nil {
			return query.Filter{}, err
		}
		if !known {
			return query.Filter{}, problem(http.StatusNotFound, fmt.Sprintf("There is no feed called %q here: GET /feeds lists their ids.", feed))
		}
	}
	return query.New(feeds, names(params["type"]), s.hidden), nil
}

// knows reports whether the door serves a feed, or has events of one that was
// removed.
func (s reads) knows(r *http.Request, feed string) (bool, error) {
	if slices.Contains(s.hidden, feed) {
		return false, nil
	}
	if current, _ := s.cfg.Settings.Current(); current.Feed(feed) >= 0 {
		return true, nil
	}
	events, err := s.cfg.Journal.ReadBefore(r.Context(), query.New([]string{feed}, nil, nil), 1<<63-1, 1)
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
