package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"time"

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
	Stored *published        `json:"stored,omitempty"` // what of a request to publish was stored all the same

	// Position is the part of q= that can't be understood: its first character
	// and the one behind it, counted in characters from 0.
	Position *[2]int `json:"position,omitempty"`

	retryAfter time.Duration // for 429 and 503; 0 means 5 s
}

// lingerTime is how long a refused request may still send its body.
const lingerTime = 500 * time.Millisecond

func (p *Problem) Error() string { return p.Detail }

func problem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// writeProblem answers with the problem that err is, or with 500 if it is none.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*Problem](err)
	invalid, isInvalid := errors.AsType[settings.Invalid](err)
	file, isFile := errors.AsType[*settings.FileError](err)
	newer, isNewer := errors.AsType[*settings.NewerError](err)
	switch {
	case ok:
	case isInvalid:
		p = problem(http.StatusUnprocessableEntity, invalid.Error())
		p.Errors = invalid
	case isFile:
		p = problem(http.StatusUnprocessableEntity, "This can't be used: "+file.Error())
		p.Errors = map[string]string{cmp.Or(file.Path, "settings"): file.Reason}
	case isNewer:
		p = problem(http.StatusUnprocessableEntity, "This can't be used: "+newer.Error()+".")
	case r.Context().Err() != nil: // the door closes, or the client has gone
		p = problem(http.StatusServiceUnavailable, "This door is closing: try again in a moment.")
	default:
		s.cfg.Log.Error("a request failed", "path", r.URL.Path, "err", err)
		p = problem(http.StatusInternalServerError, "Something went wrong inside Tickertape; its log says what.")
	}
	s.problems.add(strconv.Itoa(p.Status))
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		seconds := math.Ceil(cmp.Or(p.retryAfter, 5*time.Second).Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	// net/http reads what is left of a body before it answers, and a streamed
	// one may have no end.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(lingerTime))
	_ = control.SetWriteDeadline(time.Now().Add(writeTimeout))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	writeBody(w, status, body.Bytes())
	return nil
}

// writeBody answers with JSON that is encoded already.
func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone
}

func readJSON(r *http.Request, v any) error {
	decoder := json.NewDecoder(r.Body)
	if err := decoder.Decode(v); err != nil {
		return jsonProblem(err)
	}
	switch _, err := decoder.Token(); {
	case err == nil:
		return problem(http.StatusBadRequest, "The request is more than one JSON value.")
	case !errors.Is(err, io.EOF):
		return jsonProblem(err)
	}
	return nil
}

// jsonProblem says what is wrong with a body, in words that aren't Go's.
func jsonProblem(err error) *Problem {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is larger than %d bytes.", large.Limit))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return problem(http.StatusBadRequest, fmt.Sprintf("%s can't be a JSON %s.", cmp.Or(wrong.Field, "The request"), wrong.Value))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return problem(http.StatusRequestTimeout, "The request's body came too slowly, so it was ended.")
	}
	if errors.Is(err, io.EOF) {
		return problem(http.StatusBadRequest, "The request has no body, where JSON is expected.")
	}
	return problem(http.StatusBadRequest, "The request is not the JSON expected: "+err.Error()+".")
}

// refusal is the problem by which a ServeMux refuses a request that no route
// takes; refuse is its handler for that.
func refusal(refuse http.Handler, header http.Header, r *http.Request) *Problem {
	refused := refused{header: http.Header{}}
	refuse.ServeHTTP(&refused, r)
	if refused.status != http.StatusMethodNotAllowed {
		return problem(http.StatusNotFound, "There is nothing at this path.")
	}
	allowed := refused.header.Get("Allow")
	header.Set("Allow", allowed)
	return problem(refused.status, fmt.Sprintf("This path takes %s, not %s.", allowed, r.Method))
}

// refused keeps what a ServeMux says beside the text.
type refused struct {
	header http.Header
	status int
}

func (r *refused) Header() http.Header         { return r.header }
func (r *refused) WriteHeader(status int)      { r.status = status }
func (r *refused) Write(b []byte) (int, error) { return len(b), nil }
