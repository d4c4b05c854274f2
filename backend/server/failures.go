package server

import (
	"maps"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxFailures is how many wrong keys and tokens of one computer are looked
	// into in a failureWindow.
	maxFailures   = 10
	failureWindow = time.Minute
	// maxFailing bounds the computers that are remembered for it.
	maxFailing = 1000
)

// failures counts wrong keys and tokens by the computer they came from. Beyond
// maxFailures the answer is 429. A right one always passes: nobody guesses 256
// random bits, however fast, but any web page here can make a browser send
// wrong ones, and must not be able to lock the window out.
type failures struct {
	mu      sync.Mutex
	failing map[netip.Prefix]failing
}

// failing is what a computer has tried in a window that began with its first
// failure.
type failing struct {
	began time.Time
	count int
}

// add counts one more. It returns a problem if that is one too many.
func (f *failures) add(remote string, now time.Time) *Problem {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return nil
	}
	computer := network(from.Addr())
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failing) >= maxFailing {
		maps.DeleteFunc(f.failing, func(_ netip.Prefix, old failing) bool { return now.Sub(old.began) >= failureWindow })
	}
	if f.failing == nil || len(f.failing) >= maxFailing {
		f.failing = map[netip.Prefix]failing{} // a flood from everywhere: begin anew
	}
	known := f.failing[computer]
	if known.count == 0 || now.Sub(known.began) >= failureWindow {
		known = failing{began: now}
	}
	known.count++
	f.failing[computer] = known
	if known.count <= maxFailures {
		return nil
	}
	p := problem(http.StatusTooManyRequests, "Too many wrong keys came from this address: try again in a minute, with the right one.")
	p.retryAfter = known.began.Add(failureWindow).Sub(now)
	return p
}
