//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tickertape/backend/sse"
	"tickertape/build/rig"
)

// program is the real one, without a window.
type program struct {
	*rig.Process
	url string // of its front door
}

func start(ctx context.Context, bin, dir string, feeds []feed) (*program, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for i := range feeds {
		feeds[i].Color = i % 12
	}
	document, err := json.Marshal(map[string]any{"version": 1, "feeds": feeds})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "settings.json"), document, 0o600); err != nil {
		return nil, err
	}
	p, err := rig.Start(rig.Command{Path: bin, Args: []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}})
	if err != nil {
		return nil, err
	}
	line, err := p.Stdout.FirstLine(ctx)
	if err != nil {
		p.Kill()
		return nil, fmt.Errorf("%w: %s", err, p.Stderr)
	}
	return &program{p, strings.TrimPrefix(line, "listening on ")}, nil
}

func (p *program) stop() {
	if err := p.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// states counts the feeds by state.
func (p *program) states(ctx context.Context) (map[string]int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"feeds", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var list struct{ Feeds []struct{ State string } }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return nil, err
	}
	states := map[string]int{}
	for _, f := range list.Feeds {
		states[f.State]++
	}
	return states, nil
}

// usage is what the program used.
type usage struct {
	cores float64
	most  int // resident, in KiB
	end   rig.Memory
}

func (u usage) String() string {
	return fmt.Sprintf("%.2f %% of a core, resident %.1f MB at most and %.1f MB at the end (%.1f MB of it not files)",
		u.cores*100, rig.MB(u.most), rig.MB(u.end.All), rig.MB(u.end.Anon))
}

// watch measures the program for a while.
func (p *program) watch(ctx context.Context, d time.Duration) (u usage, err error) {
	look, end := time.NewTicker(100*time.Millisecond), time.After(d)
	defer look.Stop()
	began := time.Now()
	before, err := rig.CPU(p.PID())
	for err == nil {
		if u.end, err = rig.MemoryOf(p.PID()); err != nil {
			break
		}
		u.most = max(u.most, u.end.All)
		select {
		case <-look.C:
		case <-end:
			after, err := rig.CPU(p.PID())
			u.cores = (after - before).Seconds() / time.Since(began).Seconds()
			return u, err
		case <-p.Done():
			return u, fmt.Errorf("the program ended: %w: %s", p.Err(), p.Stderr)
		case <-ctx.Done():
			return u, ctx.Err()
		}
	}
	return u, err
}

// listen reads the healthy feeds from the front door, until the returned function is called, which says how late their
// events came.
func (p *program) listen(ctx context.Context) func() string {
	ctx, cancel := context.WithCancel(ctx)
	delays := map[string][]time.Duration{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		client := sse.Client{URL: p.url + "event_stream?format=json&feed=healthy-sse,healthy-websocket"}
		_ = client.Run(ctx, func(e sse.Event) error { // it ends when it is told to
			var event struct {
				Feed string
				Data struct {
					Time   time.Time
					Micros int64 `json:"time_us"`
				}
			}
			if json.Unmarshal([]byte(e.Data), &event) == nil && event.Feed != "" {
				at := event.Data.Time
				if event.Data.Micros > 0 {
					at = time.UnixMicro(event.Data.Micros)
				}
				delays[event.Feed] = append(delays[event.Feed], time.Since(at))
			}
			return nil
		})
	}()
	return func() string {
		cancel()
		<-ended
		var all []string
		for _, id := range []string{"healthy-sse", "healthy-websocket"} {
			of := delays[id]
			slices.Sort(of)
			if n := len(of); n > 0 {
				all = append(all, fmt.Sprintf("%s %d events, delay p50 %.1f ms, p99 %.1f ms, most %.1f ms", id, n, ms(of[n/2]), ms(of[n*99/100]), ms(of[n-1])))
			}
		}
		return strings.Join(all, ", ")
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
