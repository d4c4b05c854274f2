package simulate

import (
	"context"
	"sort"
	"sync"
	"time"
)

// tape says which events have happened: all numbers below its head. All feeds of a Server
// share one. Nothing drives it: at a rate the head follows from the time, without one it
// moves when told.
type tape struct {
	start    time.Time
	interval time.Duration // between events; 0 for a tape that is stepped
	backlog  uint64        // how many had happened at the start

	mu      sync.Mutex
	steps   uint64
	stepped chan struct{} // closed by the next step
}

// firstStep is when the events of a stepped tape begin, one a second: its contents must not
// depend on when it is run.
var firstStep = time.Date(2026, time.January, 2, 15, 4, 5, 0, time.UTC)

func newTape(rate float64, backlog int) *tape {
	t := &tape{start: firstStep, backlog: uint64(max(backlog, 0)), stepped: make(chan struct{})}
	if rate > 0 {
		t.start, t.interval = time.Now(), time.Duration(float64(time.Second)/rate)
	}
	return t
}

func (t *tape) step(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps += uint64(n)
	close(t.stepped)
	t.stepped = make(chan struct{})
}

// at is when event n happens.
func (t *tape) at(n uint64) time.Time {
	interval := t.interval
	if interval == 0 {
		interval = time.Second
	}
	return t.start.Add(time.Duration(int64(n)-int64(t.backlog)) * interval)
}

// now is the time on the tape: the real one, or that of the next event if it is stepped.
func (t *tape) now() time.Time {
	if t.interval == 0 {
		return t.at(t.head())
	}
	return time.Now()
}

// firstAfter returns the first event, of those that have happened and the next one, that
// happens later than when.
func (t *tape) firstAfter(when time.Time) uint64 {
	head := t.head()
	return uint64(sort.Search(int(head), func(n int) bool { return t.at(uint64(n)).After(when) }))
}

func (t *tape) head() uint64 {
	head, _, _ := t.look()
	return head
}

// look returns the head, a channel that is closed when a step moves it, and how long it is
// until time does.
func (t *tape) look() (head uint64, stepped <-chan struct{}, due time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.interval == 0 {
		return t.backlog + t.steps, t.stepped, 24 * time.Hour
	}
	since := time.Since(t.start)
	head = t.backlog + uint64(since/t.interval) + 1
	return head, t.stepped, max(t.interval-since%t.interval, batchTime)
}

// wait returns the head as soon as it is above n, or after most as it is then.
func (t *tape) wait(ctx context.Context, n uint64, most time.Duration) (uint64, error) {
	end := time.Now().Add(most)
	for {
		head, stepped, due := t.look()
		left := time.Until(end)
		if head > n || left <= 0 {
			return head, ctx.Err()
		}
		timer := time.NewTimer(min(due, left))
		select {
		case <-stepped:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return head, err
		}
	}
}
