//go:build linux

// Command startup measures what Tickertape costs over a blank Wails window: from launch to the first event on the
// screen against launch to DOM-ready, and the resident memory of both Go processes. All kinds of start take turns in
// one run on one screen, so that what else the machine does hits them alike. build/measure builds what it needs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tickertape/build/rig"
)

// subject is a program to start again and again.
type subject struct {
	name  string
	path  string
	args  []string
	ready string // what it prints to stderr at the moment that counts
	home  string // kept from start to start; a fresh one for each when empty
	data  bool   // takes --data, a folder in its home

	times      []time.Duration
	rss, anons []int // KiB
}

func main() {
	runs := flag.Int("n", 10, "starts of each kind")
	settle := flag.Duration("settle", 5*time.Second, "how long a window stands before its memory is read")
	bin := flag.String("bin", "build/bin", "folder of the programs tickertape and blank")
	flag.Parse()
	if err := measure(*bin, *runs, *settle); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(bin string, runs int, settle time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(runs+1)*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "startup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	screen, err := rig.OpenScreen(ctx, dir, 1280, 800)
	if err != nil {
		return err
	}
	defer screen.Close()

	tape := filepath.Join(bin, "tickertape")
	const first = "first_event_on_screen"
	blank := &subject{name: "blank window, DOM ready", path: filepath.Join(bin, "blank"), ready: "dom_ready"}
	fresh := &subject{name: "Tickertape, first event, first start", path: tape, ready: first, data: true}
	again := &subject{name: "Tickertape, first event, later start", path: tape, ready: first, data: true, home: filepath.Join(dir, "home")}
	subjects := []*subject{blank, fresh, again}

	// Round 0 warms the disk's cache and fills the kept home; it doesn't count.
	for round := range runs + 1 {
		for _, s := range subjects {
			home := s.home
			if home == "" {
				home = filepath.Join(dir, fmt.Sprintf("home-%d-%s", round, filepath.Base(s.path)))
			}
			if err := s.run(ctx, screen, home, settle, round > 0); err != nil {
				return err
			}
		}
	}
	report(subjects)
	return nil
}

// run starts the program once and ends it when it has been measured.
func (s *subject) run(ctx context.Context, screen *rig.Screen, home string, settle time.Duration, counts bool) error {
	env, err := screen.Env(home)
	if err != nil {
		return err
	}
	args := s.args
	if s.data {
		data, err := dataFolder(home)
		if err != nil {
			return err
		}
		args = append(slices.Clone(args), "--data", data)
	}
	began := time.Now()
	p, err := rig.Start(rig.Command{Path: s.path, Args: args, Env: append(env, "TICKERTAPE_MEASURE=1")})
	if err != nil {
		return err
	}
	defer p.Kill()
	if err := p.Stderr.WaitFor(ctx, s.ready, func(text string) bool { return strings.Contains(text, s.ready) }); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	took := time.Since(began)
	select {
	case <-time.After(settle):
	case <-p.Done():
		return fmt.Errorf("%s ended by itself: %w: %s", s.name, p.Err(), p.Stderr)
	}
	resident, err := rig.MemoryOf(p.PID())
	if err != nil {
		return err
	}
	if err := p.Stop(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if counts {
		s.times, s.rss, s.anons = append(s.times, took), append(s.rss, resident.All), append(s.anons, resident.Anon)
	}
	return nil
}

// dataFolder makes the data folder in a home, with a front door on a port of its own: 5000 may be taken, and looking
// for the next free one is not what is measured.
func dataFolder(home string) (string, error) {
	data := filepath.Join(home, "data")
	settings := filepath.Join(data, "settings.json")
	if _, err := os.Stat(settings); err == nil {
		return data, nil
	}
	port, err := rig.FreePort()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", err
	}
	return data, os.WriteFile(settings, fmt.Appendf(nil, `{"version":1,"front":{"enabled":true,"address":"127.0.0.1","port":%d}}`, port), 0o600)
}

func report(subjects []*subject) {
	base := subjects[0]
	fmt.Printf("%-38s %17s %9s %9s %17s   (medians of %d; time: min..max)\n", "", "time", "VmRSS", "RssAnon", "above blank", len(base.times))
	for _, s := range subjects {
		t := median(s.times)
		fmt.Printf("%-38s %5d ms %4d..%-4d %5.1f MB %5.1f MB", s.name, t.Milliseconds(), slices.Min(s.times).Milliseconds(), slices.Max(s.times).Milliseconds(), rig.MB(median(s.rss)), rig.MB(median(s.anons)))
		if s != base {
			fmt.Printf("   %+d ms, %+.1f MB", (t - median(base.times)).Milliseconds(), rig.MB(median(s.rss)-median(base.rss)))
		}
		fmt.Println()
	}
}

func median[T time.Duration | int](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
