package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// probeTime is how long an answer to a probe may take: more than the probe
// gives itself.
const probeTime = 30 * time.Second

// probeSteps is how many steps may wait for their reader. A probe has a few
// dozen; what is more is left out, as it must not wait for anybody.
const probeSteps = 256

// probeRequest is what POST /api/probe takes.
type probeRequest struct {
	Input string      `json:"input"`
	With  source.Feed `json:"with"` // what is known besides; see source.ProbeConfig

	// Feed is the id of the feed that With is an edit of: its masks mean that
	// feed's secrets.
	Feed string `json:"feed"`

	// Mapping, if given, is how to map the first events.
	Mapping json.RawMessage `json:"mapping"`
}

// probe is POST /api/probe: what the input is, as a source.ProbeResult. The
// feed in it has masks for its secrets: they mean what they hide when it is saved.
// Who goes away cancels it. To whom accepts application/x-ndjson it tells its steps as it
// takes them, {"step", "detail", "ms"} a line, and {"result"} at the end.
func (s *Server) probe(w http.ResponseWriter, r *http.Request) error {
	var body probeRequest
	if err := readJSON(r, &body); err != nil {
		return err
	}
	cfg, err := s.probeConfig(&body)
	if err != nil {
		return err
	}
	// A door's own deadline may be sooner; a connection that has none needs none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(probeTime))
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		s.probeAloud(r.Context(), w, body.Input, cfg)
		return nil
	}
	result := s.cfg.Probe(r.Context(), body.Input, cfg)
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

// unmask puts secrets in the place of a request's masks: those of an answer to
// another probe, or of the feed that is edited.
func (s *Server) unmask(body *probeRequest, stored source.Feed) source.Feed {
	asked := body.With
	asked.URL = body.Input
	asked = asked.Unmasked(s.handed.find(asked)).Unmasked(stored)
	body.Input, asked.URL = asked.URL, body.With.URL
	return asked
}

func (s *Server) probeConfig(body *probeRequest) (source.ProbeConfig, error) {
	cfg := source.ProbeConfig{}
	var stored source.Feed
	if body.Feed != "" {
		current, _ := s.cfg.Settings.Current()
		i := current.Feed(body.Feed)
		if i < 0 {
			return cfg, errNoFeed
		}
		stored = current.Feeds[i].Feed
	}
	cfg.With = s.unmask(body, stored)
	if body.Mapping != nil {
		var mapped settings.Feed
		if err := json.Unmarshal(body.Mapping, &mapped.Mapping); err != nil {
			return cfg, jsonProblem(err)
		}
		cfg.Map = mapped.Mapping.Map
	}
	return cfg, nil
}

// probeStep is a step as it is told.
type probeStep struct {
	Step   string `json:"step"`
	Detail string `json:"detail"`
	MS     int64  `json:"ms"` // since the start
}

// probeAloud answers with the steps of a probe, then with its result.
func (s *Server) probeAloud(ctx context.Context, w http.ResponseWriter, input string, cfg source.ProbeConfig) {
	began := time.Now()
	steps, result := make(chan probeStep, probeSteps), make(chan *source.ProbeResult, 1)
	cfg.Step = func(name, detail string) {
		select {
		case steps <- probeStep{name, detail, time.Since(began).Milliseconds()}:
		default:
		}
	}
	go func() { // ends with the probe, for which this function waits
		result <- s.cfg.Probe(ctx, input, cfg)
		close(steps)
	}()
	w.Header().Set("Content-Type", "application/x-ndjson")
	out, control := json.NewEncoder(w), http.NewResponseController(w)
	out.SetEscapeHTML(false)
	for step := range steps {
		_ = out.Encode(step) // who is gone cancels the probe
		_ = control.Flush()
	}
	_ = out.Encode(map[string]any{"result": s.show(<-result)})
}

// previewMapping is POST /api/mapping/preview: what a mapping makes of events as
// a probe has shown them, {"mapping", "events": [{"type", "id", "data"}]}.
func (s *Server) previewMapping(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Mapping json.RawMessage    `json:"mapping"`
		Events  []source.ProbedRaw `json:"events"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	var mapped settings.Feed
	if len(bytes.TrimSpace(body.Mapping)) > 0 {
		if err := json.Unmarshal(body.Mapping, &mapped.Mapping); err != nil {
			return jsonProblem(err)
		}
	}
	events := make([]*event.Event, len(body.Events))
	for i, raw := range body.Events {
		e := mapped.Mapping.Map("preview", event.Raw{Type: raw.Type, ID: raw.ID, Data: []byte(raw.Data)})
		events[i] = &e
	}
	return writeJSON(w, http.StatusOK, map[string]any{"events": events})
}

// getCatalogue is GET /api/catalogue: the topics and presets of the catalogue.
func (s *Server) getCatalogue(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, s.cfg.Catalogue)
}
