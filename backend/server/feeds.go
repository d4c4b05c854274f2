package server

import (
	"net/http"
	"slices"
	"strings"

	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// feedStatus is a feed as lists and status frames show it.
type feedStatus struct {
	source.Health
	Color int    `json:"color"`
	URL   string `json:"url,omitempty"` // on the private door only: it may carry a key
}

// statuses are the feeds that the door serves, in the order of the settings.
func (s reads) statuses() []feedStatus {
	current, _ := s.cfg.Settings.Current()
	sharing := s.sharing()
	all := []feedStatus{}
	for _, health := range s.cfg.Feeds.Health() {
		if !sharing.serves(health.ID) {
			continue
		}
		status := feedStatus{Health: health}
		if i := current.Feed(health.ID); i >= 0 {
			status.Color = current.Feeds[i].Color
			if s.private {
				status.URL = current.Feeds[i].URL
			}
		}
		all = append(all, status)
	}
	return all
}

// listFeeds is GET /feeds.
func (s reads) listFeeds(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{"feeds": s.statuses()})
}

// healthz is GET /healthz: 200 while events can be stored, 503 while not.
func (s reads) healthz(w http.ResponseWriter, _ *http.Request) error {
	status, answer := http.StatusOK, map[string]any{
		"status": "ok", "version": s.cfg.Version, "epoch": s.cfg.Journal.Epoch(),
		"head": s.cfg.Journal.Head(), "streams": s.streams.Load(),
	}
	if fault := s.cfg.Journal.Fault(); fault != nil {
		status, answer["status"], answer["fault"] = http.StatusServiceUnavailable, "failing", fault.Error()
	}
	return writeJSON(w, status, answer)
}

// feedBody is what POST and PUT take: what is left out keeps its value, or
// gets its default.
type feedBody struct {
	ID       string  `json:"id"`
	Name     *string `json:"name"`
	URL      *string `json:"url"`
	Kind     *string `json:"kind"`
	Interval *string `json:"interval"` // as people write it
	Color    *int    `json:"color"`
	Paused   *bool   `json:"paused"`
	Share    *bool   `json:"share"`

	interval *source.Duration
}

func readFeed(r *http.Request) (body feedBody, err error) {
	if err := readJSON(r, &body); err != nil || body.Interval == nil {
		return body, err
	}
	body.interval = new(source.Duration)
	if err := body.interval.UnmarshalText([]byte(strings.TrimSpace(*body.Interval))); err != nil {
		return body, settings.Invalid{"interval": "An interval is written like 500ms, 2s or 1h30m."}
	}
	return body, nil
}

func (b feedBody) apply(f *settings.Feed) {
	if b.Name != nil {
		f.Name = strings.TrimSpace(*b.Name)
	}
	if b.URL != nil {
		f.URL = strings.TrimSpace(*b.URL)
	}
	set(&f.Kind, b.Kind)
	set(&f.Interval, b.interval)
	set(&f.Color, b.Color)
	set(&f.Paused, b.Paused)
	set(&f.Share, b.Share)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// addFeed is POST /api/feeds. With the id of a feed that was removed it brings
// that feed back, history and all.
func (s *Server) addFeed(w http.ResponseWriter, r *http.Request) error {
	body, err := readFeed(r)
	if err != nil {
		return err
	}
	var added settings.Feed
	err = s.update(r, func(next *settings.Settings) error {
		f := settings.Feed{Feed: source.Feed{ID: body.ID}}
		body.apply(&f)
		var err error
		added, err = next.Add(f)
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, added.Masked())
}

// editFeed is PUT /api/feeds/{id}.
func (s *Server) editFeed(w http.ResponseWriter, r *http.Request) error {
	body, err := readFeed(r)
	if err != nil {
		return err
	}
	edited, err := s.changeFeed(r, body.apply)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, edited.Masked())
}

// removeFeed is DELETE /api/feeds/{id}. Its history stays.
func (s *Server) removeFeed(w http.ResponseWriter, r *http.Request) error {
	err := s.update(r, func(next *settings.Settings) error {
		i, err := place(next, r)
		if err == nil {
			next.Feeds = slices.Delete(next.Feeds, i, i+1)
		}
		return err
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// pauseFeed is POST /api/feeds/{id}/pause.
func (s *Server) pauseFeed(w http.ResponseWriter, r *http.Request) error {
	return s.setPaused(w, r, true)
}

// resumeFeed is POST /api/feeds/{id}/resume.
func (s *Server) resumeFeed(w http.ResponseWriter, r *http.Request) error {
	return s.setPaused(w, r, false)
}

func (s *Server) setPaused(w http.ResponseWriter, r *http.Request, paused bool) error {
	if _, err := s.changeFeed(r, func(f *settings.Feed) { f.Paused = paused }); err != nil {
		return err
	}
	return s.writeStatus(w, r)
}

// retryFeed is POST /api/feeds/{id}/retry: the next attempt comes at once.
func (s *Server) retryFeed(w http.ResponseWriter, r *http.Request) error {
	if !s.cfg.Feeds.Retry(r.PathValue("id")) {
		return errNoFeed
	}
	return s.writeStatus(w, r)
}

func (s *Server) writeStatus(w http.ResponseWriter, r *http.Request) error {
	for _, status := range (reads{Server: s, private: true}).statuses() {
		if status.ID == r.PathValue("id") {
			return writeJSON(w, http.StatusOK, status)
		}
	}
	return errNoFeed
}

var errNoFeed = problem(http.StatusNotFound, "There is no such feed: it may have been removed in the meantime.")

func place(s *settings.Settings, r *http.Request) (int, error) {
	i := s.Feed(r.PathValue("id"))
	if i < 0 {
		return i, errNoFeed
	}
	return i, nil
}

func (s *Server) changeFeed(r *http.Request, change func(*settings.Feed)) (changed settings.Feed, err error) {
	err = s.update(r, func(next *settings.Settings) error {
		i, err := place(next, r)
		if err != nil {
			return err
		}
		change(&next.Feeds[i])
		changed = next.Feeds[i]
		return nil
	})
	return changed, err
}

// update changes the settings, and brings the front door and the feeds in line
// before it returns: in this order, so that a feed which is no longer shared is
// hidden before its next event.
func (s *Server) update(r *http.Request, change func(*settings.Settings) error) error {
	if err := s.cfg.Settings.Update(r.Context(), change); err != nil {
		return err
	}
	s.front.adjust() //nolint:contextcheck // the change is saved, whether or not its author waits
	s.cfg.Apply()
	return nil
}
