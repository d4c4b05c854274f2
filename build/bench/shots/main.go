//go:build linux

// Command shots takes pictures of Tickertape's real window, with a few lively feeds in it: Tape, Tape with an event
// chosen, and Settings, light and dark, in two sizes. build/shots builds what it needs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"tickertape/build/rig"
)

var sizes = []struct{ width, height int }{{1280, 800}, {900, 600}}

func main() {
	app := flag.String("app", "build/bin/tickertape-e2e", "the program, built with the tag devtools")
	out := flag.String("out", ".", "folder for the pictures")
	flag.Parse()
	if err := shoot(*app, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func shoot(app, out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	home, err := os.MkdirTemp("", "shots-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	server := httptest.NewServer(outsideFeeds())
	defer server.Close()
	screen, err := rig.OpenScreen(ctx, home, sizes[0].width, sizes[0].height)
	if err != nil {
		return err
	}
	defer screen.Close()
	for _, theme := range []string{"light", "dark"} {
		s := session{screen: screen, app: app, home: home, feeds: server.URL, theme: theme, out: out}
		if err := s.shoot(ctx); err != nil {
			return fmt.Errorf("%s: %w", theme, err)
		}
	}
	return nil
}

// session is one start of the program, in one theme. The history stays from one to the next.
type session struct {
	screen                       *rig.Screen
	app, home, feeds, theme, out string
}

func (s session) shoot(ctx context.Context) error {
	data, err := s.settings()
	if err != nil {
		return err
	}
	w, err := s.screen.OpenWindow(ctx, s.home, rig.Command{Path: s.app, Args: []string{"--data", data}})
	if err != nil {
		return err
	}
	defer w.Kill()
	// The window opens where it was left: in the second session, in Settings.
	if err := w.Click(ctx, `[data-testid="tab-tape"]`); err != nil {
		return err
	}
	enough := rig.All(`[data-testid="tape-row"]`) + `.length >= 16`
	if err := w.WaitFor(ctx, "some events", enough); err != nil {
		return err
	}
	for _, size := range sizes {
		if err := w.Resize(ctx, size.width, size.height); err != nil {
			return err
		}
		picture := func(view string) error {
			return s.picture(ctx, w, fmt.Sprintf("%s-%s-%dx%d.png", view, s.theme, size.width, size.height))
		}
		steps := []func() error{
			func() error { return w.Click(ctx, `[data-testid="tab-tape"]`) },
			func() error { return picture("tape") },
			func() error { return chooseTrade(ctx, w) },
			func() error { return picture("event") },
			func() error { return w.Press(ctx, "Escape") },
			func() error { return w.Click(ctx, `[data-testid="tab-settings"]`) },
			func() error {
				return w.WaitFor(ctx, "Settings", `document.querySelector('[data-testid="add-feed-url"]')`)
			},
			func() error { return picture("settings") },
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
	}
	return w.Stop()
}

// chooseTrade clicks the newest event of the market that is in view, as a person would.
func chooseTrade(ctx context.Context, w *rig.Window) error {
	mark := `(() => {
		` + rig.All(`[data-chosen]`) + `.forEach((e) => delete e.dataset.chosen);
		const rows = ` + rig.All(`[data-testid="tape-row"][data-feed="exchange"]`) + `;
		const visible = rows.filter((e) => e.getBoundingClientRect().bottom < e.ownerDocument.defaultView.innerHeight - 40);
		if (visible.length) visible[visible.length - 1].dataset.chosen = '';
		return visible.length > 0;
	})()`
	if err := w.WaitFor(ctx, "a trade in the tape", mark); err != nil {
		return err
	}
	if err := w.Click(ctx, `[data-chosen]`); err != nil {
		return err
	}
	return w.WaitFor(ctx, "the inspector", `document.querySelector('[data-testid="inspector"]')`)
}

// picture waits for two frames, so that what was asked for has been painted, and saves the page.
func (s session) picture(ctx context.Context, w *rig.Window, name string) error {
	if err := w.Eval(ctx, `void (window.painted = false, requestAnimationFrame(() => requestAnimationFrame(() => (window.painted = true))))`, nil); err != nil {
		return err
	}
	if err := w.WaitFor(ctx, "a frame", `window.painted`); err != nil {
		return err
	}
	return w.Picture(ctx, filepath.Join(s.out, name))
}

// settings writes the settings file of the session and returns the data folder.
func (s session) settings() (string, error) {
	type object = map[string]any
	data := filepath.Join(s.home, "data")
	port, err := rig.FreePort()
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(object{
		"version": 1, "front": object{"enabled": true, "address": "127.0.0.1", "port": port}, "appearance": object{"theme": s.theme, "density": "comfortable"},
		"feeds": []object{
			{"id": "clock", "name": "Clock", "kind": "clock", "interval": "2s", "color": 1},
			{"id": "exchange", "name": "Exchange", "kind": "sse", "url": s.feeds + "/exchange", "color": 4},
			{"id": "builds", "name": "Builds", "kind": "sse", "url": s.feeds + "/builds", "color": 7},
			{"id": "greenhouse", "name": "Greenhouse", "kind": "sse", "url": s.feeds + "/greenhouse", "color": 10},
			{"id": "harbour", "name": "Harbour tides", "kind": "sse", "url": s.feeds + "/gone", "color": 2},
		},
	})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", err
	}
	return data, os.WriteFile(filepath.Join(data, "settings.json"), text, 0o600)
}
