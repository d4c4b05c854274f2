//go:build linux

package main

import (
	"errors"
	"os"
	"runtime"
	"time"
)

const (
	warmUp       = time.Second
	drainLimit   = 5 * time.Second // for what is under way when publishing ends
	silenceLimit = 2 * time.Second // without any delivery nothing more will come
	// pace is the shortest pause of the open loop: at high rates the events of that time leave in one write, each with
	// the time it was due.
	pace = time.Millisecond
)

// flow publishes, first to warm up and then measured.
func (l *load) flow() error {
	if err := l.connect(); err != nil {
		return err
	}
	if err := l.pause(settling / 6); err != nil {
		return err
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		stopped <- l.swarm.run(stop)
	}()
	err := l.measure()
	close(stop)
	err = errors.Join(err, <-stopped)
	l.count()
	return err
}

func (l *load) measure() error {
	if l.scenario.Stalled == 0 { // else the first seconds count, too
		l.swarm.from.Store(1 << 62)
		// An overload would leave its backlog to the measurement.
		if err := l.publish(warmUp, max(1, l.scenario.Rate/10)); err != nil {
			return err
		}
		l.drain()
	}
	first := l.publisher.seq
	l.swarm.from.Store(first)
	l.begin()
	err := l.publish(l.scenario.duration(), l.scenario.Rate)
	l.result.Behind = !l.drain() || l.result.Behind
	l.end()
	l.result.Published = l.publisher.seq - first
	events := max(l.result.Published, int64(float64(l.scenario.Rate)*l.scenario.Seconds))
	l.result.Expected = events * int64(l.scenario.Readers)
	return err
}

// publish publishes for a time, or until the server takes nothing more.
func (l *load) publish(d time.Duration, rate int) (err error) {
	if l.scenario.Drive == openLoop {
		err = l.byTheClock(d, rate)
	} else {
		err = l.whenThereIsRoom(d)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		l.result.Behind = true
		return nil
	}
	return err
}

func (l *load) whenThereIsRoom(d time.Duration) error {
	times := make([]int64, 0, l.scenario.Window)
	for start := time.Now(); time.Since(start) < d; {
		room := min(l.room(), l.scenario.Window)
		if room < 1 {
			l.swarm.wait(50 * time.Millisecond)
			continue
		}
		times = times[:0]
		for range room {
			times = append(times, time.Now().UnixNano())
		}
		if err := l.publisher.send(times...); err != nil {
			return err
		}
	}
	return nil
}

// room is how many events may be published until the live readers have the window's number before them, on average.
func (l *load) room() int {
	now := l.swarm.now()
	live := int64(now.live)
	if live == 0 {
		return 0
	}
	return int((int64(l.scenario.Window)*live - (l.publisher.seq*live - now.progress)) / live)
}

// byTheClock publishes so many events a second. Latency counts from when an event was due: a server that holds the
// publisher up pays for it.
func (l *load) byTheClock(d time.Duration, rate int) error {
	start, total := time.Now(), int(float64(rate)*d.Seconds())
	due := func(i int) time.Time { return start.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	times := make([]int64, 0, mostAtOnce)
	for i := 0; i < total && time.Since(start) < d+silenceLimit; {
		if wait := time.Until(due(i)); wait > 0 {
			time.Sleep(max(wait, pace))
		}
		times = times[:0]
		for now := time.Now(); i < total && len(times) < mostAtOnce && !due(i).After(now); i++ {
			times = append(times, due(i).UnixNano())
		}
		if len(times) == 0 {
			continue
		}
		if err := l.publisher.send(times...); err != nil {
			return err
		}
	}
	return nil
}

// drain waits until the live readers have everything, and reports whether they have.
func (l *load) drain() bool {
	last, since := int64(-1), time.Now()
	for end := time.Now().Add(drainLimit); time.Now().Before(end); {
		now := l.swarm.now()
		if now.progress >= l.publisher.seq*int64(now.live) {
			return true
		}
		if time.Since(since) > silenceLimit {
			return false
		}
		if now.progress != last {
			last, since = now.progress, time.Now()
		}
		l.swarm.wait(20 * time.Millisecond)
	}
	return false
}
