//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tickertape/build/rig"
)

// desk is a home and a data folder for one start of the window.
type desk struct{ home, data string }

// newDesk makes them. With a URL there is a feed of it; the clock is off.
func newDesk(home, url string) (desk, error) {
	d := desk{home, filepath.Join(home, "data")}
	port, err := rig.FreePort()
	if err != nil {
		return d, err
	}
	feeds := []map[string]any{{"id": "clock", "name": "Clock", "kind": "clock", "interval": "2s", "color": 1, "paused": true}}
	if url != "" {
		feeds = append(feeds, map[string]any{"id": "flood", "name": "Flood", "kind": "sse", "url": url, "color": 4})
	}
	text, err := json.Marshal(map[string]any{
		"version": 1, "front": map[string]any{"enabled": true, "address": "127.0.0.1", "port": port}, "feeds": feeds,
	})
	if err != nil {
		return d, err
	}
	if err := os.MkdirAll(d.data, 0o700); err != nil {
		return d, err
	}
	return d, os.WriteFile(filepath.Join(d.data, "settings.json"), text, 0o600)
}

// open starts the window and waits until its page shows a tape, in the document that it has for itself.
func (d desk) open(ctx context.Context, screen *rig.Screen, bin string) (*rig.Window, error) {
	w, err := screen.OpenWindow(ctx, d.home, rig.Command{Path: filepath.Join(bin, "tickertape-e2e"), Args: []string{"--data", d.data}})
	if err != nil {
		return nil, err
	}
	shown := `document.querySelector('[data-testid="stream-state"][data-state="open"]') && ` + list + `.ownerDocument !== document`
	if err := w.WaitFor(ctx, "the tape", shown); err != nil {
		w.Kill()
		return nil, err
	}
	return w, nil
}

// seed puts events on the tape by importing them.
func (d desk) seed(ctx context.Context, bin string, n int) error {
	path := filepath.Join(d.home, "seed.ndjson")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	dice := rand.New(rand.NewPCG(1, 2))
	began := time.Now().Add(-time.Duration(n) * 20 * time.Millisecond)
	for i := range n {
		if err := json.NewEncoder(out).Encode(seeded(dice, i, began)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	_, err = rig.Run(ctx, rig.Command{Path: filepath.Join(bin, "tickertape-cli"), Args: []string{"import", path, "--data", d.data}})
	return err
}

// seeded is event i of the history: news, ticks and log lines in turns, so that rows have several heights.
func seeded(dice *rand.Rand, i int, began time.Time) map[string]any {
	at := began.Add(time.Duration(i) * 20 * time.Millisecond).Format(time.RFC3339Nano)
	e := map[string]any{"id": fmt.Sprintf("seed-%d", i+1), "seq": i + 1, "type": "message", "sourceId": fmt.Sprint(i), "receivedAt": at}
	switch i % 4 {
	case 0:
		e["feed"], e["title"], e["text"] = "news", fmt.Sprintf("Headline number %d of a long day", i), words(dice, 30)
		e["data"] = map[string]any{"title": e["title"], "summary": e["text"]}
	case 1:
		e["feed"], e["key"], e["value"] = "ticks", fmt.Sprintf("SYM%d", dice.IntN(40)), float64(dice.IntN(100000))/100
		e["data"] = map[string]any{"symbol": e["key"], "price": e["value"]}
	default:
		e["feed"], e["text"], e["severity"] = "logs", words(dice, 12), "info"
		e["data"] = map[string]any{"message": e["text"], "host": fmt.Sprintf("node-%02d", dice.IntN(12)), "ms": dice.IntN(900)}
	}
	return e
}

var vocabulary = []string{"connection", "closed", "retrying", "upstream", "request", "served", "cache", "miss", "after", "timeout", "the", "queue", "worker", "finished", "slow", "index"}

func words(dice *rand.Rand, n int) string {
	text := make([]string, n)
	for i := range text {
		text[i] = vocabulary[dice.IntN(len(vocabulary))]
	}
	return strings.Join(text, " ")
}
