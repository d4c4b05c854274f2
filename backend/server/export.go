package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tickertape/backend/journal"
)

// export is GET /api/export: what the parameters select, as a file. A reader
// that has enough closes the connection.
func (s reads) export(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	sel, _, err := s.selection(r, params)
	if err != nil {
		return err
	}
	format := cmp.Or(params.Get("format"), journal.NDJSON)
	export, err := s.cfg.Journal.Export(journal.Selection{
		Feeds: sel.feeds, Types: sel.types, Query: sel.query, From: params.Get("from"), To: params.Get("to"),
	}, format)
	if wrong, ok := errors.AsType[*journal.BoundError](err); ok {
		return problem(http.StatusBadRequest, wrong.Error()+".")
	}
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", map[string]string{journal.NDJSON: "application/x-ndjson", journal.CSV: "text/csv; charset=utf-8; header=present"}[format])
	header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tickertape-%s.%s"`, time.Now().Format("2006-01-02"), format))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := export.Write(r.Context(), paced{w, http.NewResponseController(w), s.cfg.WriteTimeout}); err != nil {
		if r.Context().Err() == nil {
			s.cfg.Log.Error("an export ended early", "err", err)
		}
		panic(http.ErrAbortHandler) // so that nobody takes it for the whole
	}
	return nil
}

// paced gives each write a deadline of its own.
type paced struct {
	http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

func (p paced) Write(b []byte) (int, error) {
	// Not every ResponseWriter of a test has deadlines; ours do.
	_ = p.control.SetWriteDeadline(time.Now().Add(p.timeout))
	return p.ResponseWriter.Write(b)
}
