//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit = 10 * time.Second
	stopGrace  = 5 * time.Second
)

// process is a server that runs.
type process struct {
	cmd    *exec.Cmd
	stop   func() // and wait until it is gone
	stdout io.Reader
	log    string // file with what it wrote to stderr
}

// start starts a program. It is told to end when ctx ends, or with this process, and killed when it doesn't.
func start(ctx context.Context, dir, program string, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopGrace
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	p := &process{cmd: cmd, log: filepath.Join(dir, "stderr.log")}
	p.stop = func() {
		cancel()
		_ = cmd.Wait() // it was told to end: how is of no interest
	}
	log, err := os.Create(p.log)
	if err != nil {
		cancel()
		return nil, err
	}
	defer log.Close() // the program has its own
	cmd.Stderr = log
	if p.stdout, err = cmd.StdoutPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", filepath.Base(program), err)
	}
	return p, nil
}

// listening starts a program whose first line says "listening on http://ADDRESS/".
func listening(ctx context.Context, dir, program string, args ...string) (*process, string, error) {
	p, err := start(ctx, dir, program, args...)
	if err != nil {
		return nil, "", err
	}
	overdue := time.AfterFunc(startLimit, func() { _ = p.cmd.Process.Kill() })
	defer overdue.Stop()
	out := bufio.NewReader(p.stdout)
	line, err := out.ReadString('\n')
	where, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	u, urlErr := url.Parse(where)
	if err != nil || !found || urlErr != nil {
		err := p.failed(fmt.Sprintf("it said %q rather than where it listens", line))
		return p, "", err
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // ends with the program
	return p, u.Host, nil
}

// failed is an error with the end of what the program wrote to stderr.
func (p *process) failed(what string) error {
	log, _ := os.ReadFile(p.log) // nothing there, nothing to show
	if end := strings.TrimSpace(string(log[max(0, len(log)-500):])); end != "" {
		what += ": " + end
	}
	return fmt.Errorf("%s: %s", filepath.Base(p.cmd.Path), what)
}

// pids are the program's processes: its own, and workers it has started.
func (p *process) pids() []int {
	pid := p.cmd.Process.Pid
	return append([]int{pid}, children(pid)...)
}

// run runs a command to its end; the error says what it wrote to stderr.
func run(cmd *exec.Cmd) error {
	if _, err := cmd.Output(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), explain(err))
	}
	return nil
}

func explain(err error) error {
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	return err
}
