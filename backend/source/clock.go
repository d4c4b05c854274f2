package source

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tickertape/backend/event"
)

// clock is the demonstration's server: a message at each interval, and a
// custom event after each third. It resumes with the number of the next
// message, so that across restarts none is missing or said twice.
type clock struct{ interval time.Duration }

func (c clock) Run(ctx context.Context, resume string, emit *Emitter) error {
	i, _ := strconv.Atoi(resume) // "" and anything odd: from 0
	emit.Live()
	timer := time.NewTimer(0)
	defer timer.Stop()
	next := time.Now()
	for ; ; i++ {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Now()
		raws := clockEvents(i, now)
		if err := emit.Events(ctx, raws...); err != nil {
			return err
		}
		for _, raw := range raws {
			emit.Bytes(len(raw.Data))
		}
		// Steady ticks; after a sleep of the machine they start afresh instead
		// of catching up.
		if next = next.Add(c.interval); next.Before(now) {
			next = now.Add(c.interval)
		}
		timer.Reset(time.Until(next))
	}
}

// clockEvents are the events of message i.
func clockEvents(i int, now time.Time) []event.Raw {
	resume := strconv.Itoa(i + 1)
	raws := []event.Raw{{
		// time.ANSIC is C's ctime without the newline.
		Data:   fmt.Appendf(nil, "Server time: %s (message %d)", now.Format(time.ANSIC), i),
		Resume: resume, ReceivedAt: now,
	}}
	if i > 0 && i%3 == 0 {
		raws = append(raws, event.Raw{
			Type: "custom_event", Data: fmt.Appendf(nil, "This is a custom event %d.0", i/3),
			Resume: resume, ReceivedAt: now,
		})
	}
	return raws
}
