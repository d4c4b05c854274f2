//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tickertape/build/rig"
)

const (
	rare      = "needlestack"
	rareEvery = 100_000
	common    = 2 // index of a frequent word
	asked     = 7 // how often each question is asked
	days      = 100
)

// program is the real one, without a window.
type program struct {
	*rig.Process
	url  string // of its front door
	most int    // resident, in KiB
}

// start runs the program on a data folder and returns when it answers.
func start(ctx context.Context, o options, dir string) (*program, time.Duration, error) {
	began := time.Now()
	p, err := rig.Start(rig.Command{Path: o.bin, Args: []string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}})
	if err != nil {
		return nil, 0, err
	}
	line, err := p.Stdout.FirstLine(ctx)
	if err != nil {
		p.Kill()
		return nil, 0, fmt.Errorf("%w: %s", err, p.Stderr)
	}
	took := time.Since(began)
	return &program{Process: p, url: strings.TrimPrefix(line, "listening on ")}, took, nil
}

// look notes how much is resident.
func (p *program) look() error {
	m, err := rig.MemoryOf(p.PID())
	p.most = max(p.most, m.All)
	return err
}

// ask gets a path of the front door and returns how long that took.
func (p *program) ask(ctx context.Context, path string) (body []byte, took time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	took = time.Since(began)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, response.Status, body)
	}
	return body, took, errors.Join(err, p.look())
}

// settings are those of a folder with the bench's feeds, all paused: push feeds have nothing to do.
func writeSettings(dir string) error {
	type feed struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	all := make([]feed, feeds)
	for f := range all {
		id := fmt.Sprintf("feed-%d", f)
		all[f] = feed{id, id, "push"}
	}
	document, err := json.Marshal(map[string]any{
		"version": 1, "feeds": all,
		"history": map[string]any{"bytes": 1 << 40}, // or the oldest would be trimmed while it is measured
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "settings.json"), document, 0o600)
}

// errUnfinished says that a history needs another step.
var errUnfinished = errors.New("the history isn't complete yet: build again")

// build makes a history, or goes on with it, for a limited time.
func build(ctx context.Context, o options) error {
	limited, cancel := context.WithTimeout(ctx, o.lasts)
	defer cancel()
	return generate(limited, o, historyDir(o))
}

func historyDir(o options) string { return filepath.Join(o.dir, fmt.Sprintf("history-%d", o.events)) }

// generate makes a data folder with a history of a hundred days, indexed, or what is missing of it.
func generate(ctx context.Context, o options, dir string) error {
	done := filepath.Join(dir, "complete")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s, err := openStore(filepath.Join(dir, "journal.db"))
	if err != nil {
		return err
	}
	before, indexed := int(s.journal.Head()), s.journal.Indexed()
	began, oldest := time.Now(), time.Now().AddDate(0, 0, -days)
	step := days * 24 * time.Hour / time.Duration(o.events)
	err = s.fill(ctx, 400, before, o.events, 0, func(n int) time.Time { return oldest.Add(time.Duration(n) * step) })
	stored := time.Since(began)
	for err == nil && ctx.Err() == nil && s.journal.Indexed() < s.journal.Head() {
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Printf("history: %d events of 400 B after %.0f s, from %d; indexed from %d to %d after %.0f s\n",
		s.journal.Head(), stored.Seconds(), before, indexed, s.journal.Indexed(), time.Since(began).Seconds())
	complete := s.journal.Indexed() >= uint64(o.events)
	if err := errors.Join(err, s.end()); err != nil {
		return err
	}
	if !complete {
		return errUnfinished
	}
	return errors.Join(writeSettings(dir), os.WriteFile(done, nil, 0o600))
}

// question is asked of a long history.
type question struct {
	name   string
	params url.Values
	some   bool // there must be an answer
}

func questions() []question {
	q := func(text string) url.Values { return url.Values{"q": {text}} }
	date := time.Now().AddDate(0, 0, -days*2/3).UTC().Format("2006-01-02T15:04:05Z")
	return []question{
		{"newest page", url.Values{}, true},
		{"a rare word", q(rare), true},
		{"a common word", q(words[common]), true},
		{"two common words", q(words[common] + " " + words[common+1]), true},
		{"no such word", q("nosuchword"), false},
		{"a phrase", q(`"` + words[0] + " " + words[1] + `"`), true},
		{"key:S77", q("key:S77"), true},
		{"data.user.name:u77", q("data.user.name:u77"), true},
		{"data.user.id:777777, rare", q("data.user.id:777777"), false},
		{"value>999", q("value>999"), false},
		{"jump to a date", q(fmt.Sprintf("before:%q", date)), true},
		{"a date's first events", q(fmt.Sprintf("since:%q", date)), true},
		{"a word before a date", q(fmt.Sprintf("%s before:%q", words[common], date)), true},
		{"one of four feeds", url.Values{"feed": {"feed-2"}}, true},
	}
}

// history opens a long history with the real program, searches it, and reads it from its beginning.
func history(ctx context.Context, o options) error {
	dir := historyDir(o)
	if err := generate(ctx, o, dir); err != nil {
		return err
	}
	wanted, err := regexp.Compile(o.ask)
	if err != nil {
		return err
	}
	p, opened, err := start(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.Stop() }() // an error before says more
	fmt.Printf("history of %d events: the program listens after %d ms\n", o.events, opened.Milliseconds())
	for _, question := range questions() {
		if !wanted.MatchString(question.name) {
			continue
		}
		if err := p.answer(ctx, question); err != nil {
			return err
		}
	}
	if wanted.MatchString("replay") {
		for _, format := range []string{"raw", "json"} {
			if err := p.replay(ctx, o.events, format); err != nil {
				return err
			}
		}
	}
	fmt.Printf("  %-30s %6.1f MB resident at most\n", "memory", rig.MB(p.most))
	return nil
}

func (p *program) answer(ctx context.Context, q question) error {
	var times []time.Duration
	found := 0
	for range asked {
		body, took, err := p.ask(ctx, "events?"+q.params.Encode())
		if err != nil {
			return err
		}
		found = bytes.Count(body, []byte(`,"seq":`))
		times = append(times, took)
	}
	if q.some && found == 0 {
		return fmt.Errorf("%s: nothing found", q.name)
	}
	first := times[0]
	slices.Sort(times)
	fmt.Printf("  %-30s %7.1f ms, the first time %7.1f ms, %d events\n", q.name, ms(times[asked/2]), ms(first), found)
	return nil
}

// replay reads the history as one SSE reader, from its first event on, in one of the stream's formats.
func (p *program) replay(ctx context.Context, events int, format string) error {
	body, _, err := p.ask(ctx, "events?limit=1")
	if err != nil {
		return err
	}
	var page struct{ Events []struct{ ID string } }
	if err := json.Unmarshal(body, &page); err != nil || len(page.Events) == 0 {
		return errors.Join(errors.New("no newest event"), err)
	}
	epoch, _, _ := strings.Cut(page.Events[0].ID, "-")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"event_stream?format="+format+"&after="+epoch+"-1", nil)
	if err != nil {
		return err
	}
	before, err := rig.CPU(p.PID())
	if err != nil {
		return err
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewReaderSize(response.Body, 256<<10)
	want := min(events, 3_000_000) - 1
	for n := 0; n < want; {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte("id: ")) {
			if n++; n%100_000 == 0 {
				if err := p.look(); err != nil {
					return err
				}
			}
		}
	}
	took := time.Since(began)
	after, err := rig.CPU(p.PID())
	fmt.Printf("  %-30s %.0f events/s, %.2f µs of the program's CPU each (%d events)\n",
		"replay to one SSE reader, "+format, float64(want)/took.Seconds(), (after-before).Seconds()*1e6/float64(want), want)
	return err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
