package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"tickertape/backend/settings"
)

// maxImport bounds an import's body, in bytes.
const maxImport = 16 << 20

// settingsSchema is GET /api/settings/schema: the JSON Schema of the settings
// file.
func (s *Server) settingsSchema(w http.ResponseWriter, _ *http.Request) error {
	schema, err := settings.Schema()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(schema) // the client may have gone
	return nil
}

// listVersions is GET /api/settings/versions: {"versions": [{"id", "saved",
// "feeds"}]}, the newest first. saved is when it was saved, feeds are the names
// of its feeds.
func (s *Server) listVersions(w http.ResponseWriter, _ *http.Request) error {
	versions, err := s.cfg.Settings.Versions()
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"versions": versions})
}

// restoreVersion is POST /api/settings/restore?preview=1 {"id"}: it brings an
// earlier version back, and answers with the settings as GET /api/settings does;
// with preview=1 it only tells what would change, as a settings.Changes. The
// settings before it are the newest of the versions then.
func (s *Server) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	before, _ := s.cfg.Settings.Current()
	var body struct {
		ID string `json:"id"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	preview := r.URL.Query().Get("preview") == "1"
	changes, err := s.cfg.Settings.Restore(r.Context(), settings.Restoring{ID: body.ID, Preview: preview, Lend: s.handed.byID})
	if errors.Is(err, settings.ErrNoVersion) {
		return problem(http.StatusNotFound, "There is no such earlier version of the settings: it may have made room for newer ones.")
	}
	if err != nil {
		return err
	}
	if preview {
		return writeJSON(w, http.StatusOK, changes)
	}
	s.keepSecrets(before)
	s.follow()
	return s.getSettings(w, r)
}

// keepSecrets keeps those of the settings before a change of many feeds, so that
// going back to them within some minutes brings them back whole.
func (s *Server) keepSecrets(before settings.Settings) {
	for _, f := range before.Feeds {
		if len(f.Secrets()) > 0 {
			s.handed.add(f.Feed)
		}
	}
}

// exportSettings is GET /api/settings/export, the settings as a file without
// secrets and tokens, and POST /api/settings/export {"passphrase"}, the same
// with both, encrypted.
func (s *Server) exportSettings(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Passphrase string `json:"passphrase"`
	}
	if r.Method == http.MethodPost {
		if err := readJSON(r, &body); err != nil {
			return err
		}
		if body.Passphrase == "" {
			return settings.Invalid{"passphrase": "Give a passphrase to encrypt the secrets with."} //nolint:gosec // a sentence
		}
	}
	data, err := s.cfg.Settings.Export(body.Passphrase)
	if err != nil {
		return err
	}
	download(w, "application/json", "tickertape-settings-"+time.Now().Format(time.DateOnly)+".json", data)
	return nil
}

// importSettings is POST /api/settings/import?mode=merge|replace&preview=1. The
// body is the file as it is, or {"settings": "the text of the file",
// "passphrase"} for one with secrets. It answers what changes, as a
// settings.Changes; with preview=1 nothing does.
func (s *Server) importSettings(w http.ResponseWriter, r *http.Request) error {
	in := settings.Import{Mode: r.URL.Query().Get("mode"), Preview: r.URL.Query().Get("preview") == "1"}
	if in.Mode == "" {
		in.Mode = settings.ModeMerge
	}
	var err error
	if in.Data, err = readAll(r); err != nil {
		return err
	}
	var wrapped struct {
		Settings   *string `json:"settings"`
		Passphrase string  `json:"passphrase"`
	}
	if json.Unmarshal(in.Data, &wrapped) == nil && wrapped.Settings != nil {
		in.Data, in.Passphrase = []byte(*wrapped.Settings), wrapped.Passphrase
	}
	before, _ := s.cfg.Settings.Current()
	changes, err := s.cfg.Settings.Import(r.Context(), in)
	if err != nil {
		return err
	}
	if !in.Preview {
		s.keepSecrets(before)
		s.follow()
	}
	return writeJSON(w, http.StatusOK, changes)
}

// getOPML is GET /api/opml: the feeds that have a URL as a list for other feed
// readers.
func (s *Server) getOPML(w http.ResponseWriter, _ *http.Request) error {
	current, _ := s.cfg.Settings.Current()
	data, err := current.OPML()
	if err != nil {
		return err
	}
	download(w, "text/x-opml", "tickertape-feeds.opml", data)
	return nil
}

// postOPML is POST /api/opml?preview=1, with a list of feeds for a body. It
// answers which feeds are added, which are there already and which can't be, as
// a settings.OPMLChanges; with preview=1 nothing is added.
func (s *Server) postOPML(w http.ResponseWriter, r *http.Request) error {
	data, err := readAll(r)
	if err != nil {
		return err
	}
	preview := r.URL.Query().Get("preview") == "1"
	changes, err := s.cfg.Settings.ImportOPML(r.Context(), data, preview)
	if err != nil {
		return err
	}
	if !preview {
		s.follow()
	}
	return writeJSON(w, http.StatusOK, changes)
}

func readAll(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, jsonProblem(err)
	}
	if len(data) == 0 {
		return nil, problem(http.StatusBadRequest, "The request has no body, where a file is expected.")
	}
	return data, nil
}

// download answers with a file.
func download(w http.ResponseWriter, contentType, name string, data []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(data) // the client may have gone
}
