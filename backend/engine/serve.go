package engine

import (
	"context"
	"errors"
	"time"

	"tickertape/backend/journal"
)

// soundFor is how long a history must have been sound for it to be begun anew
// by itself: a disk that fails would otherwise fill with damaged files.
const soundFor = time.Minute

// Serve makes an engine and runs it until ctx ends. When its history is found
// damaged, it makes another one, which moves that aside and begins a new
// history; the window finds it at the same door. started is told of each; an
// error of its ends Serve.
func Serve(ctx context.Context, cfg Config, started func(*Engine) error) error {
	for {
		e, err := New(ctx, cfg)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := started(e); err != nil {
			return errors.Join(err, e.Close())
		}
		err = errors.Join(e.Run(ctx), e.Close())
		if !errors.Is(err, journal.ErrDamaged) || ctx.Err() != nil || time.Since(began) < soundFor && e.journal.Damaged() != "" {
			return err
		}
		cfg.Log.Error("the history was found damaged; it is moved aside, and a new one begun", "err", err)
		cfg.Private = e.Private()
	}
}
