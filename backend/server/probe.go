package server

import (
	"net/http"
	"time"
)

// probeTime is how long an answer to a probe may take: more than the probe
// gives itself.
const probeTime = 30 * time.Second

// probe is POST /api/probe: what the input is, as a source.ProbeResult. The
// feed in it has its secrets, which the window needs to save it. Who goes away
// cancels it.
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
	return writeJSON(w, http.StatusOK, result)
}
