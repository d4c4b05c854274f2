//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tickertape/backend/engine"
	"tickertape/backend/server"
	"tickertape/build/rig"
)

// serve runs the program as a window has it, with one feed, until stdin ends. It says first where its doors are.
func serve(ctx context.Context, dir string, rate int) error {
	document := fmt.Sprintf(`{"version": 1, "feeds": [{"id": "load", "name": "Load", "kind": "simulator", "scene": "burst", "rate": %d}]}`, rate)
	if err := os.WriteFile(filepath.Join(dir, engine.SettingsFile), []byte(document), 0o600); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	e, err := engine.New(ctx, engine.Config{DataDir: dir, Listen: "127.0.0.1:0", Window: true, Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(doors{e.Front().URL, e.Private()}); err != nil {
		return errors.Join(err, e.Close())
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return errors.Join(e.Run(ctx), e.Close())
}

// doors is where they are.
type doors struct {
	Front   string // with a slash at the end
	Private server.Private
}

// program is the one that is attacked, in a process of its own.
type program struct {
	doors
	child
}

func startProgram(dir string, rate int) (p *program, err error) {
	p = &program{}
	line, err := p.start(0, "-serve", dir, "-rate", strconv.Itoa(rate))
	if err == nil {
		err = json.Unmarshal([]byte(line), &p.doors)
	}
	return p, err
}

// child is this program in another role.
type child struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

// start returns the child's first line.
func (c *child) start(nice int, args ...string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	c.cmd = exec.Command("nice", append([]string{"-n", strconv.Itoa(nice), self}, args...)...)
	c.cmd.Stderr = os.Stderr
	in, inErr := c.cmd.StdinPipe()
	out, outErr := c.cmd.StdoutPipe()
	c.in, c.out = in, bufio.NewReader(out)
	if err := errors.Join(inErr, outErr, c.cmd.Start()); err != nil {
		return "", err
	}
	line, err := c.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// stop ends the child, and returns the rest of what it says.
func (c *child) stop() (string, error) {
	closeErr := c.in.Close()
	rest, readErr := io.ReadAll(c.out)
	return strings.TrimSpace(string(rest)), errors.Join(closeErr, readErr, c.cmd.Wait())
}

// held is what the program holds.
type held struct {
	goroutines, files, readers int
	resident                   rig.Memory
}

func (h held) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %d readers, %.0f MB", h.goroutines, h.files, h.readers, rig.MB(h.resident.All))
}

// holds asks at the window's door, and tells how long the answer took.
func (p *program) holds(ctx context.Context) (h held, took time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Private.URL+"/metrics", http.NoBody)
	if err != nil {
		return h, 0, err
	}
	request.Header.Set(server.KeyHeader, p.Private.Key)
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return h, 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	took = time.Since(began)
	if err == nil {
		h.resident, err = rig.MemoryOf(p.cmd.Process.Pid)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.ParseFloat(value, 64) // comments have none
		switch {
		case name == "go_goroutines":
			h.goroutines = int(n)
		case name == "process_open_fds":
			h.files = int(n)
		case strings.HasPrefix(name, "tickertape_readers"):
			h.readers += int(n)
		}
	}
	return h, took, err
}

// figures are of a while.
type figures struct {
	window delays
	most   held // of each the most
	end    held
	answer time.Duration // of the window's door, the slowest
	entry  time.Duration // until a new reader of the front door had an event, the slowest
	cores  float64
}

func (f figures) String() string {
	return fmt.Sprintf("the window's %s; its slowest request %.0f ms; a new reader has an event within %.0f ms; %.2f cores; at most %v; in the end %v",
		f.window, ms(f.answer), ms(f.entry), f.cores, f.most, f.end)
}

// watch measures for a while.
func (p *program) watch(ctx context.Context, w *window, d time.Duration) (f figures, err error) {
	w.take()
	began := time.Now()
	cpu, err := rig.CPU(p.cmd.Process.Pid)
	for err == nil && time.Since(began) < d {
		var answer, entry time.Duration
		if f.end, answer, err = p.holds(ctx); err != nil {
			break
		}
		if entry, err = p.enter(ctx); err != nil {
			break
		}
		f.answer, f.entry = max(f.answer, answer), max(f.entry, entry)
		f.most.goroutines, f.most.files = max(f.most.goroutines, f.end.goroutines), max(f.most.files, f.end.files)
		f.most.readers, f.most.resident.All = max(f.most.readers, f.end.readers), max(f.most.resident.All, f.end.resident.All)
		err = wait(ctx, 500*time.Millisecond)
	}
	used, cpuErr := rig.CPU(p.cmd.Process.Pid)
	f.cores, f.window = (used-cpu).Seconds()/time.Since(began).Seconds(), w.take()
	return f, errors.Join(err, cpuErr)
}

// enter is how long a new reader waits for its first event.
func (p *program) enter(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Front+"event_stream?last=1", http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "data:") {
			return time.Since(began), nil
		}
	}
	return 0, fmt.Errorf("a new reader got %s and no event", response.Status)
}

// recover waits until the program holds about what it held before, apart from memory, which Go keeps for a while.
func (p *program) recover(ctx context.Context, before held) error {
	const enough, patience = 10, 60 * time.Second
	for began := time.Now(); ; {
		now, _, err := p.holds(ctx)
		switch {
		case err != nil:
			return err
		case now.goroutines <= before.goroutines+enough && now.files <= before.files+enough+kept && now.readers <= before.readers:
			fmt.Printf("recovered within %.1f s: %v\n", time.Since(began).Seconds(), now)
			return nil
		case time.Since(began) > patience:
			return fmt.Errorf("it has not recovered: %v, before %v", now, before)
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// kept is how many files of closed connections SQLite may keep open, to use them again: two for each of eight.
const kept = 16
