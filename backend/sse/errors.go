package sse

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

var (
	// ErrInvalidID is returned for an event ID with CR, LF or NUL in it.
	ErrInvalidID = errors.New("event id contains CR, LF or NUL")
	// ErrInvalidType is returned for an event type with CR or LF in it.
	ErrInvalidType = errors.New("event type contains CR or LF")
	// ErrNoContent means that the server answered 204: it wants no reconnection.
	ErrNoContent = errors.New("the server has ended this stream for good (204 No Content)")
)

// TooLargeError stands in the place of an event that exceeded the limit and was skipped.
// The stream goes on behind it.
type TooLargeError struct {
	Limit int // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("event of more than %d bytes skipped", e.Limit)
}

// StatusError is an answer with any status but 200 (and 204, which is ErrNoContent).
type StatusError struct {
	Code       int
	Status     string        // as sent: "503 Service Unavailable"
	URL        string        // after redirects, without a password
	Body       string        // the first 512 bytes at most, valid UTF-8
	RetryAfter time.Duration // from the Retry-After header, else 0
	Header     http.Header
}

// NewStatusError makes the error of an answer, with the start of its body; cancel ends the
// request when that doesn't come.
func NewStatusError(resp *http.Response, cancel func()) *StatusError {
	return &StatusError{
		Code: resp.StatusCode, Status: resp.Status, URL: resp.Request.URL.Redacted(), Header: resp.Header,
		RetryAfter: RetryAfter(resp.Header.Get("Retry-After"), time.Now()), Body: startOf(resp.Body, cancel),
	}
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answered %s", e.Status)
}

// ContentTypeError is an answer that isn't an event stream.
type ContentTypeError struct {
	ContentType string // as sent; "" when there was none
	URL         string // after redirects, without a password
	Body        string // the first 512 bytes at most, valid UTF-8
}

func (e *ContentTypeError) Error() string {
	if e.ContentType == "" {
		return "the answer has no content type, so it is not an event stream"
	}
	return fmt.Sprintf("the answer is %q, not text/event-stream", e.ContentType)
}

// EncodingError is an answer in a content encoding that wasn't asked for and can't be read.
type EncodingError struct {
	Encoding string
	URL      string // after redirects, without a password
}

func (e *EncodingError) Error() string {
	return fmt.Sprintf("the answer has the unknown content encoding %q", e.Encoding)
}

// RedirectError is a redirect that can't, or by the caller's CheckRedirect mustn't, be
// followed.
type RedirectError struct {
	URL string // that redirected, without a password
	Err error
}

func (e *RedirectError) Error() string { return "follow redirect: " + e.Err.Error() }
func (e *RedirectError) Unwrap() error { return e.Err }

// RequestError means that the Client's own fields don't make a request.
type RequestError struct {
	Err error
}

func (e *RequestError) Error() string { return "invalid request: " + e.Err.Error() }
func (e *RequestError) Unwrap() error { return e.Err }

// Permanent says whether the standard has a client fail the connection for good over err,
// rather than reconnect.
func Permanent(err error) bool {
	return errors.Is(err, ErrNoContent) || is[*StatusError](err) || is[*ContentTypeError](err) ||
		is[*EncodingError](err) || is[*RedirectError](err) || is[*RequestError](err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
