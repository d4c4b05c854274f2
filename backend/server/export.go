package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tickertape/backend/journal"
)

// export is GET /export: what the parameters select of what the door serves, as a
// file. A reader that has enough closes the connection.
func (s reads) export(w http.ResponseWriter, r *http.Request) error {
	params := r.URL.Query()
	export, err := s.prepareExport(r, params)
	if err != nil {
		return err
	}
	format := exportFormat(params)
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

func exportFormat(params url.Values) string { return cmp.Or(params.Get("format"), journal.NDJSON) }

// prepareExport is what feed=, type=, q=, ids=, from=, to= and format= ask for.
func (s reads) prepareExport(r *http.Request, params url.Values) (*journal.Export, error) {
	sel, sharing, err := s.selection(r, params)
	if err != nil {
		return nil, err
	}
	served := sharing.filter(sel)
	export, err := s.cfg.Journal.Export(journal.Selection{
		Feeds: served.Feeds, Types: served.Types, Query: sel.query, IDs: names(params["ids"]), From: params.Get("from"), To: params.Get("to"),
	}, exportFormat(params))
	if wrong, ok := errors.AsType[*journal.BoundError](err); ok {
		return nil, problem(http.StatusBadRequest, wrong.Error()+".")
	}
	return export, err
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
