package sse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// hop is one request of a chain of redirects, as it was meant: the http.Request made of it
// is written to by net/http (cookies).
type hop struct {
	url    *url.URL
	method string
	header http.Header
	host   string // "" means the URL's
	body   []byte
}

func (h hop) request(ctx context.Context) (*http.Request, error) {
	if h.url.Scheme != "http" && h.url.Scheme != "https" {
		return nil, fmt.Errorf("the URL's scheme is %q, not http or https", h.url.Scheme)
	}
	if h.url.Host == "" {
		return nil, errors.New("the URL has no host")
	}
	var body io.Reader
	if len(h.body) > 0 {
		body = bytes.NewReader(h.body)
	}
	req, err := http.NewRequestWithContext(ctx, h.method, h.url.String(), body)
	if err != nil {
		return nil, err
	}
	if h.header != nil {
		req.Header = h.header.Clone()
	}
	if h.host != "" {
		req.Host = h.host
	}
	return req, nil
}

// follow turns h into the request that a redirect leads to (Fetch standard, section 4.4
// "HTTP-redirect fetch").
func (h *hop) follow(code int, location string) error {
	to, err := h.url.Parse(location)
	if err != nil {
		return fmt.Errorf("to the invalid URL %q", location)
	}
	if (code == 301 || code == 302) && h.method == http.MethodPost ||
		code == 303 && h.method != http.MethodGet && h.method != http.MethodHead {
		h.method, h.body = http.MethodGet, nil
		h.keepHeaders(func(name string) bool { return !describesBody(name) })
	}
	if !sameOrigin(h.url, to) {
		h.host = ""
		h.keepHeaders(isHarmless)
	}
	h.url = to
	return nil
}

func (h *hop) keepHeaders(keep func(name string) bool) {
	for name := range h.header {
		if !keep(name) {
			delete(h.header, name)
		}
	}
}

// StripRedirect takes from a redirected request of net/http what must not go with it: the
// Referer, which may hold a key, and once the requests before it have left the first one's
// origin, every header that isn't harmless. [Client] does the same by itself.
func StripRedirect(req *http.Request, via []*http.Request) {
	req.Header.Del("Referer")
	for _, before := range append(via[1:len(via):len(via)], req) {
		if !sameOrigin(via[0].URL, before.URL) {
			(&hop{header: req.Header}).keepHeaders(isHarmless)
			return
		}
	}
}

func isRedirect(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func describesBody(name string) bool {
	switch name {
	case "Content-Encoding", "Content-Language", "Content-Location", "Content-Type":
		return true
	}
	return false
}

// isHarmless says whether a header may go to another origin. A browser would first ask that
// origin whether it wants any other one (a CORS preflight); here nobody can ask, and a header
// of the caller's own making may well be a key.
func isHarmless(name string) bool {
	switch name {
	case "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Last-Event-Id", "Pragma", "User-Agent",
		"Connection", "Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version": // a handshake's random key opens nothing
		return true
	}
	return describesBody(name)
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
