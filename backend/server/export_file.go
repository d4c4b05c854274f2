package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"tickertape/backend/journal"
)

// maxFiles is how many chosen files may wait for their exports.
const maxFiles = 8

// progressPace is how often an export that is saved tells how far it has come.
const progressPace = 100 * time.Millisecond

// files are those that the person at the window has chosen to export to, by
// their tickets: a page can't name a file by itself.
type files struct {
	mu    sync.Mutex
	paths []chosenFile // the newest last
}

type chosenFile struct{ ticket, path string }

// AllowFile lets the window export to a file, once, by the ticket that it
// returns. It must have been chosen by the person who sits there.
func (s *Server) AllowFile(path string) (ticket string) {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	ticket = rand.Text()
	s.files.paths = append(s.files.paths, chosenFile{ticket, path})
	s.files.paths = s.files.paths[max(0, len(s.files.paths)-maxFiles):]
	return ticket
}

// take is the file of a ticket, which opens nothing any more.
func (f *files) take(ticket string) (path string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.paths {
		if one.ticket == ticket {
			f.paths = append(f.paths[:i:i], f.paths[i+1:]...)
			return one.path, true
		}
	}
	return "", false
}

// saveExport is POST /api/exports: it writes what the members select, which are
// the parameters of GET /export, to the file of a ticket. It answers with lines
// of JSON: how far it has come, and last how it ended. Who closes the connection
// cancels it; then, and when it fails, there is no file.
func (s reads) saveExport(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		File   string `json:"file"` // the ticket
		Select string `json:"select"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	params, err := url.ParseQuery(body.Select)
	if err != nil {
		return problem(http.StatusBadRequest, "select is not the query of an address.")
	}
	export, err := s.prepareExport(r, params)
	if err != nil {
		return err
	}
	path, ok := s.files.take(body.File)
	if !ok {
		return problem(http.StatusForbidden, "Choose the file to write to again.")
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(paced{w, http.NewResponseController(w), s.cfg.WriteTimeout})
	tell := func(line any) {
		_ = out.Encode(line) // who is gone cancels the export
		_ = http.NewResponseController(w).Flush()
	}
	var last journal.Progress
	told := time.Now()
	export.Progress = func(p journal.Progress) {
		if last = p; time.Since(told) >= progressPace {
			told = time.Now()
			tell(p)
		}
	}
	tell(last) // it has begun
	err = export.Save(r.Context(), path)
	if err == nil {
		tell(map[string]any{"done": true, "events": last.Events, "bytes": last.Bytes})
		return nil
	}
	// Half an export is of no use to anybody here.
	err = errors.Join(err, os.Remove(path+journal.PartialSuffix))
	if r.Context().Err() == nil {
		s.cfg.Log.Error("an export could not be written", "err", err)
		tell(map[string]any{"problem": explainExport(err)})
	}
	return nil
}

// explainExport says in a sentence why a file could not be written.
func explainExport(err error) string {
	switch {
	case errors.Is(err, os.ErrPermission):
		return "This file can't be written: its folder is read-only for you. Choose another place."
	case errors.Is(err, os.ErrNotExist):
		return "The folder of this file is gone. Choose another place."
	case errors.Is(err, context.DeadlineExceeded):
		return "Writing took too long. Choose another place, or a smaller part."
	}
	return "The export could not be written: " + journal.Explain(err)
}
