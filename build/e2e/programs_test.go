//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// python is Debian's, which has python3-flask and python3-requests; another one on the PATH may not.
const python = "/usr/bin/python3"

// program is the absolute path of a program that build/test has built.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "bin", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// within bounds one step of a test; the step's error then says what it was waiting for.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := rig.FreePort()
	must(t, err)
	return port
}

// start runs a program until the test ends, and keeps what it printed when the test fails.
func start(t *testing.T, name string, c rig.Command) *rig.Process {
	t.Helper()
	p, err := rig.Start(c)
	must(t, err)
	t.Cleanup(func() {
		p.Kill()
		keepLogs(t, name, p)
	})
	return p
}

func keepLogs(t *testing.T, name string, p *rig.Process) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for stream, output := range map[string]*rig.Output{"stdout": p.Stdout, "stderr": p.Stderr} {
		path := filepath.Join(t.ArtifactDir(), fmt.Sprintf("%s-%d.%s", name, p.PID(), stream))
		if err := os.WriteFile(path, []byte(output.String()), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// feed is an outside feed: testdata/flask_feed.py. Its events happen while it is down, too.
type feed struct {
	port     int
	born     time.Time
	interval time.Duration
	server   *rig.Process
}

func newFeed(t *testing.T, interval time.Duration) *feed {
	t.Helper()
	return &feed{port: freePort(t), born: time.Now(), interval: interval}
}

func (f *feed) url() string { return fmt.Sprintf("http://127.0.0.1:%d/stream", f.port) }

// newest is the number of the newest event that has happened.
func (f *feed) newest() int { return int(time.Since(f.born) / f.interval) }

// serve starts the feed's server and returns when it answers.
func (f *feed) serve(t *testing.T) {
	t.Helper()
	f.server = start(t, "flask", rig.Command{Path: python, Args: []string{
		"testdata/flask_feed.py", strconv.Itoa(f.port),
		"--born", fmt.Sprintf("%.3f", float64(f.born.UnixMilli())/1000), "--interval", fmt.Sprint(f.interval.Seconds()),
	}})
	must(t, rig.Until(within(t, 20*time.Second), "the Flask feed to answer", func(ctx context.Context) (bool, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, f.url(), nil)
		if err != nil {
			return false, err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false, err
		}
		return resp.StatusCode == http.StatusOK, resp.Body.Close()
	}))
}

// server is `tickertape-cli serve` on a data folder.
type server struct {
	*rig.Process
	base string // URL without a slash at the end
}

func serve(t *testing.T, data string, port int) *server {
	t.Helper()
	p := start(t, "serve", rig.Command{
		Path: program(t, "tickertape-cli"),
		Args: []string{"serve", "--data", data, "--listen", fmt.Sprintf("127.0.0.1:%d", port)},
	})
	line, err := p.Stdout.FirstLine(within(t, 20*time.Second))
	if err != nil {
		t.Fatalf("%v; on stderr: %s", err, p.Stderr)
	}
	base, ok := strings.CutPrefix(line, "listening on ")
	if !ok {
		t.Fatalf("serve's first line is %q", line)
	}
	return &server{Process: p, base: strings.TrimSuffix(base, "/")}
}

// addFeed tells the data folder's settings of a feed, with the program's own command.
func addFeed(t *testing.T, data, name, address string) {
	t.Helper()
	_, err := rig.Run(within(t, 20*time.Second), rig.Command{
		Path: program(t, "tickertape-cli"), Args: []string{"feed", "add", "--kind", "sse", address, "--name", name, "--data", data},
	})
	must(t, err)
}

// door asks the front door at base.
type door struct{ base string }

// stored is an event as /events has it.
type stored struct {
	ID       string
	Seq      uint64
	Feed     string
	Type     string
	SourceID string
	Data     json.RawMessage
}

// history returns a feed's whole history, oldest first; all feeds' when feed is empty.
func (d door) history(t *testing.T, feed string) []stored {
	t.Helper()
	query := url.Values{"limit": {"1000"}}
	if feed != "" {
		query.Set("feed", feed)
	}
	var all []stored
	for {
		var page struct {
			Events []stored
			Next   string
		}
		d.get(t, "/events?"+query.Encode(), &page)
		all = append(all, page.Events...)
		if page.Next == "" {
			break
		}
		query.Set("before", page.Next)
	}
	slices.Reverse(all)
	return all
}

// feedID is the id of the feed with that name.
func (d door) feedID(t *testing.T, name string) string {
	t.Helper()
	var list struct{ Feeds []struct{ ID, Name string } }
	d.get(t, "/feeds", &list)
	for _, f := range list.Feeds {
		if f.Name == name {
			return f.ID
		}
	}
	t.Fatalf("no feed is named %q: %v", name, list.Feeds)
	return ""
}

func (d door) get(t *testing.T, path string, value any) {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t, 20*time.Second), http.MethodGet, d.base+path, nil)
	must(t, err)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s: %s", path, resp.Status, body)
	}
	must(t, json.Unmarshal(body, value))
}

// numbers returns the numbers that the Flask feed gave its events.
func numbers(t *testing.T, events []stored) []int {
	t.Helper()
	all := make([]int, len(events))
	for i, e := range events {
		var payload struct{ N int }
		must(t, json.Unmarshal(e.Data, &payload))
		if e.SourceID != strconv.Itoa(payload.N) {
			t.Fatalf("event %s has the source's id %q and the number %d", e.ID, e.SourceID, payload.N)
		}
		all[i] = payload.N
	}
	return all
}

// contiguous fails the test unless each number is one above the one before: nothing lost, nothing doubled.
func contiguous(t *testing.T, what string, numbers []int) {
	t.Helper()
	for i := 1; i < len(numbers); i++ {
		if numbers[i] != numbers[i-1]+1 {
			t.Fatalf("%s: %d comes after %d (place %d of %d)", what, numbers[i], numbers[i-1], i, len(numbers))
		}
	}
}
