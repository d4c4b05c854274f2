//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tickertape/backend/engine"
)

// The window's page in a browser; what it must do is said in frontend/e2e/find.test.mjs.
func TestFindingInTheWindowsPage(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, engine.SettingsFile), []byte(`{"version": 1, "feeds": [
		{"id": "clock", "name": "Clock", "kind": "clock", "interval": "500ms"},
		{"id": "ticker", "name": "Ticker", "kind": "simulator", "scene": "ticker", "rate": 5, "group": "Markets"},
		{"id": "log", "name": "System log", "kind": "simulator", "scene": "burst", "rate": 5},
		{"id": "dead", "name": "Nothing there", "kind": "sse", "url": "http://127.0.0.1:9/"}]}`), 0o600))
	inWindowsPage(t, dir, "find.test.mjs")
}

// page is the whole program with its window's door open, and the window's page
// served to a browser: what only the window may do, without a window. The
// browser must take it for a window on Windows, at http://wails.localhost.
type page struct {
	listener string // where the page is, as host:port
	url, key string
	front    string // the front door's URL

	server *http.Server
	cancel context.CancelFunc
	ended  chan error
}

// openPage runs the program on a data folder, with this built front end.
func openPage(ctx context.Context, dataDir string, assets fs.FS) (*page, error) {
	e, err := engine.New(ctx, engine.Config{
		DataDir: dataDir, Listen: "127.0.0.1:0", Window: true, Assets: assets, Version: "test", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve the page: %w", err), e.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(assets))
	mux.HandleFunc("POST /choose", choose(e))
	ctx, cancel := context.WithCancel(ctx)
	p := &page{
		listener: listener.Addr().String(), url: e.Private().URL, key: e.Private().Key,
		front:  e.Front().URL,
		server: &http.Server{Handler: mux, ReadHeaderTimeout: time.Second},
		cancel: cancel, ended: make(chan error, 2),
	}
	go func() { p.ended <- errors.Join(e.Run(ctx), e.Close()) }()
	go func() {
		err := p.server.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		p.ended <- err
	}()
	return p, nil
}

// close ends the program and waits for it.
func (p *page) close() error {
	p.cancel()
	err := p.server.Close()
	return errors.Join(err, <-p.ended, <-p.ended)
}
