package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/pprof"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"tickertape/backend/settings"
)

// operations are the private door's routes for whoever looks after the program.
// A CPU profile or a trace takes up to 15 s: ?seconds=15.
func (s *Server) operations() []route {
	profile := func(handle http.HandlerFunc) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			handle(w, r)
			return nil
		}
	}
	return []route{
		{"GET /api/diagnostics", s.diagnostics},
		{"GET /api/log", s.getLog},
		{"PUT /api/log", s.putLog},
		{"GET /debug/pprof/", profile(pprof.Index)},
		{"GET /debug/pprof/profile", profile(pprof.Profile)},
		{"GET /debug/pprof/symbol", profile(pprof.Symbol)},
		{"GET /debug/pprof/trace", profile(pprof.Trace)},
	}
}

// logView is the log as it is told, and as it is changed.
type logView struct {
	Level slog.Level `json:"level"` // DEBUG, INFO, WARN or ERROR, in any case
	Lines []string   `json:"lines,omitempty"`
}

var errNoLog = problem(http.StatusNotFound, "This Tickertape writes no log file.")

// getLog is GET /api/log: the level, and the last lines.
func (s *Server) getLog(w http.ResponseWriter, _ *http.Request) error {
	if s.cfg.Logs == nil {
		return errNoLog
	}
	view := logView{Level: s.cfg.Logs.Level(), Lines: s.cfg.Logs.Tail()}
	for i, line := range view.Lines {
		view.Lines[i] = s.redact(line)
	}
	return writeJSON(w, http.StatusOK, view)
}

// putLog is PUT /api/log: from now on, until the program ends.
func (s *Server) putLog(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Logs == nil {
		return errNoLog
	}
	var body struct {
		Level *slog.Level `json:"level"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.Level == nil {
		return problem(http.StatusBadRequest, "Give the level: debug, info, warn or error.")
	}
	s.cfg.Logs.SetLevel(*body.Level)
	s.cfg.Log.Info("the log's level was changed", "level", body.Level.String())
	return s.getLog(w, r)
}

// diagnostics is GET /api/diagnostics: what to send along with a report of a
// fault, as text, without secrets and without what feeds said.
func (s *Server) diagnostics(w http.ResponseWriter, _ *http.Request) error {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	current, revision := s.cfg.Settings.Current()
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("Tickertape %s, %s, %s/%s, %d CPUs", s.cfg.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	line("At %s, process %d: %d goroutines, %d MB of heap, %d MB from the system", time.Now().UTC().Format(time.RFC3339), os.Getpid(), runtime.NumGoroutine(), memory.HeapAlloc>>20, memory.Sys>>20)
	door := s.Front()
	line("Front door: %s %s %s", door.State, door.URL, door.Note)
	line("Readers: %d (WebSocket %d, polls %d); publishing: %d; tokens: %d; settings: revision %d %s", s.streams.Load(), s.sockets.Load(), s.polls.Load(), s.publishers.Load(), len(current.Tokens), revision, s.cfg.Settings.Notice())
	line("Journal: epoch %s, head %d", s.cfg.Journal.Epoch(), s.cfg.Journal.Head())
	if fault := s.cfg.Journal.Fault(); fault != nil {
		line("Journal's fault: %v", fault)
	}
	for status, n := range s.problems.all() {
		line("Answered %s: %d times", status, n)
	}
	for _, feed := range s.cfg.Feeds.Health() {
		counts, _ := json.Marshal(feed.Counts) // numbers always encode
		line("Feed %s (%s): %s since %s, attempt %d, %s %s", feed.ID, feed.Kind, feed.State, feed.Since.UTC().Format(time.RFC3339), feed.Attempt, counts, feed.Cause)
	}
	if s.cfg.Logs != nil {
		line("\nThe log's last lines:\n%s", strings.Join(s.cfg.Logs.Tail(), "\n"))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(s.redact(out.String()))) // the client may have gone
	return nil
}

// redact takes out of a text what no log should have in the first place: errors
// of libraries may quote a URL.
func (s *Server) redact(text string) string {
	current, _ := s.cfg.Settings.Current()
	const shown = "•••"
	var pairs []string
	hide := func(secret string) {
		if len(secret) >= 4 { // shorter ones are words of everything
			pairs = append(pairs, secret, shown, url.QueryEscape(secret), shown)
		}
	}
	hide(s.key)
	for _, secret := range current.Network.Secrets() {
		hide(secret)
	}
	for _, feed := range current.Feeds {
		for _, secret := range secretsOf(feed) {
			hide(secret)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// secretsOf are a feed's secrets, and those inside of its URL.
func secretsOf(feed settings.Feed) []string {
	secrets := slices.Collect(maps.Values(feed.Secrets()))
	address, err := url.Parse(feed.URL)
	if err != nil || !feed.UsesSecret() {
		return secrets
	}
	if password, ok := address.User.Password(); ok {
		secrets = append(secrets, password)
	}
	for _, values := range address.Query() { // which of them is the key nobody says
		for _, value := range values {
			if len(value) >= 6 {
				secrets = append(secrets, value)
			}
		}
	}
	return secrets
}
