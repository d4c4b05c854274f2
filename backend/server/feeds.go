package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tickertape/backend/journal"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// feedStatus is a feed as lists and status frames show it.
type feedStatus struct {
	source.Health
	Color int    `json:"color"`
	Group string `json:"group,omitempty"`
	URL   string `json:"url,omitempty"` // on the private door only, and masked

	// What its owner has seen; on the private door only.
	Seen   string `json:"seen,omitempty"` // the id of the last event
	Unread *int64 `json:"unread,omitempty"`
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
			status.Color, status.Group = current.Feeds[i].Color, current.Feeds[i].Group
			if s.private {
				status.URL = current.Feeds[i].Masked().URL
			}
		}
		if s.private {
			seen, unread := s.cfg.Journal.Unread(health.ID)
			if status.Unread = &unread; seen > 0 {
				status.Seen = s.id(seen)
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

// healthz is GET /healthz: 200 while events can be stored, 503 while not. Who may
// read nothing else learns no more than that.
func (s reads) healthz(w http.ResponseWriter, r *http.Request) error {
	status, answer := http.StatusOK, map[string]any{"status": "ok"}
	fault := s.cfg.Journal.Fault()
	if fault != nil {
		status, answer["status"] = http.StatusServiceUnavailable, "failing"
	}
	if s.private || s.authorize(r, settings.ScopeRead) == nil {
		answer["version"], answer["epoch"] = s.cfg.Version, s.cfg.Journal.Epoch()
		answer["head"], answer["streams"] = s.cfg.Journal.Head(), s.streams.Load()
		if fault != nil {
			answer["fault"] = journal.Explain(fault)
		}
	}
	return writeJSON(w, status, answer)
}

// feedBody is what POST and PUT take: members of settings.Feed. What is left out
// keeps its value, or gets its default.
type feedBody map[string]json.RawMessage

func readFeed(r *http.Request) (body feedBody, err error) {
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if err := checkAge(body["retention"]); err != nil {
		return nil, err
	}
	return body, body.durations(map[string]string{
		"interval":       "An interval is written like 500ms, 2s or 1h30m.",
		"connectTimeout": sentenceTimeout, "answerTimeout": sentenceTimeout,
	})
}

const sentenceTimeout = "A time to wait is written like 30s or 2m."

// durations reads members as people write durations, or says what is wrong with
// them in the sentences.
func (b feedBody) durations(sentences map[string]string) error {
	for member, sentence := range sentences {
		raw, ok := b[member]
		if !ok {
			continue
		}
		var text string
		var d source.Duration
		if json.Unmarshal(raw, &text) != nil || d.UnmarshalText([]byte(strings.TrimSpace(text))) != nil {
			return settings.Invalid{member: sentence}
		}
		b[member], _ = json.Marshal(d) // a text always encodes
	}
	return nil
}

// apply changes f to what the body says. Where that still shows a mask, as it
// came from us, it means the secret of a feed that was handed out, or of f.
func (b feedBody) apply(f *settings.Feed, handed *handed) error {
	next := f.Masked()
	for member, clear := range map[string]func(){ // Unmarshal would add to what is there
		"headers": func() { next.Headers = nil }, "subprotocols": func() { next.Subprotocols = nil },
		"script": func() { next.Script = nil }, "auth": func() { next.Auth = source.Auth{} },
		"cursor": func() { next.Cursor = source.Cursor{} }, "mapping": func() { next.Mapping = settings.Feed{}.Mapping },
		"retention": func() { next.Retention = settings.Retention{} },
	} {
		if _, ok := b[member]; ok {
			clear()
		}
	}
	data, err := json.Marshal(b)
	if err == nil {
		err = json.Unmarshal(data, &next)
	}
	if err != nil {
		return jsonProblem(err)
	}
	next.Name, next.URL = strings.TrimSpace(next.Name), strings.TrimSpace(next.URL)
	next.Group = strings.TrimSpace(next.Group)
	before := f.Feed
	next.Feed = next.Unmasked(handed.find(next.Feed)).Unmasked(before)
	if err := onlyMasks(next.Feed, before); err != nil {
		return err
	}
	*f = next
	return nil
}

// onlyMasks is the problem of masks that stand for nothing.
func onlyMasks(f, before source.Feed) error {
	were, invalid := before.Secrets(), settings.Invalid{}
	for place, secret := range f.Secrets() {
		if !source.IsSecretHeld(secret) && were[place] != secret {
			field, _, _ := strings.Cut(place, ".")
			invalid[field] = "This shows the mask of a password or key that is not here: enter it again."
		}
	}
	if len(invalid) > 0 {
		return invalid
	}
	return nil
}

// addFeed is POST /api/feeds. With the id of a feed that was removed it brings
// that feed back, history and all; ?at= is its place in the list, from 0.
func (s *Server) addFeed(w http.ResponseWriter, r *http.Request) error {
	body, err := readFeed(r)
	if err != nil {
		return err
	}
	var added settings.Feed
	err = s.update(r, func(next *settings.Settings) error {
		var f settings.Feed
		if err := body.apply(&f, &s.handed); err != nil {
			return err
		}
		var err error
		if added, err = next.Add(f); err == nil {
			place(next, r.URL.Query().Get("at"))
		}
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, added.Masked())
}

// place moves the last feed to a place in the list; what is none leaves it.
func place(s *settings.Settings, at string) {
	last := len(s.Feeds) - 1
	if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < last {
		s.Feeds = slices.Insert(s.Feeds[:last:last], i, s.Feeds[last])
	}
}

// editFeed is PUT /api/feeds/{id}.
func (s *Server) editFeed(w http.ResponseWriter, r *http.Request) error {
	body, err := readFeed(r)
	if err != nil {
		return err
	}
	delete(body, "id") // the path's stays
	edited, err := s.changeFeed(r, func(f *settings.Feed) error { return body.apply(f, &s.handed) })
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, edited.Masked())
}

// removeFeed is DELETE /api/feeds/{id}. Its history stays.
func (s *Server) removeFeed(w http.ResponseWriter, r *http.Request) error {
	var removed source.Feed
	err := s.update(r, func(next *settings.Settings) error {
		i, err := find(next, r)
		if err == nil {
			removed = next.Feeds[i].Feed
			next.Feeds = slices.Delete(next.Feeds, i, i+1)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.handed.add(removed)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// handed are the feeds that the window has with masks and that the settings
// don't have: those that were removed last, and may be brought back, and those
// that a probe has found, and are to be saved.
type handed struct {
	mu    sync.Mutex
	feeds []handedFeed // the newest last
}

type handedFeed struct {
	source.Feed
	at time.Time
}

const (
	// maxHanded is how many of them are remembered.
	maxHanded = 50
	// handedTime is for how long: then undo is over.
	handedTime = 10 * time.Minute
)

func (h *handed) add(f source.Feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feeds = append(h.feeds, handedFeed{f, time.Now()})
	old := max(0, len(h.feeds)-maxHanded)
	for old < len(h.feeds) && time.Since(h.feeds[old].at) > handedTime {
		old++
	}
	h.feeds = slices.Delete(h.feeds, 0, old)
}

// find is the newest of which f may be a masked copy: by its id, or by its URL
// where a probe gave it none.
func (h *handed) find(f source.Feed) source.Feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, other := range slices.Backward(h.feeds) {
		probed := other.ID == "" && f.Masked().URL == other.Masked().URL
		if (probed || (f.ID != "" && f.ID == other.ID)) && time.Since(other.at) <= handedTime {
			return other.Feed
		}
	}
	return source.Feed{}
}

// byID is the newest with the id of f.
func (h *handed) byID(f source.Feed) source.Feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, other := range slices.Backward(h.feeds) {
		if other.ID == f.ID && time.Since(other.at) <= handedTime {
			return other.Feed
		}
	}
	return source.Feed{}
}

// feedLog is GET /api/feeds/{id}/log: the last changes of a feed's state, and
// samples of its input that could not be used; the newest last. And the
// certificate that its server showed, if it isn't valid or would be accepted unseen.
func (s *Server) feedLog(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	current, _ := s.cfg.Settings.Current()
	if current.Feed(id) < 0 {
		return errNoFeed
	}
	return writeJSON(w, http.StatusOK, map[string]any{"changes": s.cfg.Feeds.Log(id), "bad": s.cfg.Feeds.Bad(id), "certificate": s.cfg.Feeds.Certificate(id)})
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
	if _, err := s.changeFeed(r, func(f *settings.Feed) error {
		f.Paused = paused
		return nil
	}); err != nil {
		return err
	}
	return s.writeStatus(w, r)
}

// retryFeed is POST /api/feeds/{id}/retry: the next attempt comes at once.
func (s *Server) retryFeed(w http.ResponseWriter, r *http.Request) error {
	s.cfg.Settings.Refresh() // a keyring may have been unlocked
	s.cfg.Apply()
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

func find(s *settings.Settings, r *http.Request) (int, error) {
	i := s.Feed(r.PathValue("id"))
	if i < 0 {
		return i, errNoFeed
	}
	return i, nil
}

func (s *Server) changeFeed(r *http.Request, change func(*settings.Feed) error) (changed settings.Feed, err error) {
	err = s.update(r, func(next *settings.Settings) error {
		i, err := find(next, r)
		if err != nil {
			return err
		}
		err = change(&next.Feeds[i])
		changed = next.Feeds[i]
		return err
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
	s.follow()
	return nil
}

// follow brings the front door and the feeds in line with settings that were
// saved, whether or not their author waits.
func (s *Server) follow() {
	s.unreadOfViews() // new ones are counted from now on
	s.front.adjust()
	s.cfg.Apply()
}
