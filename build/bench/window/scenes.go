//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tickertape/build/rig"
)

// finding types a query over a long history, and waits for its rows.
func (p plan) finding(ctx context.Context, screen *rig.Screen, home string, table *report) error {
	d, err := newDesk(home, "")
	if err != nil {
		return err
	}
	if err := d.seed(ctx, p.bin, p.stored); err != nil {
		return err
	}
	w, err := d.open(ctx, screen, p.bin)
	if err != nil {
		return err
	}
	defer w.Kill()
	const field = `[data-testid="query"]`
	for _, query := range []string{"feed:news timeout", "feed:ticks key:SYM7", "feed:news \"queue worker\""} {
		if err := w.Click(ctx, field); err != nil {
			return err
		}
		if err := w.Press(ctx, "ctrl+a"); err != nil {
			return err
		}
		typing, err := during(ctx, w, "typing "+query, "", func() error { return w.Type(ctx, query) })
		if err != nil {
			return err
		}
		table.add(typing)
		feed := "news"
		if query[5] == 't' {
			feed = "ticks"
		}
		answer, err := during(ctx, w, "its rows in "+fmt.Sprint(p.stored), rowsOnlyOf(feed), func() error {
			if err := w.Press(ctx, "Return"); err != nil {
				return err
			}
			waiting, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			if err := w.WaitFor(waiting, "the rows of "+query, "bench.answered"); err != nil {
				return fmt.Errorf("%w (%s)", err, seen(ctx, w))
			}
			return nil
		})
		if err != nil {
			return err
		}
		var ms float64
		if err := w.Eval(ctx, "bench.answered", &ms); err != nil {
			return err
		}
		table.add(answer)
		table.note("first rows of %s among %d events: %.0f ms after Enter", query, p.stored, ms)
		if err := w.Press(ctx, "Escape"); err != nil {
			return err
		}
	}
	return w.Stop()
}

// seen says what the page shows instead of an answer.
func seen(ctx context.Context, w *rig.Window) (text string) {
	err := w.Eval(ctx, `JSON.stringify({ query: document.querySelector('[data-testid="query"]').value, entered: bench.entered,
		rows: `+rows+`.map((row) => row.dataset.feed).join(' ') })`, &text)
	if err != nil {
		return err.Error()
	}
	return text
}

// rowsOnlyOf notes how long after Enter the view shows rows, and of that feed alone.
func rowsOnlyOf(feed string) string {
	return fmt.Sprintf(`(() => {
		window.bench.answered = window.bench.entered = undefined;
		// Not the first key: the last of those that were typed may still come.
		addEventListener('keydown', (event) => { if (event.key === 'Enter') bench.entered ??= performance.now(); }, { capture: true });
		bench.each = (b) => {
			if (b.entered === undefined || b.answered) return;
			const rows = %s;
			if (rows.length > 3 && rows.every((row) => row.dataset.feed === '%s')) b.answered = performance.now() - b.entered;
		};
	})()`, rows, feed)
}

var rows = rig.All(`[data-testid="tape-row"]`)

// documented opens one event of 5 MB of JSON.
func (p plan) documented(ctx context.Context, screen *rig.Screen, home string, table *report) error {
	d, err := newDesk(home, "")
	if err != nil {
		return err
	}
	if err := d.seedWith(ctx, p.bin, document(5_000_000)); err != nil {
		return err
	}
	w, err := d.open(ctx, screen, p.bin)
	if err != nil {
		return err
	}
	defer w.Kill()
	if err := w.WaitFor(ctx, "the row", rows+"[0]"); err != nil {
		return err
	}
	for _, step := range []struct{ name, click, shown string }{
		{"opening an event of 5 MB", "tape-row", "inspector"},
		{"opening its tree", "inspect-data", "json-tree"},
	} {
		r, err := during(ctx, w, step.name, "", func() error {
			if err := w.Click(ctx, `[data-testid="`+step.click+`"]`); err != nil {
				return err
			}
			if err := w.WaitFor(ctx, step.shown, `document.querySelector('[data-testid="`+step.shown+`"]')`); err != nil {
				return err
			}
			return pause(ctx, 2*time.Second) // what comes after the first picture stalls as well
		})
		if err != nil {
			return err
		}
		table.add(r)
	}
	return w.Stop()
}

// document is a line of history: an event with that many bytes of JSON.
func document(size int) []byte {
	var data bytes.Buffer
	data.WriteString(`{"items":[`)
	for i := 0; data.Len() < size; i++ {
		if i > 0 {
			data.WriteByte(',')
		}
		fmt.Fprintf(&data, `{"id":%d,"name":"node-%d","tags":["a","b","c"],"load":{"cpu":0.%d,"disk":%d},"note":"an ordinary value of an ordinary length"}`, i, i%97, i%100, i*31)
	}
	data.WriteString(`]}`)
	line, _ := json.Marshal(map[string]any{ // valid JSON by construction
		"id": "seed-1", "seq": 1, "feed": "large", "type": "message", "receivedAt": time.Now().Add(-time.Minute).Format(time.RFC3339Nano),
		"title": "A large document", "data": json.RawMessage(data.Bytes()),
	})
	return append(line, '\n')
}

// seedWith puts these lines of history on the tape.
func (d desk) seedWith(ctx context.Context, bin string, lines []byte) error {
	path := filepath.Join(d.home, "seed.ndjson")
	if err := os.WriteFile(path, lines, 0o600); err != nil {
		return err
	}
	_, err := rig.Run(ctx, rig.Command{Path: filepath.Join(bin, "tickertape-cli"), Args: []string{"import", path, "--data", d.data}})
	return err
}
