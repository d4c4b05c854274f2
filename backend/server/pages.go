package server

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// viewerPolicy is the Content-Security-Policy of the viewer: its own files and
// its own server, nothing else.
const viewerPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed basic.html
var basicHTML string

// asset is GET /: the front end's files, as a viewer.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	if s.cfg.Assets == nil {
		if name != "index.html" {
			return errNoPage
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("The front end isn't built into this program. Build it: ./build/build\n" +
			"The stream works without: /event_stream, /feeds, /events, and the page at /basic.\n"))
		return nil
	}
	if info, err := fs.Stat(s.cfg.Assets, name); strings.Contains("/"+name, "/.") || err != nil || !info.Mode().IsRegular() {
		return errNoPage
	}
	data, err := fs.ReadFile(s.cfg.Assets, name)
	if err != nil {
		return fmt.Errorf("read the front end's %s: %w", name, err)
	}
	w.Header().Set("Content-Security-Policy", viewerPolicy)
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	_, _ = w.Write(data) // the client may have gone
	return nil
}

var errNoPage = problem(http.StatusNotFound, "There is nothing at this path: / is the viewer, /event_stream the stream, /events the history, /feeds the feeds.")

// basicPage is GET /basic: the demonstration's page.
func (s *Server) basicPage(w http.ResponseWriter, _ *http.Request) error {
	script := between(basicHTML, "<script>", "</script>")
	sum := sha256.Sum256([]byte(script))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'sha256-"+
		base64.StdEncoding.EncodeToString(sum[:])+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(basicHTML)) // the client may have gone
	return nil
}

func between(s, open, end string) string {
	_, s, _ = strings.Cut(s, open)
	s, _, _ = strings.Cut(s, end)
	return s
}
