package server

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"tickertape/backend/hub"
	"tickertape/backend/query"
	"tickertape/backend/settings"
)

// views counts, for each saved view, what came since it was last opened: one
// number a view, matched as events are published.
type views struct {
	hub   *hub.Hub
	epoch string

	mu       sync.Mutex
	revision int
	counted  []*countedView       // in the order of the settings
	saved    map[string]viewCount // by an earlier run, until they are taken up
}

// viewStatus is a saved view in status frames. The front door tells what there
// is to look at, not what its owner has looked at.
type viewStatus struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Query  string     `json:"query"`
	Unread *int64     `json:"unread,omitempty"` // at the private door only, as is
	Since  *time.Time `json:"since,omitempty"`  // when it was last opened, or saved
}

// viewStatuses are the saved views, as the door tells of them.
func (s reads) viewStatuses() []viewStatus {
	all := s.unreadOfViews()
	if !s.private {
		for i := range all {
			all[i].Unread, all[i].Since = nil, nil
		}
	}
	return all
}

// unreadOfViews is how many events of each view came unseen.
func (s *Server) unreadOfViews() []viewStatus {
	current, revision := s.cfg.Settings.Current()
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	if revision > s.views.revision {
		s.views.revision = revision
		s.views.count(current.Views)
	}
	all := []viewStatus{}
	for _, v := range s.views.counted {
		unread, since := v.unread(), v.since.UTC()
		all = append(all, viewStatus{v.id, v.name, v.query, &unread, &since})
	}
	return all
}

// count counts for these views from now on. One whose query is the same keeps
// its count. The lock is held.
func (vs *views) count(saved []settings.View) {
	before := vs.counted
	vs.counted = nil
	for _, v := range saved {
		i := slices.IndexFunc(before, func(b *countedView) bool { return b.id == v.ID && b.query == v.Query })
		if i >= 0 {
			before[i].name = v.Name
			vs.counted = append(vs.counted, before[i])
			before = slices.Delete(before, i, i+1)
			continue
		}
		if x, err := query.Parse(v.Query); err == nil { // always, in valid settings
			tally := vs.hub.Tally(query.Filter{}.With(x))
			counted := &countedView{id: v.ID, name: v.Name, query: v.Query, since: time.Now(), tally: tally, upTo: tally.From()}
			counted.resume(vs.saved[v.ID], vs.epoch)
			vs.counted = append(vs.counted, counted)
		}
	}
	vs.saved = nil // views that come later begin at 0
	for _, gone := range before {
		vs.hub.Drop(gone.tally)
	}
}

// seeView is POST /api/views/{id}/seen: its count begins anew.
func (s *Server) seeView(w http.ResponseWriter, r *http.Request) error {
	s.unreadOfViews() // one that was just saved is known now
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	for _, v := range s.views.counted {
		if v.id == r.PathValue("id") {
			v.seen()
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
	}
	return problem(http.StatusNotFound, "There is no such view: it may have been removed in the meantime.")
}

// putViews is PUT /api/settings/views: the whole list, in its order.
func (s *Server) putViews(w http.ResponseWriter, r *http.Request) error {
	var list []settings.View
	if err := readJSON(r, &list); err != nil {
		return err
	}
	if err := s.update(r, func(next *settings.Settings) error { return next.SetViews(list) }); err != nil {
		return err
	}
	return s.getSettings(w, r)
}

// putOrder is PUT /api/settings/order: the ids of the feeds as they shall stand.
func (s *Server) putOrder(w http.ResponseWriter, r *http.Request) error {
	var ids []string
	if err := readJSON(r, &ids); err != nil {
		return err
	}
	if err := s.update(r, func(next *settings.Settings) error {
		next.Order(ids)
		return nil
	}); err != nil {
		return err
	}
	return s.getSettings(w, r)
}
