//go:build linux

// Command window measures how Tickertape's real window bears a long tape, a flood and a burst, beside a blank Wails
// window in the same run. ./build/measure window builds what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tickertape/build/rig"
)

// plan is what to do, and how much of it.
type plan struct {
	bin   string
	seed  int
	rate  int
	flood time.Duration
	burst int
	look  time.Duration
	// scenes to measure, and how many events are stored for that of queries.
	scenes string
	stored int
	// heap says whether the garbage collections of the flood are told.
	heap bool
}

func main() {
	var p plan
	flag.StringVar(&p.bin, "bin", "build/bin", "folder of the programs tickertape-e2e, tickertape-cli and blank-e2e")
	flag.IntVar(&p.seed, "seed", 200_000, "events on the tape before scrolling")
	flag.IntVar(&p.rate, "rate", 5_000, "events a second of the flood")
	flag.DurationVar(&p.flood, "flood", time.Minute, "how long the flood lasts")
	flag.IntVar(&p.burst, "burst", 50_000, "events that come at once")
	flag.DurationVar(&p.look, "look", 8*time.Second, "how long each kind of scrolling, and the blank page, is watched")
	flag.StringVar(&p.scenes, "scenes", "long,flood,burst,query,document", "what to measure, each beside a blank page of the same run")
	flag.IntVar(&p.stored, "stored", 1_000_000, "events in the history that is searched")
	flag.BoolVar(&p.heap, "heap", false, "tell the garbage collections of the flood")
	flag.Parse()
	if err := p.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (p plan) run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute+p.flood)
	defer cancel()
	dir, err := os.MkdirTemp("", "window-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	screen, err := rig.OpenScreen(ctx, dir, 1280, 800)
	if err != nil {
		return err
	}
	defer screen.Close()
	blank, err := p.blank(ctx, screen, filepath.Join(dir, "blank"))
	if err != nil {
		return fmt.Errorf("the blank window: %w", err)
	}
	table := report{blank: blank}
	var failed []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *rig.Screen, string, *report) error
	}{{"long", p.long}, {"flood", p.flooded}, {"burst", p.bursting}, {"query", p.finding}, {"document", p.documented}} {
		if !slices.Contains(strings.Split(p.scenes, ","), part.name) {
			continue
		}
		// A scene that waits in vain says for what, and the others are measured all the same.
		if err := within(ctx, 2*time.Minute+p.flood, func(ctx context.Context) error {
			return part.run(ctx, screen, filepath.Join(dir, part.name), &table)
		}); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", part.name, err))
		}
	}
	table.print()
	return errors.Join(failed...)
}

func within(ctx context.Context, limit time.Duration, scene func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return scene(ctx)
}

func (p plan) blank(ctx context.Context, screen *rig.Screen, home string) (result, error) {
	w, err := screen.OpenWindow(ctx, home, rig.Command{Path: filepath.Join(p.bin, "blank-e2e")})
	if err != nil {
		return result{}, err
	}
	defer w.Kill()
	return watch(ctx, w, "blank page", p.look, "")
}

// long scrolls and pages through a tape that was loaded to its beginning.
func (p plan) long(ctx context.Context, screen *rig.Screen, home string, table *report) error {
	d, err := newDesk(home, "")
	if err != nil {
		return err
	}
	if err := d.seed(ctx, p.bin, p.seed); err != nil {
		return err
	}
	w, err := d.open(ctx, screen, p.bin)
	if err != nil {
		return err
	}
	defer w.Kill()
	began := time.Now()
	if err := start(ctx, w, loadAll(p.seed)); err != nil {
		return err
	}
	err = w.WaitFor(ctx, "the whole tape", "window.bench.loaded >= "+fmt.Sprint(p.seed))
	if err != nil {
		return err
	}
	table.note("%d events loaded by scrolling up in %.1f s", p.seed, time.Since(began).Seconds())
	for _, way := range []struct{ name, js string }{
		{"scrolling 6,000 px/s", scrolling(100)}, {"scrolling 24,000 px/s", scrolling(400)}, {"paging", paging}, {"jumping about", jumping},
	} {
		r, err := watch(ctx, w, fmt.Sprintf("%s in %d events", way.name, p.seed), p.look, way.js)
		if err != nil {
			return err
		}
		table.add(r)
	}
	return w.Stop()
}

// flooded follows a feed of thousands of events a second.
func (p plan) flooded(ctx context.Context, screen *rig.Screen, home string, table *report) error {
	up := newUpstream()
	defer up.close()
	d, err := newDesk(home, up.url())
	if err != nil {
		return err
	}
	w, err := d.open(ctx, screen, p.bin)
	if err != nil {
		return err
	}
	defer w.Kill()
	if err := w.WaitFor(ctx, "the feed", `document.querySelector('[data-testid="feed-item"][data-feed="flood"][data-state="live"]')`); err != nil {
		return err
	}
	before, err := end(ctx, w)
	if err != nil {
		return err
	}
	var collected heap
	if p.heap {
		if err := collected.listen(ctx, w); err != nil {
			return err
		}
	}
	up.flow(p.rate)
	r, err := watch(ctx, w, fmt.Sprintf("%d events/s for %v", p.rate, p.flood), p.flood, latencies)
	if err != nil {
		return err
	}
	sent := up.stop()
	if p.heap {
		table.note("%s", collected.String())
	}
	r.counted, err = counted(ctx, w, before, sent)
	table.add(r)
	if err != nil {
		return err
	}
	return w.Stop()
}

// bursting follows a feed that says everything at once.
func (p plan) bursting(ctx context.Context, screen *rig.Screen, home string, table *report) error {
	up := newUpstream()
	defer up.close()
	d, err := newDesk(home, up.url())
	if err != nil {
		return err
	}
	w, err := d.open(ctx, screen, p.bin)
	if err != nil {
		return err
	}
	defer w.Kill()
	if err := w.WaitFor(ctx, "the feed", `document.querySelector('[data-testid="feed-item"][data-feed="flood"][data-state="live"]')`); err != nil {
		return err
	}
	before, err := end(ctx, w)
	if err != nil {
		return err
	}
	began := time.Now()
	up.burst(p.burst)
	r, err := watch(ctx, w, fmt.Sprintf("a burst of %d", p.burst), 6*time.Second, settling)
	if err != nil {
		return err
	}
	r.counted, err = counted(ctx, w, before, p.burst)
	table.add(r)
	table.note("the burst was accounted for %.1f s after it began (asked after 6 s at the soonest)", time.Since(began).Seconds())
	if err != nil {
		return err
	}
	return w.Stop()
}
