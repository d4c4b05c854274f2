//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const ours = "tickertape"

// server is one that can be measured.
type server struct {
	name    string
	version string
	// prepare builds or finds its program. An error says why it can't be measured here.
	prepare func(ctx context.Context, b *bench, s *server) error
	// start starts it on an empty folder of its own. query belongs to the scenario, for the path of the stream.
	start   func(ctx context.Context, s *server, dir, query string) (*process, target, error)
	lacks   map[string]string // scenarios it can't do, by how they are driven, and why
	program string            // set by prepare
}

// label names the server in results.
func (s *server) label() string { return strings.TrimSpace(s.name + " " + s.version) }

var servers = []*server{
	{name: ours, prepare: prepareOurs, start: startOurs},
	{name: "go-sse", version: "0.11.0", prepare: preparePeer, start: startPeer},
	{name: "r3labs", version: "2.10.0", prepare: preparePeer, start: startPeer},
	{name: "launchdarkly", version: "1.11.0", prepare: preparePeer, start: startPeer},
	{
		name: "centrifuge", version: "0.38.0", prepare: preparePeer, start: startCentrifuge,
		lacks: map[string]string{replay: "its events have no id"},
	},
	{name: "nchan", version: "1.3.6", prepare: prepareNchan, start: startNchan},
}

func prepareOurs(ctx context.Context, b *bench, s *server) error {
	if b.tickertape != "" {
		path, err := filepath.Abs(b.tickertape)
		s.program = path
		return err
	}
	s.program = filepath.Join(b.bin, ours)
	build := exec.CommandContext(ctx, "go", "build", "-o", s.program, "./backend/cmd/tickertape")
	build.Dir = b.repo
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	return run(build)
}

func startOurs(ctx context.Context, s *server, dir, query string) (*process, target, error) {
	settings := [][]string{
		{"feed", "add", "--kind", "push", "--name", "bench"},
		{"feed", "remove", "clock"}, // it would publish, too
		{"token", "create", "--name", "bench", "--scope", "publish"},
	}
	var token string
	for _, args := range settings {
		out, err := exec.CommandContext(ctx, s.program, append(args, "--data", dir)...).Output()
		if err != nil {
			return nil, target{}, fmt.Errorf("tickertape %s: %w", strings.Join(args, " "), explain(err))
		}
		token = strings.TrimSpace(string(out)) // the last one's
	}
	p, addr, err := listening(ctx, dir, s.program, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	return p, target{Addr: addr, Read: "/event_stream?feed=bench" + query, Publish: "/feeds/bench/events", Token: token}, err
}

func preparePeer(ctx context.Context, b *bench, s *server) error {
	s.program = filepath.Join(b.bin, s.name)
	return run(exec.CommandContext(ctx, "go", "build", "-o", s.program, "./cmd/"+s.name))
}

func startPeer(ctx context.Context, s *server, dir, _ string) (*process, target, error) {
	p, addr, err := listening(ctx, dir, s.program)
	return p, target{Addr: addr, Read: "/events", Publish: "/publish"}, err
}

func startCentrifuge(ctx context.Context, s *server, dir, query string) (*process, target, error) {
	p, t, err := startPeer(ctx, s, dir, query)
	t.Read += "?cf_connect=%7B%22id%22:1,%22connect%22:%7B%7D%7D"
	return p, t, err
}

// nginxWorkers is as many as there are cores to be had, as in its documentation.
const nginxWorkers = 2

// nginxDir is compiled into Debian's nginx, which wants to make a folder in it whatever its configuration says.
const nginxDir = "/var/lib/nginx"

// prepareNchan gets the Debian packages and unpacks them in a folder of the cache: nothing is installed.
func prepareNchan(ctx context.Context, b *bench, s *server) error {
	dir := filepath.Join(b.cache, "nchan")
	s.program = filepath.Join(dir, "usr", "sbin", "nginx")
	if err := os.MkdirAll(nginxDir, 0o755); err != nil {
		return fmt.Errorf("%s must be there and can't be made: %w", nginxDir, err)
	}
	if _, err := os.Stat(s.program); err == nil {
		return nil
	}
	unpacked, err := os.MkdirTemp(b.cache, "nchan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unpacked)
	fetch := exec.CommandContext(ctx, "apt-get", "download", "nginx", "libnginx-mod-nchan")
	fetch.Dir = unpacked
	if err := run(fetch); err != nil {
		return fmt.Errorf("the Debian packages nginx and libnginx-mod-nchan can't be had: %w", err)
	}
	packages, _ := filepath.Glob(filepath.Join(unpacked, "*.deb")) // the pattern is well-formed
	for _, name := range packages {
		if err := run(exec.CommandContext(ctx, "dpkg", "-x", name, unpacked)); err != nil {
			return err
		}
	}
	return os.Rename(unpacked, dir)
}

const nginxConf = `load_module MODULE;
daemon off;
USER
worker_processes WORKERS;
worker_rlimit_nofile 15000;
pid DIR/nginx.pid;
events { worker_connections 7000; }
http {
  access_log off;
  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 512M;
  server {
    listen ADDR;
    location = /events {
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }
    location = /publish {
      nchan_publisher;
      nchan_channel_id bench;
      nchan_message_buffer_length 1000;
      nchan_message_timeout 5m;
    }
    location = /ping { return 204; }
  }
}
`

func startNchan(ctx context.Context, s *server, dir, _ string) (*process, target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, target{}, err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // else its workers can't read the folder
	}
	module := filepath.Join(filepath.Dir(s.program), "..", "lib", "nginx", "modules", "ngx_nchan_module.so")
	conf := strings.NewReplacer("MODULE", module, "DIR", dir, "ADDR", addr, "USER", user, "WORKERS", strconv.Itoa(nginxWorkers)).Replace(nginxConf)
	name := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(name, []byte(conf), 0o600); err != nil {
		return nil, target{}, err
	}
	p, err := start(ctx, dir, s.program, "-p", dir, "-e", "stderr", "-c", name)
	if err != nil {
		return nil, target{}, err
	}
	t := target{Addr: addr, Read: "/events", Publish: "/publish", Pipelined: true, Ping: "/ping"}
	err = p.ready(ctx, addr, nginxWorkers)
	return p, t, err
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// ready waits until all workers run and connections to addr are taken.
func (p *process) ready(ctx context.Context, addr string, workers int) error {
	for end := time.Now().Add(startLimit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if len(p.pids()) <= workers {
			continue
		}
		if conn, err := net.Dial("tcp", addr); err == nil {
			return conn.Close()
		}
	}
	return errors.Join(ctx.Err(), p.failed("it doesn't listen at "+addr))
}
