package server

import (
	"net/http"
	"time"

	"tickertape/backend/source"
)

// probeTime is how long an answer to a probe may take: more than the probe
// gives itself.
const probeTime = 30 * time.Second

// probe is POST /api/probe: what the input is, as a source.ProbeResult. The
// feed in it has masks for its secrets: they mean what they hide when it is saved. Who
// goes away cancels it.
func (s *Server) probe(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Input string `json:"input"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	// A door's own deadline may be sooner; a connection that has none needs none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(probeTime))
	result := s.cfg.Probe(r.Context(), body.Input)
	if err := r.Context().Err(); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.show(result))
}

// show is a result as it leaves the program. The secrets of its feed stay here
// until that is saved.
func (s *Server) show(result *source.ProbeResult) *source.ProbeResult {
	if result.Feed != nil {
		found := result.Feed.Clone()
		found.ID = "" // it has none yet
		s.handed.add(found)
	}
	return result.Masked()
}
