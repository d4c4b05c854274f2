package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/journal"
)

// What the window does with history: how much there is, stars, what was seen,
// and clearing it.

// undoTime is how long a cleared history can be brought back.
const undoTime = time.Minute

// historyView is how much history there is.
type historyView struct {
	Events int64         `json:"events"`
	Bytes  int64         `json:"bytes"` // about what the events take up in the database
	Oldest *time.Time    `json:"oldest,omitempty"`
	Newest *time.Time    `json:"newest,omitempty"`
	Feeds  []feedHistory `json:"feeds"` // also of those that were removed
	Files  []fileView    `json:"files"`
}

type feedHistory struct {
	ID     string     `json:"id"`
	Events int64      `json:"events"`
	Bytes  int64      `json:"bytes"`
	Stars  int64      `json:"stars"` // of the events
	Oldest *time.Time `json:"oldest,omitempty"`
	Newest *time.Time `json:"newest,omitempty"`

	// ClearedUntil says that it was cleared and can be brought back until then.
	ClearedUntil *time.Time `json:"clearedUntil,omitempty"`
}

type fileView struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// history is GET /api/history.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	usage, err := s.cfg.Journal.Usage(r.Context())
	if err != nil {
		return err
	}
	view := historyView{Feeds: []feedHistory{}, Files: []fileView{}}
	for _, f := range usage.Feeds {
		view.Events, view.Bytes = view.Events+f.Events, view.Bytes+f.Bytes
		shown := feedHistory{
			ID: f.Feed, Events: f.Events, Bytes: f.Bytes, Stars: f.Starred,
			Oldest: optional(f.Oldest), Newest: optional(f.Newest), ClearedUntil: optional(f.ClearedUntil),
		}
		if shown.Oldest != nil && (view.Oldest == nil || shown.Oldest.Before(*view.Oldest)) {
			view.Oldest = shown.Oldest
		}
		if shown.Newest != nil && (view.Newest == nil || shown.Newest.After(*view.Newest)) {
			view.Newest = shown.Newest
		}
		view.Feeds = append(view.Feeds, shown)
	}
	for _, f := range usage.Files {
		view.Files = append(view.Files, fileView{f.Path, f.Size})
	}
	return writeJSON(w, http.StatusOK, view)
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// clearFeed is DELETE /api/feeds/{id}/events: nobody sees them any more, but for
// those that are starred. restoreFeed brings them back until the time that the
// answer names.
func (s *Server) clearFeed(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	known, err := reads{Server: s, private: true}.knows(r, sharing{all: true}, id)
	if err != nil {
		return err
	}
	if !known {
		return errNoFeed
	}
	until := time.Now().Add(undoTime)
	if err := s.cfg.Journal.Clear(r.Context(), id, undoTime); err != nil {
		return s.change(r.Context(), err)
	}
	s.cfg.Hub.Forget()
	return writeJSON(w, http.StatusOK, map[string]any{"clearedUntil": until.UTC()})
}

// restoreFeed is POST /api/feeds/{id}/events/restore.
func (s *Server) restoreFeed(w http.ResponseWriter, r *http.Request) error {
	restored, err := s.cfg.Journal.Restore(r.Context(), r.PathValue("id"))
	if err != nil {
		return s.change(r.Context(), err)
	}
	if !restored {
		return problem(http.StatusGone, "It is too late: this history is gone for good, or was never cleared.")
	}
	s.cfg.Hub.Forget()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// change explains why something could not be stored.
func (s *Server) change(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
		return err
	}
	s.cfg.Log.Error("a change could not be stored", "err", err)
	return problem(http.StatusServiceUnavailable, journal.Explain(err))
}

// starView is a star as GET /api/stars lists it.
type starView struct {
	ID   string    `json:"id"`
	Note string    `json:"note"`
	At   time.Time `json:"at"`
}

// listStars is GET /api/stars: the newest first.
func (s *Server) listStars(w http.ResponseWriter, r *http.Request) error {
	stars, err := s.cfg.Journal.Stars(r.Context())
	if err != nil {
		return err
	}
	views := []starView{}
	for _, star := range stars {
		views = append(views, starView{star.ID.String(), star.Note, star.At})
	}
	return writeJSON(w, http.StatusOK, map[string]any{"stars": views})
}

// maxNote bounds a star's note, in bytes.
const maxNote = 10_000

// star is PUT /api/events/{id}/star. What it says takes the place of an earlier
// note.
func (s *Server) star(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.pathSeq(r)
	if err != nil {
		return err
	}
	var body struct {
		Note string `json:"note"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if len(body.Note) > maxNote {
		return problem(http.StatusUnprocessableEntity, "The note is too long: 10,000 characters are the most.")
	}
	err = s.cfg.Journal.Star(r.Context(), seq, body.Note)
	if errors.Is(err, journal.ErrNoEvent) {
		return errNoEvent
	}
	if err != nil {
		return s.change(r.Context(), err)
	}
	s.cfg.Hub.ForgetMarked()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unstar is DELETE /api/events/{id}/star.
func (s *Server) unstar(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.pathSeq(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Journal.Unstar(r.Context(), seq); err != nil {
		return s.change(r.Context(), err)
	}
	s.cfg.Hub.ForgetMarked()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var errNoEvent = problem(http.StatusNotFound, "There is no such event: it was never here, or is older than what is kept.")

// pathSeq is the seq of the event that the path names.
func (s *Server) pathSeq(r *http.Request) (uint64, error) {
	id, err := event.ParseID(r.PathValue("id"))
	if err != nil {
		return 0, problem(http.StatusBadRequest, "This is not an event's id.")
	}
	if id.Epoch != s.cfg.Journal.Epoch() || id.Seq > s.cfg.Hub.Head() {
		return 0, errNoEvent
	}
	return id.Seq, nil
}

// putSeen is PUT /api/seen: up to which event each of some feeds was seen.
func (s *Server) putSeen(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Feeds map[string]string `json:"feeds"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	current, _ := s.cfg.Settings.Current()
	seqs := map[string]uint64{}
	for feed, text := range body.Feeds {
		id, err := event.ParseID(text)
		if err != nil {
			return problem(http.StatusBadRequest, "feeds names each feed by its id, with the id of the last event that was seen.")
		}
		// A feed that was removed, or an event of another journal, is no news.
		if current.Feed(feed) >= 0 && id.Epoch == s.cfg.Journal.Epoch() {
			seqs[feed] = id.Seq
		}
	}
	for feed, seq := range seqs {
		if err := s.cfg.Journal.SetSeen(r.Context(), feed, seq); err != nil {
			return s.change(r.Context(), err)
		}
	}
	s.cfg.Hub.ForgetMarked()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
