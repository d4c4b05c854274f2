package rig

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
)

// Output is what a program has written so far. It may be read while the program runs.
type Output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	more  chan struct{} // closed and replaced at every write
	ended bool
}

func newOutput() *Output { return &Output{more: make(chan struct{})} }

// Write takes what the program prints.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(b)
	o.wake()
	return n, err
}

func (o *Output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.wake()
}

func (o *Output) wake() {
	close(o.more)
	o.more = make(chan struct{})
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Lines returns the complete lines written so far, without their line ends. A last line without an end is left out,
// since a killed program may have been in the middle of it; an empty output has none.
func (o *Output) Lines() []string { return completeLines(o.String()) }

func completeLines(text string) []string {
	cut := strings.LastIndexByte(text, '\n')
	if cut < 0 {
		return nil
	}
	return strings.Split(text[:cut], "\n")
}

// WaitFor returns as soon as ok holds for what was written; what names it for the error. It fails when the program
// ends or ctx does before that.
func (o *Output) WaitFor(ctx context.Context, what string, ok func(text string) bool) error {
	for {
		o.mu.Lock()
		text, more, ended := o.text.String(), o.more, o.ended
		o.mu.Unlock()
		if ok(text) {
			return nil
		}
		if ended {
			return fmt.Errorf("the program ended without %s; it printed: %s", what, tail(text))
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w; it printed: %s", what, ctx.Err(), tail(text))
		}
	}
}

// FirstLine waits for the first complete line.
func (o *Output) FirstLine(ctx context.Context) (string, error) {
	err := o.WaitFor(ctx, "a first line", func(text string) bool { return strings.Contains(text, "\n") })
	if err != nil {
		return "", err
	}
	return completeLines(o.String())[0], nil
}

// tail is the end of a long text, enough to see what went wrong.
func tail(text string) string {
	const most = 2000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	if text == "" {
		return "nothing"
	}
	return text
}
