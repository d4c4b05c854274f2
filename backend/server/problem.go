package server

import (
	"encoding/json"
	"errors"
	"net/http"

	"tickertape/backend/settings"
)

// Problem is an RFC 9457 problem document: what went wrong, in a sentence that
// a person can act on.
type Problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail"`
	Errors map[string]string `json:"errors,omitempty"` // by field
}

func (p *Problem) Error() string { return p.Detail }

func problem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// writeProblem answers with the problem that err is, or with 500 if it is none.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*Problem](err)
	switch invalid, isInvalid := errors.AsType[settings.Invalid](err); {
	case ok:
	case isInvalid:
		p = problem(http.StatusUnprocessableEntity, invalid.Error())
		p.Errors = invalid
	case r.Context().Err() != nil:
		return // the client has gone, or the door closes: nobody reads an answer
	default:
		s.cfg.Log.Error("a request failed", "path", r.URL.Path, "err", err)
		p = problem(http.StatusInternalServerError, "Something went wrong inside Tickertape; its log says what.")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // the client may have gone
	return nil
}

func readJSON(r *http.Request, v any) error {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return problem(http.StatusRequestEntityTooLarge, "The request is too large: "+large.Error()+".")
		}
		return problem(http.StatusBadRequest, "The request is not the JSON expected: "+err.Error()+".")
	}
	return nil
}
