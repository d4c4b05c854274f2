package server

import (
	"encoding/json"
	"net/http"

	"tickertape/backend/settings"
)

// settingsView is the settings as the window sees them: the document, and what
// became of it.
type settingsView struct {
	settings.Settings
	Tokens   []tokenView `json:"tokens"` // in place of the document's: without hashes
	Revision int         `json:"revision"`
	Notice   string      `json:"notice,omitempty"` // what the user should know about the file
	Door     DoorState   `json:"door"`
	App      appInfo     `json:"app"`
	Secrets  any         `json:"secrets"` // where they are kept: place, text and notice
}

type appInfo struct {
	Version string `json:"version"`
	DataDir string `json:"dataDir"`
	Notice  string `json:"notice,omitempty"` // what the user should know about the journal
}

// getSettings is GET /api/settings. It answers when the door stands as they
// say.
func (s *Server) getSettings(w http.ResponseWriter, _ *http.Request) error {
	s.front.adjust()
	current, revision := s.cfg.Settings.Current()
	view := settingsView{
		Settings: current.Masked(), Tokens: s.tokenViews(current.Tokens), Revision: revision, Notice: s.cfg.Settings.Notice(),
		Door: s.Front(), App: appInfo{Version: s.cfg.Version, DataDir: s.cfg.DataDir}, Secrets: s.cfg.Settings.Secrets(),
	}
	if moved := s.cfg.Journal.Damaged(); moved != "" {
		view.App.Notice = "The history was damaged. It was kept as " + moved + ", and a new one was begun. " +
			"To bring back what can be read of it, close Tickertape and run: tickertape import --data \"" + s.cfg.DataDir + "\" \"" + moved + "\""
	}
	return writeJSON(w, http.StatusOK, view)
}

// putFront is PUT /api/settings/front. It answers when the door has moved. One
// that changes nothing tries again to open a door that could not be opened.
func (s *Server) putFront(w http.ResponseWriter, r *http.Request) error {
	before, _ := s.cfg.Settings.Current()
	if err := s.putPart(r, func(next *settings.Settings) any { return &next.Front }); err != nil {
		return err
	}
	if after, _ := s.cfg.Settings.Current(); after.Front.Equal(before.Front) {
		s.front.retry()
	}
	return s.getSettings(w, r)
}

// unlockSecrets is POST /api/secrets/unlock {"passphrase"}, for secrets in a file
// that is encrypted with one.
func (s *Server) unlockSecrets(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Passphrase string `json:"passphrase"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.Passphrase == "" {
		return settings.Invalid{"passphrase": "Give the passphrase of the secrets."}
	}
	if err := s.cfg.Settings.Unlock(body.Passphrase); err != nil {
		return err
	}
	s.follow()
	return s.getSettings(w, r)
}

// putAppearance is PUT /api/settings/appearance.
func (s *Server) putAppearance(w http.ResponseWriter, r *http.Request) error {
	if err := s.putPart(r, func(next *settings.Settings) any { return &next.Appearance }); err != nil {
		return err
	}
	return s.getSettings(w, r)
}

// putHistory is PUT /api/settings/history. What is too much by then is trimmed
// from now on.
func (s *Server) putHistory(w http.ResponseWriter, r *http.Request) error {
	if err := s.putPart(r, func(next *settings.Settings) any { return &next.History }, checkAge); err != nil {
		return err
	}
	return s.getSettings(w, r)
}

// putNetwork is PUT /api/settings/network. Feeds that go by it connect anew. A
// password of the proxy that still shows as a mask is the old one.
func (s *Server) putNetwork(w http.ResponseWriter, r *http.Request) error {
	var body feedBody
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if err := body.durations(map[string]string{"connectTimeout": sentenceTimeout, "answerTimeout": sentenceTimeout}); err != nil {
		return err
	}
	err := s.update(r, func(next *settings.Settings) error {
		data, err := json.Marshal(body)
		network := next.Network.Masked()
		if err == nil {
			err = json.Unmarshal(data, &network)
		}
		if err != nil {
			return jsonProblem(err)
		}
		next.Network = network.Unmasked(next.Network)
		return nil
	})
	if err != nil {
		return err
	}
	return s.getSettings(w, r)
}

// checkAge says how an age is written, where a retention has one that isn't.
func checkAge(retention json.RawMessage) error {
	var body struct {
		Age json.RawMessage `json:"age"`
	}
	if json.Unmarshal(retention, &body) != nil || body.Age == nil {
		return nil // what else is wrong with it others tell
	}
	var age settings.Age
	if json.Unmarshal(body.Age, &age) != nil {
		return settings.Invalid{"age": "An age is written like 12h, 90d or 2w; leave it empty to keep history for ever."}
	}
	return nil
}

// putPart reads the body over a part of the settings: what it leaves out keeps
// its value.
func (s *Server) putPart(r *http.Request, part func(*settings.Settings) any, checks ...func(json.RawMessage) error) error {
	var body json.RawMessage // read before the settings are locked: a client may be slow
	if err := readJSON(r, &body); err != nil {
		return err
	}
	for _, check := range checks {
		if err := check(body); err != nil {
			return err
		}
	}
	return s.update(r, func(next *settings.Settings) error {
		if err := json.Unmarshal(body, part(next)); err != nil {
			return jsonProblem(err)
		}
		return nil
	})
}
