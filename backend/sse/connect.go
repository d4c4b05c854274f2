package sse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxRedirects is fetch's.
	maxRedirects = 20
	// maxIDHeader is the longest last event ID that is sent. Common servers refuse a request
	// with a longer header line (Apache 8190 bytes, nginx 8 KiB), and would refuse it for ever.
	maxIDHeader = 8000
	// bodyStart is how much of an error's body is kept, and bodyWait how long it may take.
	bodyStart = 512
	bodyWait  = 2 * time.Second
)

// Connect makes one connection: request, redirects, and the checks of status and content
// type. It returns ErrNoContent, a *StatusError, *ContentTypeError, *EncodingError,
// *RedirectError or *RequestError (all [Permanent]), or an error of the network.
// The stream lives until it is closed or ctx is done, and must be closed.
func (c *Client) Connect(ctx context.Context) (*Stream, error) {
	hc, release := c.httpClient()
	s, err := c.connect(ctx, hc, c.lastEventID())
	if err != nil {
		release()
		return nil, err
	}
	s.release = release
	return s, nil
}

func (c *Client) connect(ctx context.Context, hc *http.Client, lastID string) (_ *Stream, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	resp, err := c.request(ctx, hc, lastID)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = resp.Body.Close()
		}
	}()
	at := resp.Request.URL.Redacted()
	switch {
	case resp.StatusCode == http.StatusNoContent:
		return nil, ErrNoContent
	case resp.StatusCode != http.StatusOK:
		return nil, NewStatusError(resp, cancel)
	case !isEventStream(resp.Header.Values("Content-Type")):
		return nil, &ContentTypeError{
			ContentType: strings.Join(resp.Header.Values("Content-Type"), ", "), URL: at, Body: startOf(resp.Body, cancel),
		}
	}
	s, err := c.newStream(resp, lastID, cancel)
	if err != nil {
		return nil, err
	}
	if c.OnOpen != nil {
		c.OnOpen(resp)
	}
	return s, nil
}

// request sends the request and follows redirects as fetch does.
func (c *Client) request(ctx context.Context, hc *http.Client, lastID string) (*http.Response, error) {
	req, err := c.newRequest(ctx, lastID)
	if err != nil {
		return nil, &RequestError{err}
	}
	hop := hop{url: req.URL, method: req.Method, header: req.Header.Clone(), host: req.Host, body: c.Body}
	for via := []*http.Request{req}; ; via = append(via, req) {
		resp, err := hc.Do(req)
		if err != nil {
			return nil, fmt.Errorf("connect: %w", withoutURL(err))
		}
		location := resp.Header.Get("Location")
		if !isRedirect(resp.StatusCode) || location == "" {
			return resp, nil
		}
		_ = resp.Body.Close()
		from := hop.url.Redacted()
		if len(via) > maxRedirects {
			return nil, &RedirectError{from, fmt.Errorf("more than %d in a row", maxRedirects)}
		}
		if err := hop.follow(resp.StatusCode, location); err != nil {
			return nil, &RedirectError{from, err}
		}
		if req, err = hop.request(ctx); err != nil {
			return nil, &RedirectError{from, err}
		}
		if c.HTTP != nil && c.HTTP.CheckRedirect != nil {
			if err := c.HTTP.CheckRedirect(req, via); err != nil {
				return nil, &RedirectError{from, err}
			}
		}
	}
}

func (c *Client) newRequest(ctx context.Context, lastID string) (*http.Request, error) {
	method := c.Method
	if method == "" {
		method = http.MethodGet
		if len(c.Body) > 0 {
			method = http.MethodPost
		}
	}
	to, err := url.Parse(c.URL)
	if err != nil {
		return nil, withoutURL(err)
	}
	req, err := hop{url: to, method: method, body: c.Body}.request(ctx)
	if err != nil {
		return nil, err
	}
	// What fetch makes of the cache mode "no-store", word for word.
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("Pragma", "no-cache")
	for name, values := range c.Header {
		if !isToken(name) {
			return nil, fmt.Errorf("header name %q", name)
		}
		for _, value := range values {
			if !isFieldValue(value) {
				return nil, fmt.Errorf("value of header %s contains control characters", name)
			}
		}
		switch http.CanonicalHeaderKey(name) {
		case "Host":
			req.Host = strings.Join(values, "")
		case "Last-Event-Id":
		default:
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if canSend(lastID) {
		req.Header.Set("Last-Event-ID", lastID)
	}
	return req, nil
}

// withoutURL takes the words of net/http or net/url off err: they hold the whole URL, keys
// and all.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// canSend says whether a last event ID can go out as a header. One that can't is left out,
// since net/http or the server would refuse the request, and the next, and the next.
func canSend(id string) bool {
	return strings.TrimSpace(id) != "" && len(id) <= maxIDHeader && isFieldValue(id)
}

// startOf reads the start of an error's body, but doesn't wait for it for long.
func startOf(body io.Reader, cancel func()) string {
	defer time.AfterFunc(bodyWait, cancel).Stop()
	// Whatever has come before an error is still worth showing.
	b, _ := io.ReadAll(io.LimitReader(body, bodyStart))
	return strings.TrimSpace(cutUTF8(b))
}

// cutUTF8 makes b, which may have been cut anywhere, valid UTF-8 of at most bodyStart bytes.
func cutUTF8(b []byte) string {
	s := string(appendRepaired(nil, b))
	end := min(len(s), bodyStart)
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// RetryAfter reads a Retry-After header: seconds or a date, a day at most. 0 means none.
func RetryAfter(value string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if s, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		return min(time.Duration(s)*time.Second, most)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), most)
	}
	return 0
}
