package source

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// Batch is what a feed hands on: events that are stored all or none.
type Batch struct {
	Feed   string // its id
	Origin string // under which the resume token is kept
	Raws   []event.Raw

	// Done is to be called once the batch is stored, with what became of it. It
	// doesn't block.
	Done func(Outcome)
}

// Outcome is what became of a batch.
type Outcome struct {
	First, Last uint64 // the seqs of the events stored, which lie next to each other; 0, 0 for none
	Duplicates  int    // dropped: known already by their own id, with the same content
	Revised     int    // stored as new versions of earlier events
	Known       uint64 // the seq under which the last of the duplicates is stored; 0 for none
}

// Stored is how many events were stored.
func (o Outcome) Stored() int {
	if o.Last == 0 {
		return 0
	}
	return int(o.Last-o.First) + 1
}

// Config is what a Supervisor needs.
type Config struct {
	// Ingest takes over a batch; it blocks while the journal is behind.
	Ingest func(context.Context, Batch) error

	// Resume is the last token under an origin of all that Ingest has taken
	// over; "" for none.
	Resume func(ctx context.Context, origin string) (string, error)

	// Heard, if set, is when the newest stored event of a feed was received; zero
	// if there is none. It tells of gaps that began before the program did.
	Heard func(ctx context.Context, feed string) (time.Time, error)

	// Moved, if set, saves that a feed has moved for good, from one URL to another: a
	// Set with the new one follows from it.
	Moved func(ctx context.Context, feed, from, to string) error

	// Dial, if set, is the network that feeds are reached through, instead of
	// the computer's own. Tests have a small one.
	Dial sse.Dial

	UserAgent string
	Log       *slog.Logger
}

// Supervisor runs the feeds.
type Supervisor struct {
	cfg   Config
	wake  chan struct{} // Set has changed the feeds
	hosts *hosts
	world network

	outageMu sync.Mutex
	outage   outage

	mu      sync.Mutex
	order   []string // ids, as Set gave them
	runners map[string]*runner
	gone    []*runner     // to be stopped by Run
	changed chan struct{} // closed at the next change of a state
}

// NewSupervisor makes a supervisor without feeds.
func NewSupervisor(cfg Config) *Supervisor {
	world := newNetwork()
	world.dial = cfg.Dial
	return &Supervisor{
		cfg: cfg, wake: make(chan struct{}, 1), hosts: newHosts(), world: world,
		runners: map[string]*runner{}, changed: make(chan struct{}),
	}
}

// Set says which feeds to run, in the order to show them. Feeds that are new
// start, those that changed restart, those that are missing stop; the others
// don't notice. Every feed must be free of Problems.
func (s *Supervisor) Set(feeds []Feed) {
	s.mu.Lock()
	s.order = s.order[:0]
	keep := map[string]*runner{}
	for _, f := range feeds {
		s.order = append(s.order, f.ID)
		old := s.runners[f.ID]
		if old != nil && old.runs(f) {
			old.rename(f.Name)
			keep[f.ID] = old
			continue
		}
		keep[f.ID] = newRunner(s, f, old)
	}
	for id, r := range s.runners {
		if keep[id] != r {
			s.gone = append(s.gone, r)
		}
	}
	s.runners = keep
	s.mu.Unlock()
	s.announce()
	select {
	case s.wake <- struct{}{}:
	default: // Run will see this change with the one before
	}
}

// Run runs the feeds until ctx ends. It returns when all of them have stopped.
func (s *Supervisor) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { s.watch(ctx) })
	for {
		for _, r := range s.takeGone() {
			r.stop()
			// A feed never runs twice at once, nor ahead of its own past.
			<-r.done
		}
		for feedCtx, r := range s.startFresh(ctx) {
			running.Go(func() { r.run(feedCtx) })
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// takeGone takes the runners to stop; those that never ran just go.
func (s *Supervisor) takeGone() []*runner {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := slices.DeleteFunc(s.gone, func(r *runner) bool { return r.stop == nil })
	s.gone = nil
	return gone
}

// startFresh gives each new runner its own end.
func (s *Supervisor) startFresh(ctx context.Context) map[context.Context]*runner {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := map[context.Context]*runner{}
	for _, r := range s.runners {
		if r.stop == nil {
			feedCtx, cancel := context.WithCancel(ctx)
			r.stop = cancel
			fresh[feedCtx] = r
		}
	}
	return fresh
}

// watch moves feeds between live, quiet and stalled as time passes, and notices
// when the computer has slept.
func (s *Supervisor) watch(ctx context.Context) {
	const every = time.Second
	tick := time.NewTicker(every)
	defer tick.Stop()
	for before := time.Now(); ; {
		select {
		case <-tick.C:
			now := time.Now()
			if d := passed(before, now) - every; d > sleptFor {
				s.cfg.Log.Info("the computer seems to have slept", "for", d)
				s.retryAll(d > renewAfter)
			}
			before = now
			s.mu.Lock()
			runners := slices.Collect(maps.Values(s.runners))
			s.mu.Unlock()
			for _, r := range runners {
				r.check(now)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Health is how all feeds are doing, in the order of Set.
func (s *Supervisor) Health() []Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	all := make([]Health, 0, len(s.order))
	for _, id := range s.order {
		all = append(all, s.runners[id].report(now))
	}
	return all
}

// Log is the last 200 changes of a feed's state, oldest first; nil for a feed
// that there isn't.
func (s *Supervisor) Log(id string) []Change {
	if r := s.runner(id); r != nil {
		return r.changes()
	}
	return nil
}

// Bad is a sample of a feed's input that could not be used, oldest first; nil
// for a feed that there isn't.
func (s *Supervisor) Bad(id string) []BadInput {
	if r := s.runner(id); r != nil {
		return r.badInput()
	}
	return nil
}

// Certificate is the one that the server of a feed showed last: if it isn't valid,
// or would have been accepted whatever it is. Otherwise it is nil.
func (s *Supervisor) Certificate(id string) *Certificate {
	if r := s.runner(id); r != nil {
		return r.certificate()
	}
	return nil
}

func (s *Supervisor) runner(id string) *runner {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runners[id]
}

// Retry ends a feed's waiting: it tries again at once, also from a state that
// would not by itself. It reports whether there is such a feed.
func (s *Supervisor) Retry(id string) bool {
	r := s.runner(id)
	if r == nil {
		return false
	}
	r.retryNow()
	return true
}

// Changed is closed at the next change of any feed's state, or of the feeds.
func (s *Supervisor) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Supervisor) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}
