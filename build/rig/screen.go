//go:build linux

package rig

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// busConfig is a session bus that starts no services: what an ordinary one would start (accessibility, keyring)
// outlives the bus, and a test must leave nothing behind.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Screen is a display without a monitor (Xvfb) and a session bus, both of its own. There is no window manager: a
// window stands at the top left corner in the size it asks for.
type Screen struct {
	dir        string
	display    string
	busDir     string // the bus's socket is in it
	busAddress string
	xvfb       *Process
	dbus       *Process
}

// OpenScreen starts a screen of the given size in pixels; dir, which must exist, takes its files.
func OpenScreen(ctx context.Context, dir string, width, height int) (*Screen, error) {
	s := &Screen{dir: dir}
	if err := s.startXvfb(ctx, width, height); err != nil {
		return nil, err
	}
	if err := s.startBus(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Screen) startXvfb(ctx context.Context, width, height int) error {
	// The server finds a free display number itself and writes it to descriptor 3 when it is ready for clients.
	numberFrom, numberTo, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("open a screen: %w", err)
	}
	defer numberFrom.Close()
	s.xvfb, err = Start(Command{
		Path:  "Xvfb",
		Args:  []string{"-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-noreset"},
		Files: []*os.File{numberTo},
	})
	_ = numberTo.Close() // the server has its own copy
	if err != nil {
		return err
	}
	if at, ok := ctx.Deadline(); ok {
		_ = numberFrom.SetReadDeadline(at)
	}
	number, err := bufio.NewReader(numberFrom).ReadString('\n')
	if err != nil {
		s.xvfb.Kill()
		return fmt.Errorf("open a screen: %w: %s", err, tail(s.xvfb.Stderr.String()))
	}
	s.display = ":" + strings.TrimSpace(number)
	return nil
}

func (s *Screen) startBus(ctx context.Context) error {
	config := filepath.Join(s.dir, "bus.conf")
	// A socket's path may have 107 bytes and a test's folder is easily longer: the socket has a short one.
	var err error
	if s.busDir, err = os.MkdirTemp("", "bus-"); err != nil {
		return fmt.Errorf("start a session bus: %w", err)
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, s.busDir), 0o600); err != nil {
		return fmt.Errorf("start a session bus: %w", err)
	}
	s.dbus, err = Start(Command{Path: "dbus-daemon", Args: []string{"--config-file=" + config, "--nofork", "--print-address"}})
	if err != nil {
		return err
	}
	if s.busAddress, err = s.dbus.Stdout.FirstLine(ctx); err != nil {
		return fmt.Errorf("start a session bus: %w: %s", err, tail(s.dbus.Stderr.String()))
	}
	return nil
}

// Env is what a program needs to show itself on this screen. With a home folder of its own it neither sees nor
// changes anything of the person who runs it; the folders in it are made here.
func (s *Screen) Env(home string) ([]string, error) {
	env := []string{
		"DISPLAY=" + s.display, "WAYLAND_DISPLAY=", "GDK_BACKEND=x11", "DBUS_SESSION_BUS_ADDRESS=" + s.busAddress,
		// No accessibility bus is there, so looking for one only costs time.
		"NO_AT_BRIDGE=1", "HOME=" + home,
	}
	for name, folder := range map[string]string{
		"XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share", "XDG_CACHE_HOME": ".cache", "XDG_STATE_HOME": ".local/state", "XDG_RUNTIME_DIR": ".run",
	} {
		path := filepath.Join(home, folder)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("make a home folder: %w", err)
		}
		env = append(env, name+"="+path)
	}
	return env, nil
}

// Picture saves what the screen shows as a PNG.
func (s *Screen) Picture(ctx context.Context, path string) error {
	_, err := Run(ctx, Command{Path: "import", Args: []string{"-window", "root", path}, Env: []string{"DISPLAY=" + s.display}})
	return err
}

// xdotool works the keyboard and the mouse of this screen.
func (s *Screen) xdotool(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := Run(ctx, Command{Path: "xdotool", Args: args, Env: []string{"DISPLAY=" + s.display}})
	return strings.TrimSpace(out), err
}

// Close ends the screen and whatever is still on it.
func (s *Screen) Close() error {
	var errs []error
	if s.dbus != nil {
		s.dbus.Kill()
	}
	// Asked to end, not killed: only then does it take its socket and lock file away.
	errs = append(errs, s.xvfb.Stop())
	if s.busDir != "" {
		errs = append(errs, os.RemoveAll(s.busDir))
	}
	return errors.Join(errs...)
}
