//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tickertape/build/rig"
)

const (
	visibleRate = 1000 // events/s
	sentMark    = `"sent":`
)

// visible publishes events at a steady rate and measures when a reader has them: mapping, commit and all.
func visible(ctx context.Context, o options) error {
	dir := filepath.Join(o.dir, "visible")
	if err := errors.Join(os.MkdirAll(dir, 0o700), writeSettings(dir)); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	token, err := rig.Run(ctx, rig.Command{Path: o.bin, Args: []string{"token", "create", "--name", "bench", "--scope", "publish", "--data", dir}})
	if err != nil {
		return err
	}
	p, _, err := start(ctx, o, dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.Stop() }() // an error before says more
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count := int(o.lasts.Seconds() * visibleRate)
	delays, failed := make(chan []time.Duration, 1), make(chan error, 2)
	ready := make(chan struct{})
	go func() {
		all, err := p.delays(ctx, count, ready)
		failed <- err
		delays <- all
	}()
	<-ready
	go func() { failed <- p.publish(ctx, strings.TrimSpace(token), count) }()
	if err := errors.Join(<-failed, <-failed); err != nil {
		return err
	}
	all := <-delays
	slices.Sort(all)
	fmt.Printf("visible: %d events at %d/s, from publishing to a reader: p50 %.1f ms, p99 %.1f ms, most %.1f ms\n",
		len(all), visibleRate, ms(all[len(all)/2]), ms(all[len(all)*99/100]), ms(all[len(all)-1]))
	return nil
}

// publish sends events of 400 B in one request, as they come.
func (p *program) publish(ctx context.Context, token string, count int) error {
	body, lines := io.Pipe()
	go func() {
		made, began := newPayloads(9, 400), time.Now()
		for n := range count {
			time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / visibleRate)))
			line := fmt.Appendf(nil, `{%s%d,`, sentMark, time.Now().UnixNano())
			if _, err := lines.Write(append(append(line, made.at(n)[1:]...), '\n')); err != nil {
				return // the request's error says why
			}
		}
		_ = lines.Close()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"feeds/feed-0/events", body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		answer, _ := io.ReadAll(response.Body)
		return fmt.Errorf("publish: %s: %s", response.Status, answer)
	}
	return nil
}

// delays reads count events and returns how long after they were sent.
func (p *program) delays(ctx context.Context, count int, ready chan<- struct{}) ([]time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"event_stream?feed=feed-0", nil)
	if err != nil {
		close(ready)
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	close(ready)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	lines := bufio.NewReaderSize(response.Body, 64<<10)
	all := make([]time.Duration, 0, count)
	for len(all) < count {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return all, err
		}
		if _, rest, found := bytes.Cut(line, []byte(sentMark)); found {
			digits, _, _ := bytes.Cut(rest, []byte(","))
			sent, err := strconv.ParseInt(string(digits), 10, 64)
			if err != nil {
				return all, err
			}
			all = append(all, time.Since(time.Unix(0, sent)))
		}
	}
	return all, nil
}
