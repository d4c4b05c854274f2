package engine

import (
	"context"

	"tickertape/backend/catalogue"
	"tickertape/backend/event"
	"tickertape/backend/source"
)

// probe finds out what an input is, with what the catalogue knows.
func (e *Engine) probe(ctx context.Context, input string) *source.ProbeResult {
	current, _ := e.settings.Current()
	return Probe(ctx, input, source.ProbeConfig{UserAgent: "Tickertape/" + e.cfg.Version, With: source.Feed{Defaults: current.Network}})
}

// Probe is source.Probe with what a whole program knows: the presets of the
// catalogue, and mapping.
func Probe(ctx context.Context, input string, cfg source.ProbeConfig) *source.ProbeResult {
	for _, preset := range catalogue.All() {
		cfg.Known = append(cfg.Known, preset.Feed)
	}
	cfg.Map = func(feed string, raw event.Raw) event.Event {
		preset, _ := catalogue.Find(feed) // otherwise guesses
		return preset.Mapping.Map(feed, raw)
	}
	return source.Probe(ctx, input, cfg)
}
