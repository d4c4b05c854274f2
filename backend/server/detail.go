package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"tickertape/backend/markup"
)

// detail is what is to be known of one event beside the event itself.
type detail struct {
	StoredAt *time.Time `json:"storedAt,omitempty"` // when it became durable; only of this run's newest events
	Frame    *frame     `json:"html,omitempty"`     // where its payload has HTML in it
}

// frame is an event's HTML as a page of its own.
type frame struct {
	Links  []markup.Link `json:"links"`            // by the numbers that stand behind them in the page
	Images int           `json:"images"`           // how many pictures it has
	Cut    bool          `json:"cut,omitempty"`    // only its beginning is shown
	Ticket string        `json:"ticket,omitempty"` // to be passed on to the page; at the window's door
}

// eventDetail is GET /events/{id}/detail.
func (s reads) eventDetail(w http.ResponseWriter, r *http.Request) error {
	e, err := s.event(r)
	if err != nil {
		return err
	}
	var d detail
	if at := s.cfg.Hub.CommittedAt(e.ID.Seq).UTC(); !at.IsZero() {
		d.StoredAt = &at
	}
	if source, found := markup.Find(&e); found {
		page := markup.Render(source, e.URL, false)
		d.Frame = &frame{Links: page.Links, Images: page.Images, Cut: page.Cut}
		if d.Frame.Links == nil {
			d.Frame.Links = []markup.Link{}
		}
		if s.private {
			d.Frame.Ticket = s.ticket(e.ID.String())
		}
	}
	return writeJSON(w, http.StatusOK, d)
}

// eventHTML is GET /events/{id}/html: the HTML in an event's payload, sanitised,
// for a sandboxed frame. Pictures are loaded with images=1 only.
func (s reads) eventHTML(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	images, err := number(params, "images", 0, 0, 1)
	if err != nil {
		return err
	}
	e, err := s.event(r)
	if err != nil {
		return err
	}
	source, found := markup.Find(&e)
	if !found {
		return problem(http.StatusNotFound, "There is no HTML in this event.")
	}
	frames := []string{"'self'"}
	if s.private {
		frames = slices.Concat(windowOrigins, devOrigins)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", markup.Policy(images == 1, frames))
	_, _ = w.Write([]byte(markup.Render(source, e.URL, images == 1).Document(params.Get("theme")))) // the client may have gone
	return nil
}

// ticket lets a frame in the window read one event's page. A frame's address is
// the only place for it, and the key is not to stand beside what strangers wrote.
func (s *Server) ticket(id string) string {
	mac := hmac.New(sha256.New, []byte(s.key))
	mac.Write([]byte("html of event " + id))
	return hex.EncodeToString(mac.Sum(nil))
}

// holdsTicket reports whether a request at the window's door is a frame's with
// the ticket for what it asks.
func (s *Server) holdsTicket(r *http.Request) bool {
	id, isPage := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/events/"), "/html")
	return r.Method == http.MethodGet && isPage && s.key != "" && !strings.Contains(id, "/") &&
		strings.HasPrefix(r.URL.Path, "/events/") && sameKey(r.URL.Query().Get("ticket"), s.ticket(id))
}
