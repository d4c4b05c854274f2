//go:build linux

// Command doors measures the window's own stream while both doors are attacked: by thousands of readers and by connections
// that are as slow as they can be. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.readers, "readers", 5000, "readers of the front door")
	flag.IntVar(&o.slow, "slow", 200, "slow connections, half of them to each door")
	flag.IntVar(&o.rate, "rate", 500, "events a second")
	flag.DurationVar(&o.calm, "calm", 10*time.Second, "how long it is measured before, and again after")
	flag.DurationVar(&o.lasts, "for", 30*time.Second, "how long the attack lasts, from when all readers stand")
	flag.StringVar(&o.serve, "serve", "", "only run the program, on this `folder` (what this program starts)")
	flag.StringVar(&o.attack, "attack", "", "only attack these `addresses`, until stdin ends (what this program starts)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	readers, slow, rate int
	calm, lasts         time.Duration
	serve, attack       string
}

func run(ctx context.Context, o options) error {
	switch {
	case o.serve != "":
		return serve(ctx, o.serve, o.rate)
	case o.attack != "":
		return attack(ctx, o)
	}
	return measure(ctx, o)
}

func measure(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "doors-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := startProgram(dir, o.rate)
	if err != nil {
		return err
	}
	defer func() {
		if _, err := p.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "the program:", err)
		}
	}()
	w := openWindow(ctx, p.Private)
	defer w.close()
	if err := wait(ctx, warmUp); err != nil {
		return err
	}
	before, err := p.watch(ctx, w, o.calm)
	if err != nil {
		return err
	}
	fmt.Println("before:", before)
	if err := attacked(ctx, o, p, w); err != nil {
		return err
	}
	if err := p.recover(ctx, before.end); err != nil {
		return err
	}
	after, err := p.watch(ctx, w, o.calm)
	if err != nil {
		return err
	}
	fmt.Println("after:", after)
	return w.problem()
}

const warmUp = 5 * time.Second

// attacked measures during the attack: while the readers come, and when all of them stand.
func attacked(ctx context.Context, o options, p *program, w *window) error {
	w.take() // what came since it was measured
	began := time.Now()
	a, err := startAttack(o, p)
	if err != nil {
		return err
	}
	fmt.Printf("%s, after %.1f s; meanwhile the window's %s\n", a.stands, time.Since(began).Seconds(), w.take())
	during, err := p.watch(ctx, w, o.lasts)
	fmt.Println("during:", during)
	ended, endErr := a.end()
	fmt.Println("the attack:", ended)
	return errors.Join(err, endErr)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
