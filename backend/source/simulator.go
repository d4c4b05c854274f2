package source

import (
	"context"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/simulate"
)

// simulator is a scene of package simulate. It resumes with the number of the
// next event, so that across restarts none is missing or said twice.
type simulator struct{ feed Feed }

func (d simulator) Run(ctx context.Context, resume string, emit *Emitter) error {
	emit.Live()
	emit.Every(time.Duration(float64(time.Second) / d.feed.rate()))
	return simulate.Run(ctx, d.feed.Scene, d.feed.Seed, d.feed.Rate, resume, func(raw event.Raw) error {
		emit.Bytes(len(raw.Data))
		return emit.Events(ctx, raw)
	})
}

// rate is how many events a second a simulator makes.
func (f Feed) rate() float64 {
	if scene, known := simulate.FindScene(f.Scene); known && f.Rate == 0 {
		return scene.Rate
	}
	return max(f.Rate, simulate.MinRate)
}

// maxSeed is the largest number that JSON readers in JavaScript keep whole.
const maxSeed = 1<<53 - 1

func (f Feed) simulatorProblems(p problems) {
	_, known := simulate.FindScene(f.Scene)
	p.when(f.Scene == "", "scene", "Choose a scene: ticker, league, newsroom or burst.")
	p.when(!known, "scene", "There is no scene called %q; use ticker, league, newsroom or burst.", f.Scene)
	p.when(f.Rate != 0 && !(f.Rate >= simulate.MinRate && f.Rate <= simulate.MaxRate), "rate",
		"The rate must be between %g and %d events a second, or 0 for the scene's own.", simulate.MinRate, simulate.MaxRate)
	p.when(f.Seed > maxSeed, "seed", "A seed is a number up to %d.", uint64(maxSeed))
	p.when(f.URL != "", "url", "A simulator has no URL.")
}
