package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"tickertape/backend/server"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// planted is what every secret in this test begins with.
var planted = regexp.MustCompile(`planted-?[a-z]*`)

// guarded is an outside server that wants a token, refuses everybody else, and
// proxies nothing.
func guarded(t *testing.T) string {
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer planted-bearer" || r.Method == http.MethodConnect || r.URL.IsAbs() {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "id: 1\ndata: {\"n\":1}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(outside.Close)
	t.Cleanup(outside.CloseClientConnections)
	return outside.URL
}

// secretive are feeds with a secret in each place that can have one. The first
// one is let in.
func secretive(outside string) []source.Feed {
	host := strings.TrimPrefix(outside, "http://")
	return []source.Feed{
		{Name: "Up", Kind: "sse", URL: outside + "/live", Auth: source.Auth{Type: "bearer", Secret: "planted-bearer"}},
		{Name: "Basic", Kind: "sse", URL: outside + "/basic", Auth: source.Auth{Type: "basic", User: "me", Secret: "planted-basic"}},
		{Name: "Header", Kind: "ndjson", URL: outside + "/header", Auth: source.Auth{Type: "header", Name: "X-Own", Secret: "planted-header"}, Headers: map[string]string{"Cookie": "planted-cookie", "X-Api-Key": "planted-key"}},
		{Name: "Query", Kind: "poll", URL: outside + "/query?token=planted-url", Auth: source.Auth{Type: "query", Name: "q", Secret: "planted-query"}},
		{Name: "User", Kind: "rss", URL: "http://me:planted-password@" + host + "/user"},
		{Name: "Proxy", Kind: "sse", URL: "http://127.0.0.1:1/", Connection: source.Connection{Proxy: "http://me:planted-proxy@" + host}},
		{Name: "Body", Kind: "poll", URL: outside + "/body", Body: "user=me&password=planted-body", Interval: source.Duration(source.MinPoll)},
		{Name: "Script", Kind: "websocket", URL: "ws://" + host + "/script?token={{secret}}", Auth: source.Auth{Secret: "planted-mark"}, Script: []source.Step{{Send: `{"key": "planted-script"}`}}},
		{Name: "Own", Kind: "sse", URL: outside + "/own?magic=planted-own", SecretNames: []string{"magic"}},
		{Name: "Nowhere", Kind: "sse", URL: "http://127.0.0.1:1/?api_key=planted-nowhere"},
	}
}

type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// call is one request at the window's door.
func call(t *testing.T, door server.Private, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, door.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(server.KeyHeader, door.Key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if strings.HasPrefix(path, "/event_stream") {
		some := make([]byte, 64<<10)
		n, _ := response.Body.Read(some)
		return string(some[:n])
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestASecretIsNowhereButWhereSecretsAreKept(t *testing.T) {
	dataDir, outside := t.TempDir(), guarded(t)
	feeds := secretive(outside)
	change(t, dataDir, func(next *settings.Settings) error {
		next.Feeds = nil // without the clock
		next.Network.Proxy, next.Network.Bypass = "http://me:planted-network@127.0.0.1:1", "localhost"
		for _, f := range feeds {
			if _, err := next.Add(settings.Feed{Share: true, Feed: f}); err != nil {
				return err
			}
		}
		return nil
	})
	var logged log
	e, err := New(t.Context(), Config{DataDir: dataDir, Listen: "127.0.0.1:0", Window: true, Version: "test", Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	if got := read(t, e, e.journal.Epoch()+"-0", 1); !strings.Contains(got[0].Data, `"n":1`) {
		t.Errorf("the secret doesn't open the door: %+v", got)
	}
	eachHasFailed(t, e)
	told := map[string]string{}
	for _, path := range []string{
		"/api/settings", "/api/settings/export", "/api/settings/versions", "/api/opml", "/feeds", "/events", "/healthz", "/export", "/metrics",
		"/api/diagnostics", "/api/log", "/poll", "/fields", "/event_stream?status=1&after=" + e.journal.Epoch() + "-0",
	} {
		told[path] = call(t, e.private, http.MethodGet, path, "")
	}
	told["sealed"] = call(t, e.private, http.MethodPost, "/api/settings/export", `{"passphrase": "right"}`)
	told["bad feed"] = call(t, e.private, http.MethodPost, "/api/feeds", `{"name": "Up", "url": "ftp://me:planted-bad@a.example/?token=planted-bad"}`)
	told["bad import"] = call(t, e.private, http.MethodPost, "/api/settings/import", `{"feeds": [{"name": "x", "url": "ftp://a/?token=planted-bad"}]}`)
	told["edit"] = call(t, e.private, http.MethodPut, "/api/feeds/up", `{"headers": {"Authorization": "planted-new"}, "name": "Up again"}`)
	told["removed"] = call(t, e.private, http.MethodDelete, "/api/feeds/script", "")
	for _, f := range feeds {
		told["probe "+f.Name] = call(t, e.private, http.MethodPost, "/api/probe", fmt.Sprintf(`{"input": %q}`, "curl -H 'X-Api-Key: planted-key' "+f.URL))
		told["log "+f.Name] = call(t, e.private, http.MethodGet, "/api/feeds/"+strings.ToLower(f.Name)+"/log", "")
	}
	for _, path := range []string{"feeds", "events", "poll", "metrics"} {
		told["front "+path] = call(t, server.Private{URL: e.Front().URL}, http.MethodGet, path, "")
	}
	told["crash"] = trace()
	grepFolder(t, dataDir) // while the journal's log (-wal) is there, too
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	told["log"] = logged.text.String()
	for where, text := range told {
		if found := planted.FindString(text); found != "" || text == "" && where != "removed" {
			t.Errorf("%s tells %q: %s", where, found, text)
		}
	}
	grepFolder(t, dataDir)
}

// trace is what a program that panics prints of all its goroutines.
func trace() string {
	text := make([]byte, 4<<20)
	return string(text[:runtime.Stack(text, true)])
}

// eachHasFailed waits until each feed but the first one has tried in vain.
func eachHasFailed(t *testing.T, e *Engine) {
	t.Helper()
	for waiting := true; waiting; {
		changed := e.feeds.Changed()
		waiting = false
		for _, health := range e.feeds.Health()[1:] {
			waiting = waiting || (health.State == source.Connecting)
		}
		if waiting {
			<-changed
		}
	}
}

func grepFolder(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if found := planted.Find(data); found != nil {
			t.Errorf("%s has %s", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
