package source

import (
	"maps"
	"slices"
	"time"
)

const (
	// lostFeeds is how many feeds, of as many hosts, must have lost the network
	// at once for it to be the network that is lost.
	lostFeeds = 3
	// lostWithin is what counts as at once.
	lostWithin = 30 * time.Second
	// lostRetry is the longest pause of a feed while the network is lost:
	// trying costs nobody else anything then.
	lostRetry = 15 * time.Second
	// sleptFor is by how much a clock must have jumped for the computer to
	// have slept, and renewAfter from when on no connection is believed to have
	// survived that.
	sleptFor   = 10 * time.Second
	renewAfter = time.Minute
	// together is the time over which feeds that are all tried again are
	// spread.
	together = 2 * time.Second
)

const causeLost = "The network seems to be gone: no feed can be reached."

// outage tells a lost network from lost servers.
type outage struct {
	lost  map[string]time.Time // hosts that a feed could not reach, and when
	since time.Time            // when the network was lost; zero while it isn't
}

// unreachable notes a feed's failure, and reports whether the network is lost.
func (o *outage) unreachable(host string, now time.Time) bool {
	if o.lost == nil {
		o.lost = map[string]time.Time{}
	}
	maps.DeleteFunc(o.lost, func(_ string, at time.Time) bool { return now.Sub(at) > lostWithin && o.since.IsZero() })
	o.lost[host] = now
	if len(o.lost) >= lostFeeds && o.since.IsZero() {
		o.since = now
	}
	return !o.since.IsZero()
}

// reachable notes that upstream answered, and reports whether that ends an
// outage.
func (o *outage) reachable() bool {
	ended := !o.since.IsZero()
	o.lost, o.since = nil, time.Time{}
	return ended
}

// passed is the time from one look at the clock to the next. Either clock may
// stand still while the computer sleeps: on Linux it is the monotonic one, on
// Windows neither.
func passed(before, now time.Time) time.Duration {
	wall := now.Round(0).Sub(before.Round(0))
	return max(wall, now.Sub(before))
}

// retryAll has feeds try again, not all in the same instant. renew also ends
// connections that stand.
func (s *Supervisor) retryAll(renew bool) {
	s.mu.Lock()
	runners := slices.Collect(maps.Values(s.runners))
	s.mu.Unlock()
	for _, r := range runners {
		r.hurry(jitter(together), renew)
	}
}

// lost notes that a feed could not reach its host, and reports whether the
// whole network seems to be gone.
func (s *Supervisor) lost(host string) bool {
	if s.anyAlive(time.Now().Add(-lostWithin)) {
		return false
	}
	s.outageMu.Lock()
	defer s.outageMu.Unlock()
	before := s.outage.since
	gone := s.outage.unreachable(host, time.Now())
	if gone && before.IsZero() {
		s.cfg.Log.Warn("the network seems to be gone")
	}
	return gone
}

// found notes that some upstream was reached: after an outage all others try
// again.
func (s *Supervisor) found() {
	s.outageMu.Lock()
	ended := s.outage.reachable()
	s.outageMu.Unlock()
	if ended {
		s.cfg.Log.Info("the network is back")
		s.retryAll(false)
	}
}

// anyAlive reports whether something has come from outside since a while ago.
func (s *Supervisor) anyAlive(since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runners {
		if r.alive(since) {
			return true
		}
	}
	return false
}
