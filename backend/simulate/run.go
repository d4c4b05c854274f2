package simulate

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"tickertape/backend/event"
)

// The rates that Run takes, in events a second.
const (
	MinRate = 0.1
	MaxRate = 10_000
)

const (
	// batchTime is how often events are emitted at high rates: a timer for each would cost
	// more than the event.
	batchTime = 10 * time.Millisecond
	// mostBehind is how far Run catches up after it was held back by emit or by a sleep of
	// the machine. What is older is not made at all.
	mostBehind = time.Second
)

// Run emits the events of a scene, rate of them a second (from MinRate to MaxRate, 0 for the
// scene's own), beginning with the one that resume names, the Resume of the last event that
// was kept; "" and anything that isn't a number mean the first. Events are numbered without
// a gap, however they are paced. It blocks while emit does, and returns emit's error or, once
// ctx is done, ctx.Err().
func Run(ctx context.Context, scene string, seed uint64, rate float64, resume string, emit func(event.Raw) error) error {
	s, known := FindScene(scene)
	if !known {
		return fmt.Errorf("there is no scene called %q", scene)
	}
	if rate == 0 {
		rate = s.Rate
	}
	if err := checkRate(rate); err != nil {
		return err
	}
	n, _ := strconv.ParseUint(resume, 10, 64)
	interval := time.Duration(float64(time.Second) / rate)
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Now()
		if now.Sub(due) > mostBehind {
			due = now
		}
		for ; !due.After(now); due = due.Add(interval) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := emit(s.Event(seed, n, now)); err != nil {
				return err
			}
			n++
		}
		timer.Reset(max(time.Until(due), batchTime))
	}
}

func checkRate(rate float64) error {
	if math.IsNaN(rate) || rate < MinRate || rate > MaxRate {
		return fmt.Errorf("a rate of %g events/s: it can be from %g to %d", rate, MinRate, MaxRate)
	}
	return nil
}
