//go:build linux

// Command feeds measures what many feeds cost, and what hostile ones do to others: it serves simulated feeds itself, on
// addresses of this computer only, and runs the real program on them. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tickertape/build/rig"
)

func main() {
	var o options
	flag.StringVar(&o.scene, "scene", "idle", "idle, busy or hostile")
	flag.IntVar(&o.feeds, "n", 200, "feeds (idle, busy)")
	flag.DurationVar(&o.settle, "settle", 20*time.Second, "how long the program runs before it is measured")
	flag.DurationVar(&o.lasts, "for", 60*time.Second, "how long it is measured")
	flag.StringVar(&o.bin, "bin", "", "a `program` that is already built (default: build one)")
	flag.BoolVar(&o.evil, "evil", false, "only serve the hostile feeds, until stdin ends (what the scene hostile starts)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := measure(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	scene         string
	evil          bool
	feeds         int
	settle, lasts time.Duration
	bin           string
}

func measure(ctx context.Context, o options) error {
	if o.evil {
		return serveEvil()
	}
	dir, err := os.MkdirTemp("", "feeds-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.bin == "" {
		o.bin = filepath.Join(dir, "tickertape")
		if _, err := rig.Run(ctx, rig.Command{Path: "go", Args: []string{"build", "-o", o.bin, "./backend/cmd/tickertape"}}); err != nil {
			return err
		}
	}
	switch o.scene {
	case "idle", "busy":
		return measureMany(ctx, o, dir)
	case "hostile":
		return measureHostile(ctx, o, dir)
	}
	return fmt.Errorf("there is no scene called %s", o.scene)
}

// measureMany runs many feeds of all kinds that have nothing to say but that they live, or an event every ten seconds.
func measureMany(ctx context.Context, o options, dir string) error {
	rate := 0.0
	if o.scene == "busy" {
		rate = 0.1
	}
	up, err := simulated(rate, 1, 40)
	if err != nil {
		return err
	}
	defer up.Close()
	p, err := start(ctx, o.bin, dir, up.mixed(o.feeds))
	if err != nil {
		return err
	}
	defer p.stop()
	if err := wait(ctx, o.settle); err != nil {
		return err
	}
	states, err := p.states(ctx)
	if err != nil {
		return err
	}
	used, err := p.watch(ctx, o.lasts)
	if err != nil {
		return err
	}
	fmt.Printf("%d feeds, %s, %v: %s\n", o.feeds, o.scene, o.lasts, used)
	fmt.Printf("states at the start of that: %v\n", states)
	return nil
}

// measureHostile runs two healthy feeds, alone and then beside the hostile ones.
func measureHostile(ctx context.Context, o options, dir string) error {
	healthy, err := simulated(healthyRate, 1, 2)
	if err != nil {
		return err
	}
	defer healthy.Close()
	evil, stop, err := besides(ctx)
	if err != nil {
		return err
	}
	defer stop()
	good, bad := healthy.healthy(), evil.hostile()
	for name, feeds := range map[string][]feed{"without": good, "with": append(good, bad...)} {
		if err := hostileRun(ctx, o, filepath.Join(dir, name), fmt.Sprintf("%s %d hostile feeds", name, len(bad)), feeds); err != nil {
			return err
		}
	}
	return nil
}

func hostileRun(ctx context.Context, o options, dir, name string, feeds []feed) error {
	p, err := start(ctx, o.bin, dir, feeds)
	if err != nil {
		return err
	}
	defer p.stop()
	listening := p.listen(ctx)
	used, err := p.watch(ctx, o.lasts)
	if err != nil {
		return err
	}
	fmt.Printf("two healthy feeds %s, %v: %s; %s\n", name, o.lasts, listening(), used)
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
