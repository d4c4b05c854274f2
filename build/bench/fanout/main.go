//go:build linux

// Command fanout measures Tickertape's server beside other servers of server-sent events, in turns, on this computer.
// From its folder: go run . -runs 3 -out runs.jsonl (everything), go run . -scen sat,r100 -peers go-sse,nchan (some of
// it), go run . -summary runs.jsonl (the tables again). README.md says what is measured and how.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	loadCommand = "load" // this program as the load process
	runLimit    = 100 * time.Second
	quietLimit  = time.Minute // what -quiet waits for at most
	quietCores  = 0.2         // what other programs may use
	reruns      = 2           // of a disturbed run
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == loadCommand {
		exit(generate(os.Stdin, os.Stdout))
	}
	b := &bench{}
	scen := flag.String("scen", "all", "scenarios, separated by commas")
	peers := flag.String("peers", "all", "servers beside Tickertape, separated by commas; none for Tickertape alone")
	flag.IntVar(&b.runs, "runs", 3, "runs of each scenario and server; the tables show their medians")
	flag.DurationVar(&b.duration, "dur", 4*time.Second, "measured time of a run, where the scenario doesn't say")
	flag.BoolVar(&b.quiet, "quiet", false, "before each run wait until other programs use less than 0.2 cores; repeat what they disturbed")
	flag.StringVar(&b.tickertape, "tickertape", "", "a ready `program` to measure (default: built from this tree)")
	flag.StringVar(&b.repo, "repo", "../../..", "this tree's root")
	flag.StringVar(&b.dir, "dir", "", "folder for the servers' data, on a real disk (default: in the user's cache)")
	flag.StringVar(&b.out, "out", "", "`file` to add the raw results to, a JSON line each")
	summary := flag.Bool("summary", false, "only print the tables of raw files, which are the arguments")
	flag.Parse()
	if *summary {
		exit(summarise(os.Stdout, flag.Args()))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	exit(b.measure(ctx, *scen, *peers))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench is one measurement: scenarios, each with some runs of all servers in turns.
type bench struct {
	runs                       int
	duration                   time.Duration
	quiet                      bool
	tickertape, repo, dir, out string
	self, bin, cache, machine  string
	servers                    []*server
	results                    []result
}

func (b *bench) measure(ctx context.Context, scen, peers string) error {
	chosen, err := choose(scen)
	if err != nil {
		return err
	}
	if err := b.folders(); err != nil {
		return err
	}
	defer os.RemoveAll(b.bin)
	if err := b.prepare(ctx, peers); err != nil {
		return err
	}
	// What was measured before an interruption is worth its table.
	return errors.Join(b.all(ctx, chosen), tables(os.Stdout, b.results))
}

// all runs the scenarios one after the other, and the servers within a scenario in turns.
func (b *bench) all(ctx context.Context, chosen []scenario) error {
	for _, s := range chosen {
		if s.Seconds == 0 {
			s.Seconds = b.duration.Seconds()
		}
		// A process of the server and one of the load generator hold a file a reader, and some more.
		s.Readers = min(s.Readers, openFiles()-200)
		for run := range b.runs {
			for _, server := range b.servers {
				if err := b.add(ctx, s, server, run+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *bench) folders() (err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	b.cache = filepath.Join(cache, "tickertape", "bench")
	if b.dir == "" {
		b.dir = filepath.Join(b.cache, "data")
	}
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(b.cache, 0o700), os.MkdirAll(b.dir, 0o700)); err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	b.machine = fmt.Sprintf("%d cores, %s, %s, data on %s", runtime.NumCPU(), kernel(), runtime.Version(), filesystem(b.dir))
	b.bin, err = os.MkdirTemp(b.cache, "bin-")
	return err
}

// prepare builds or finds the programs of the chosen servers. A peer that can't be had is left out.
func (b *bench) prepare(ctx context.Context, peers string) error {
	names := strings.Split(peers, ",")
	for _, name := range names {
		known := slices.ContainsFunc(servers, func(s *server) bool { return s.name == name })
		if !known && name != "all" && name != "none" {
			return fmt.Errorf("there is no server %q", name)
		}
	}
	for _, s := range servers {
		if s.name != ours && peers != "all" && !slices.Contains(names, s.name) {
			continue
		}
		if err := s.prepare(ctx, b, s); err != nil {
			if s.name == ours || ctx.Err() != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(os.Stderr, "%s is left out: %v\n", s.name, err)
			continue
		}
		b.servers = append(b.servers, s)
	}
	return nil
}

// add runs a scenario once on a server, and again while other programs disturb it.
func (b *bench) add(ctx context.Context, s scenario, on *server, run int) error {
	if s.ours && on.name != ours {
		return nil
	}
	for attempt := range reruns + 1 {
		if b.quiet {
			waitForQuiet(ctx)
		}
		r := result{Readers: s.Readers}
		if why, lacks := on.lacks[s.Drive]; lacks {
			r.Problem = why
		} else if got, err := b.once(ctx, s, on); err != nil {
			r.Problem = err.Error()
		} else {
			r = got
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Scenario, r.Server, r.Run, r.Machine = s.Name, on.label(), run, b.machine
		r.Disturbed = b.quiet && r.Foreign > quietCores
		if err := b.keep(r); err != nil {
			return err
		}
		if !r.Disturbed || attempt == reruns {
			return nil
		}
	}
	return nil
}

// once starts the server and the load process, and returns what that measured.
func (b *bench) once(ctx context.Context, s scenario, on *server) (r result, err error) {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	dir, err := os.MkdirTemp(b.dir, on.name+"-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	process, target, err := on.start(ctx, on, dir, s.query)
	if process != nil {
		defer process.stop()
	}
	if err != nil {
		return r, err
	}
	target.PIDs = process.pids()
	todo, err := json.Marshal(plan{Target: target, Scenario: s, Parent: os.Getpid()})
	if err != nil {
		return r, err
	}
	load := exec.CommandContext(ctx, b.self, loadCommand)
	load.Stdin = bytes.NewReader(todo)
	load.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := load.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		err = errors.New(strings.TrimSpace(string(failed.Stderr))) // a sentence of its own
	}
	if err != nil {
		return r, err
	}
	err = json.Unmarshal(out, &r)
	return r, err
}

// keep shows a result and adds it to the raw file.
func (b *bench) keep(r result) error {
	b.results = append(b.results, r)
	fmt.Fprintln(os.Stderr, r)
	if b.out == "" {
		return nil
	}
	file, err := os.OpenFile(b.out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(file).Encode(r), file.Close())
}

// waitForQuiet returns when other programs have used little for a second, or after a minute all the same.
func waitForQuiet(ctx context.Context) {
	for end := time.Now().Add(quietLimit); time.Now().Before(end); {
		before := machineCPU()
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
		if machineCPU()-before < quietCores {
			return
		}
	}
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "Linux"
	}
	return "Linux " + strings.TrimSpace(string(release))
}
