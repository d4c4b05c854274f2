//go:build linux

// Command journal measures the journal on a real disk: how many events it takes, how soon they are seen, and how fast a
// long history is opened, searched and read. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tickertape/build/rig"
)

type options struct {
	scenes string
	dir    string // for what is stored
	events int    // of the history
	rate   int    // offered events/s while they are stored; 0 for as many as it takes
	lasts  time.Duration
	bin    string
	ask    string // which questions: those whose names match
}

func main() {
	var o options
	flag.StringVar(&o.scenes, "scene", "ingest,visible,history", "scenes, separated by commas")
	flag.IntVar(&o.events, "n", 1_000_000, "events of the history")
	flag.IntVar(&o.rate, "rate", 0, "events/s that are offered while they are stored (default: as many as it takes)")
	flag.DurationVar(&o.lasts, "for", 20*time.Second, "how long events are stored, published, or a history is built")
	flag.StringVar(&o.dir, "dir", "", "`folder` for the journals, on a real disk; a history that is in it is used again (default: in the user's cache, removed at the end)")
	flag.StringVar(&o.bin, "bin", "", "a `program` that is already built (default: build one)")
	flag.StringVar(&o.ask, "ask", "", "which questions a history is asked, and whether it is replayed: a `regexp` of their names")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := measure(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, o options) error {
	if o.dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		if o.dir, err = os.MkdirTemp(cache, "journal-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	if o.bin == "" {
		o.bin = filepath.Join(o.dir, "tickertape")
		if _, err := rig.Run(ctx, rig.Command{Path: "go", Args: []string{"build", "-o", o.bin, "./backend/cmd/tickertape"}}); err != nil {
			return err
		}
	}
	scenes := map[string]func(context.Context, options) error{"ingest": ingest, "visible": visible, "build": build, "history": history}
	for name := range strings.SplitSeq(o.scenes, ",") {
		scene := scenes[name]
		if scene == nil {
			return fmt.Errorf("there is no scene called %s", name)
		}
		if err := scene(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
