package source

import (
	"cmp"
	"context"
	"maps"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"

	"tickertape/backend/event"
)

const (
	probeTimeout = 15 * time.Second
	// probeMore is how long a probe waits for more events once it has one.
	probeMore = 2 * time.Second
	// probeEvents is how many events are enough.
	probeEvents = 5
)

// ProbeConfig is what a Probe needs.
type ProbeConfig struct {
	UserAgent string
	Timeout   time.Duration // of all of it; 0 means 15 s

	// With is what is known of the feed besides the input: headers, auth, name.
	With Feed
	// Known are ready-made feeds, to be recognised by their URL or offered for
	// their host. Their ids are told in Preset.
	Known []Feed
	// Map makes the event of what came, for the feed with this id: a known one's, or "probe".
	// Nil leaves events unmapped.
	Map func(feed string, raw event.Raw) event.Event
	// Step is told of each step as it is taken, one at a time, and not after
	// Probe has returned. It must not wait. Nil tells nobody.
	Step func(name, detail string)

	world *network // nil: the real one
}

// ProbeResult is what an input turned out to be: a feed, several to choose
// from, or an error with the reason. Feed has its secrets; see Masked.
type ProbeResult struct {
	Kind      string        `json:"kind,omitempty"`
	Name      string        `json:"name,omitempty"` // the title of the feed or page, or its host
	Note      string        `json:"note,omitempty"` // what else to know, in sentences
	Preset    string        `json:"preset,omitempty"`
	Timings   ProbeTimings  `json:"timings"`
	Redirects []string      `json:"redirects,omitempty"` // where they led, without secrets
	Events    []ProbedEvent `json:"events,omitempty"`    // the first ones; of a list of items the newest
	Feed      *Feed         `json:"feed,omitempty"`      // to be saved, but for its id
	Feeds     []ProbeOffer  `json:"feeds,omitempty"`     // that were found, or are known at this host
	Error     *ProbeError   `json:"error,omitempty"`

	// Certificate is what a server showed that isn't valid, or was not to be.
	Certificate *Certificate `json:"certificate,omitempty"`
}

// ProbeTimings are in milliseconds. FirstByte and FirstEvent count from the
// start; the others are how long that took, of all connections together.
type ProbeTimings struct {
	DNS        float64 `json:"dns,omitempty"`
	Connect    float64 `json:"connect,omitempty"`
	TLS        float64 `json:"tls,omitempty"`
	FirstByte  float64 `json:"firstByte,omitempty"`
	FirstEvent float64 `json:"firstEvent,omitempty"`
}

// ProbedEvent is an event as it came and as it would be stored.
type ProbedEvent struct {
	Raw   ProbedRaw    `json:"raw"`
	Event *event.Event `json:"event,omitempty"`
}

// ProbedRaw is an event as it came.
type ProbedRaw struct {
	Type string `json:"type,omitempty"`
	ID   string `json:"id,omitempty"`
	Data string `json:"data"` // cut after 64 KiB
}

// ProbeError says in sentences why there is no feed, and what to do next.
type ProbeError struct {
	Code   string `json:"code"` // see the Probe… constants
	Reason string `json:"reason"`
	Next   string `json:"next"`
	Auth   string `json:"auth,omitempty"` // how the server wants us to sign in: basic, bearer or another scheme
}

func (e *ProbeError) Error() string { return e.Reason }

// Masked is the result as it may be shown: without passwords and keys.
func (r *ProbeResult) Masked() *ProbeResult {
	shown := *r
	if r.Feed != nil {
		f := r.Feed.Masked()
		shown.Feed = &f
	}
	shown.Feeds = slices.Clone(r.Feeds)
	for i := range shown.Feeds {
		shown.Feeds[i].URL = maskedURL(shown.Feeds[i].URL)
	}
	return &shown
}

// Probe finds out what an input is (a URL, a curl command line, a text with a
// URL in it, an OPML list), reads its first events by the drivers that would
// read the feed, and says what to save. It counts in nobody's health and leaves
// nothing running. It never fails otherwise than by the result's Error.
func Probe(ctx context.Context, input string, cfg ProbeConfig) *ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(cfg.Timeout, probeTimeout))
	defer cancel()
	p := &prober{cfg: cfg, began: time.Now(), wait: cmp.Or(cfg.Timeout, probeTimeout) * 2 / 3, world: newNetwork()}
	if cfg.world != nil {
		p.world = *cfg.world
	}
	p.world.wrap, p.world.shown = p.wrap, p.shown
	defer p.end()
	if err := p.probe(ctx, input); err != nil {
		p.result.Error = p.explain(ctx, err)
	}
	return &p.result
}

// prober is one probe. What connections tell comes on their goroutines.
type prober struct {
	cfg   ProbeConfig
	began time.Time
	// wait is how long the head of an answer, and then the first event, may
	// take. An event stream that is silent for so long is still one.
	wait  time.Duration
	world network

	url    string // that is being asked; for explanations
	result ProbeResult

	mu      sync.Mutex
	ended   bool
	pending map[string]time.Time // steps of connections under way
	timings ProbeTimings
	moves   []string
	stash   *stash
	cert    *Certificate
}

// waited is how long the probe has waited in vain, for people.
func (p *prober) waited() string { return p.wait.Round(100 * time.Millisecond).String() }

// end makes the result final: connections that are being given up may still
// tell of it.
func (p *prober) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.result.Timings, p.result.Redirects, p.result.Certificate = p.timings, p.moves, p.cert
}

func (p *prober) shown(cert *Certificate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cert = cert
}

func (p *prober) step(name, detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stepLocked(name, detail)
}

func (p *prober) stepLocked(name, detail string) {
	if !p.ended && p.cfg.Step != nil {
		p.cfg.Step(name, detail)
	}
}

func (p *prober) probe(ctx context.Context, input string) error {
	w, err := readInput(input, p.cfg.With)
	if err != nil {
		return err
	}
	if w.list.feeds != nil {
		p.list(w.list)
		return nil
	}
	for i, to := range w.urls {
		f := w.feed.Clone()
		f.URL = to
		p.offerKnown(f)
		err = p.read(p.traced(ctx), f, true)
		last := i == len(w.urls)-1
		if err == nil || last || ctx.Err() != nil || !maybePlain(err) || f.UsesSecret() {
			break // a key doesn't go out in plain text unless its owner says so
		}
		p.step("retry", "There is no https:// here: trying http://.")
	}
	return err
}

// list is the result of an input that is no feed but a list of them.
func (p *prober) list(list opml) {
	p.result.Name, p.result.Feeds = list.title, list.feeds
	p.result.Note = "This is a list of " + count(len(list.feeds), "feed", "feeds") + " (OPML)."
	p.step("list", p.result.Note)
}

// offerKnown offers what is known at the feed's host.
func (p *prober) offerKnown(f Feed) {
	p.result.Feeds = nil
	for _, known := range p.cfg.Known {
		if known.URL != "" && strings.EqualFold(hostOf(known.URL), hostOf(f.URL)) {
			p.result.Feeds = append(p.result.Feeds, ProbeOffer{Title: known.Name, URL: known.URL, Kind: known.Kind, Preset: known.ID})
		}
	}
}

// recognise is the known feed with the URL of f, and what f adds to it.
func (p *prober) recognise(f Feed) (Feed, bool) {
	for _, known := range p.cfg.Known {
		if known.URL == "" || strings.TrimSuffix(known.URL, "/") != strings.TrimSuffix(f.URL, "/") || f.Body != "" || f.Kind != "" {
			continue
		}
		id := known.ID
		known = known.with(f)
		if known.ID = "probe"; len(known.Problems()) == 0 {
			p.result.Preset = id
			p.result.Feeds = slices.DeleteFunc(p.result.Feeds, func(o ProbeOffer) bool { return o.Preset == id })
			p.step("known", known.Name+" is known.")
			return known, true
		}
	}
	return f, false
}

// with is a known feed with what somebody wants otherwise.
func (f Feed) with(wanted Feed) Feed {
	f = f.Clone()
	f.Name, f.UserAgent, f.Items = cmp.Or(wanted.Name, f.Name), cmp.Or(wanted.UserAgent, f.UserAgent), cmp.Or(wanted.Items, f.Items)
	f.Interval = cmp.Or(wanted.Interval, f.Interval)
	f.Connection, f.Defaults, f.Insecure, f.ClientCert, f.ClientKey = wanted.Connection, wanted.Defaults, wanted.Insecure, wanted.ClientCert, wanted.ClientKey
	if wanted.Auth.Secret != "" {
		f.Auth = wanted.Auth
	}
	if wanted.Headers != nil && f.Headers == nil {
		f.Headers = map[string]string{}
	}
	maps.Copy(f.Headers, wanted.Headers)
	return f
}

// read finds out what f is and reads it. follow lets it go on to the one feed
// that a page links to.
func (p *prober) read(ctx context.Context, f Feed, follow bool) error {
	p.url = f.URL
	if known, ok := p.recognise(f); ok {
		return p.listen(ctx, known)
	}
	if isWebSocketURL(f.URL) {
		f.Kind = KindWebSocket
		return p.listen(ctx, f)
	}
	if f.Kind != "" {
		return p.listen(ctx, f)
	}
	return p.ask(ctx, f, follow)
}

// traced is ctx with a trace of the connections made under it.
func (p *prober) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, p.trace())
}

// maybePlain reports whether a host that didn't answer to https:// may do so to
// http://. A certificate that is wrong is none of these: somebody does answer.
func maybePlain(err error) bool {
	switch codeOf(err) {
	case ProbeRefused, ProbeUnreachable:
		return true
	case ProbeTLS:
		return strings.Contains(explain("", err).cause, "doesn't speak TLS")
	}
	return false
}
