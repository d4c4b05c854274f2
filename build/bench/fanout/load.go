//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	settling     = 3 * time.Second // before memory is read
	connectLimit = 40 * time.Second
	replayLimit  = 20 * time.Second
)

// target is a running server, as the load generator sees it.
type target struct {
	Addr      string // of IPv4 loopback
	Read      string // path of the stream
	Publish   string // path to publish to
	Token     string // to publish with
	Pipelined bool   // one request an event, rather than one streamed request
	Ping      string // path of a request that does nothing, for Pipelined
	PIDs      []int  // of its processes
}

// plan is what one load process is to do, handed over on stdin.
type plan struct {
	Target   target
	Scenario scenario
	Parent   int // the process that started this one, which isn't foreign either
}

// generate is the load process: it reads a plan, carries it out, and writes the result.
func generate(in io.Reader, out io.Writer) error {
	var p plan
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	swarm, err := newSwarm(p.Target, p.Scenario.Packed)
	if err != nil {
		return err
	}
	defer swarm.close()
	publisher, err := newPublisher(p.Target, p.Scenario.Payload)
	if err != nil {
		return err
	}
	l := &load{target: p.Target, scenario: p.Scenario, parent: p.Parent, swarm: swarm, publisher: publisher}
	l.result.Readers = p.Scenario.Readers
	switch p.Scenario.Drive {
	case idle:
		err = l.idle()
	case replay:
		err = l.replay()
	default:
		err = l.flow()
	}
	if err != nil {
		return err
	}
	l.result.Gone = l.scenario.Readers - l.swarm.now().live
	if err := l.finish(); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(l.result)
}

// finish asks the server whether it has taken all. One that is far behind can't answer.
func (l *load) finish() (err error) {
	if l.result.Behind {
		return l.publisher.conn.Close()
	}
	l.result.Taken, err = l.publisher.finish()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.result.Behind = true
		return nil
	case err == nil && l.result.Taken != l.publisher.seq:
		return fmt.Errorf("it took %d of %d events", l.result.Taken, l.publisher.seq)
	}
	return err
}

// load is one run of a scenario.
type load struct {
	target    target
	scenario  scenario
	parent    int
	swarm     *swarm
	publisher *publisher
	result    result

	began                time.Time
	cpu, ownCPU, machine float64 // when it began
}

// begin starts the clock and the counting of CPU time; end writes down what was used.
func (l *load) begin() {
	l.began = time.Now()
	l.cpu, l.ownCPU, l.machine = processCPU(l.target.PIDs...), processCPU(os.Getpid(), l.parent), machineCPU()
}

func (l *load) end() {
	l.result.CPU = processCPU(l.target.PIDs...) - l.cpu
	own := processCPU(os.Getpid(), l.parent) - l.ownCPU
	l.result.Foreign = max(0, machineCPU()-l.machine-l.result.CPU-own) / time.Since(l.began).Seconds()
	l.result.RSS = resident(l.target.PIDs...)
}

// connect makes all readers stand.
func (l *load) connect() error {
	start := time.Now()
	for range l.scenario.Stalled {
		if _, err := l.swarm.dial("", true); err != nil {
			return err
		}
	}
	if err := l.swarm.connectMany(l.scenario.Readers, "", l.publisher.seq); err != nil {
		return err
	}
	stand, err := l.swarm.until(func(t tally) bool { return t.opened >= l.scenario.Readers }, connectLimit)
	now := l.swarm.now()
	switch {
	case err != nil:
		return err
	case now.refusal != "":
		return fmt.Errorf("a reader was refused: %s", now.refusal)
	case !stand:
		return fmt.Errorf("%d of %d readers were connected after %v", now.opened, l.scenario.Readers, connectLimit)
	}
	l.result.Connected = milliseconds(int64(time.Since(start)))
	return nil
}

// pause polls for a while.
func (l *load) pause(d time.Duration) error {
	_, err := l.swarm.until(func(tally) bool { return false }, d)
	return err
}

// idle measures the memory of readers that get nothing, and then sends them one event.
func (l *load) idle() error {
	if err := l.pause(settling / 3); err != nil {
		return err
	}
	before := resident(l.target.PIDs...)
	l.begin()
	if err := l.connect(); err != nil {
		return err
	}
	if err := l.pause(settling); err != nil {
		return err
	}
	l.end()
	readers := int64(l.scenario.Readers)
	l.result.PerReader = float64(l.result.RSS-before) / float64(readers)
	if err := l.publisher.send(time.Now().UnixNano()); err != nil {
		return err
	}
	_, err := l.swarm.until(func(t tally) bool { return t.delivered >= readers }, drainLimit)
	l.result.Published, l.result.Expected = 1, readers
	l.count()
	return err
}

// count writes down what the readers got.
func (l *load) count() {
	now, lat := l.swarm.now(), &l.swarm.latencies
	l.result.Delivered, l.result.Doubled = now.delivered, now.doubled
	l.result.P50, l.result.P99, l.result.Max = lat.quantile(.5), lat.quantile(.99), milliseconds(lat.max)
	if now.delivered > 0 {
		l.result.PerEvent = l.result.CPU * 1e6 / float64(now.delivered)
		l.result.PerSecond = float64(now.delivered) / (float64(now.lastAt-l.began.UnixNano()) / 1e9)
	}
}

// replay publishes a mark, whose id a probe learns, then the events to be missed; all readers then resume after it.
func (l *load) replay() error {
	probe, err := l.swarm.connect("", 0)
	if err != nil {
		return err
	}
	probe.keepID = true
	if _, err := l.swarm.until(func(t tally) bool { return t.opened > 0 }, connectLimit); err != nil {
		return err
	}
	if err := l.pause(settling / 10); err != nil {
		return err
	}
	if err := l.publisher.send(time.Now().UnixNano()); err != nil {
		return err
	}
	if _, err := l.swarm.until(func(tally) bool { return probe.lastID != "" }, silenceLimit); err != nil {
		return err
	}
	if probe.lastID == "" {
		return errors.New("its events have no id to resume after")
	}
	id, mark := probe.lastID, l.publisher.seq
	for range l.scenario.Stored {
		if err := l.publisher.send(time.Now().UnixNano()); err != nil {
			return err
		}
		// One after the other: there are servers that drop a reader that can't follow a burst.
		got, err := l.swarm.until(func(tally) bool { return probe.last == l.publisher.seq }, silenceLimit)
		if err != nil || !got {
			return errors.Join(err, errors.New("the events to replay did not arrive"))
		}
	}
	l.swarm.drop(probe)
	return l.stampede(id, mark)
}

// stampede lets all readers resume at once.
func (l *load) stampede(id string, mark int64) error {
	before := l.swarm.now() // the probe's events
	l.swarm.from.Store(mark)
	l.swarm.latencies = histogram{}
	stored := int64(l.scenario.Stored)
	l.result.Published, l.result.Expected = stored, stored*int64(l.scenario.Readers)
	l.begin()
	if err := l.swarm.connectMany(l.scenario.Readers, id, mark); err != nil {
		return err
	}
	_, err := l.swarm.until(func(t tally) bool { return t.delivered-before.delivered >= l.result.Expected }, replayLimit)
	l.result.Replayed = milliseconds(int64(time.Since(l.began)))
	l.end()
	now := l.swarm.now()
	l.result.Delivered, l.result.Doubled = now.delivered-before.delivered, now.doubled
	return err
}
