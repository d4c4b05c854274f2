package sse

import (
	"math/rand/v2"
	"time"
)

const (
	// minServerRetry keeps a server that says "retry: 0" and ends each stream at once from
	// having us connect thousands of times a second.
	minServerRetry = 100 * time.Millisecond
	// maxServerRetry bounds what a server can ask for: with 2^63 a feed would be dead for ever.
	maxServerRetry = time.Hour
	// settled is how long a silent connection must have lasted to count as a good one.
	settled = time.Minute
)

// backoff says how long to wait before the next connection: the reconnection time, doubled
// for each connection in a row that brought nothing, and up to a quarter more so that the
// clients of a server that comes back don't all come back at once. It never waits for less
// than the reconnection time, as the standard demands.
type backoff struct {
	base, most time.Duration
	failures   int
}

func newBackoff(base, most time.Duration) backoff {
	if base <= 0 {
		base = defaultRetry
	}
	if most <= 0 {
		most = defaultMaxRetry
	}
	return backoff{base: base, most: most}
}

// set takes over the reconnection time that the server asked for.
func (b *backoff) set(d time.Duration) { b.base = min(max(d, minServerRetry), maxServerRetry) }

// reset forgets failures, after a connection that worked.
func (b *backoff) reset() { b.failures = 0 }

// next returns how long to wait now.
func (b *backoff) next() time.Duration {
	d, most := b.base, max(b.base, b.most)
	for range b.failures {
		if d >= most {
			break
		}
		d *= 2
	}
	b.failures++
	d = min(d, most)
	return d + rand.N(d/4+1) //nolint:gosec // jitter, not a secret
}
