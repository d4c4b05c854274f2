package engine

import (
	"context"

	"tickertape/backend/catalogue"
	"tickertape/backend/event"
	"tickertape/backend/source"
)

// probe finds out what an input is, with what the catalogue knows.
func (e *Engine) probe(ctx context.Context, input string, cfg source.ProbeConfig) *source.ProbeResult {
	current, _ := e.settings.Current()
	cfg.UserAgent, cfg.With.Defaults = "Tickertape/"+e.cfg.Version, current.Network
	return Probe(ctx, input, cfg)
}

// catalogueView is the catalogue as the window has it.
func catalogueView() any {
	return map[string]any{"topics": catalogue.Topics(), "presets": catalogue.All()}
}

// Probe is source.Probe with what a whole program knows: the presets of the
// catalogue, and mapping (unless cfg brings its own).
func Probe(ctx context.Context, input string, cfg source.ProbeConfig) *source.ProbeResult {
	for _, preset := range catalogue.All() {
		cfg.Known = append(cfg.Known, preset.Feed)
	}
	if cfg.Map == nil {
		cfg.Map = func(feed string, raw event.Raw) event.Event {
			preset, _ := catalogue.Find(feed) // otherwise guesses
			return preset.Mapping.Map(feed, raw)
		}
	}
	return source.Probe(ctx, input, cfg)
}
