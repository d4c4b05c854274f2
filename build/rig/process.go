//go:build linux

package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a program has to end by itself after SIGTERM.
const stopGrace = 10 * time.Second

// Command says what to start. Env is added to this process's environment and wins over it.
type Command struct {
	Path  string
	Args  []string
	Env   []string
	Dir   string
	Stdin string
	Files []*os.File // inherited as descriptors 3, 4, …
}

// Process is a running program with everything it started: its process group. Whoever starts one stops it.
type Process struct {
	Stdout, Stderr *Output

	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when the program is gone and its output is complete
	err  error         // how it ended; only after done
}

// Start runs the command. The program dies with this process, so that a crashed test leaves nothing behind.
func Start(c Command) (*Process, error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	if c.Stdin != "" {
		cmd.Stdin = strings.NewReader(c.Stdin)
	}
	cmd.ExtraFiles = c.Files
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// A child that outlives the program may hold its output open: don't wait for that for ever.
	cmd.WaitDelay = 2 * time.Second
	p := &Process{Stdout: newOutput(), Stderr: newOutput(), name: filepath.Base(c.Path), cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.Stdout, p.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
		if errors.Is(p.err, exec.ErrWaitDelay) {
			p.err = nil
		}
		p.Stdout.end()
		p.Stderr.end()
	}()
	return p, nil
}

// PID is the program's own process id; its group has the same number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the program ended: nil for exit 0. Call it after Done.
func (p *Process) Err() error { return p.err }

// Wait returns how the program ended, or ctx's error when it doesn't end in time.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("%s is still running: %w", p.name, ctx.Err())
	}
}

// Stop asks the program to end (SIGTERM) and returns how it did; one that doesn't end in time is killed, which is an error.
func (p *Process) Stop() error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		p.sweep()
		return p.err
	case <-time.After(stopGrace):
		p.Kill()
		return fmt.Errorf("%s ignored SIGTERM for %v and was killed", p.name, stopGrace)
	}
}

// Kill ends the program and all it started at once (SIGKILL) and returns when it is gone.
func (p *Process) Kill() {
	p.sweep()
	<-p.done
}

// sweep ends what is left of the program's group; a group that is already gone is fine.
func (p *Process) sweep() { _ = syscall.Kill(-p.PID(), syscall.SIGKILL) }

func (p *Process) signal(sig syscall.Signal) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := syscall.Kill(p.PID(), sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %s: %w", p.name, err)
	}
	return nil
}

// Run runs a command to its end and returns what it printed to stdout; a failure says what it printed to stderr.
func Run(ctx context.Context, c Command) (string, error) {
	p, err := Start(c)
	if err != nil {
		return "", err
	}
	if err := p.Wait(ctx); err != nil {
		p.Kill()
		return p.Stdout.String(), fmt.Errorf("%s %s: %w: %s", p.name, strings.Join(c.Args, " "), err, strings.TrimSpace(p.Stderr.String()))
	}
	return p.Stdout.String(), nil
}

// FreePort returns a TCP port of 127.0.0.1 that nobody listens on now.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Until asks for a fact again and again until it holds; what names the fact for the error. A condition that returns
// an error is asked again too: while a program starts or comes back, most questions fail.
func Until(ctx context.Context, what string, fact func(context.Context) (bool, error)) error {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		ok, err := fact(ctx)
		if ok && err == nil {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w", what, errors.Join(ctx.Err(), last))
		}
	}
}
