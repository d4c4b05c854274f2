package source

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"tickertape/backend/sse"
)

// hostPause is how far apart two connections to one host are begun, whichever
// feeds they are for.
const hostPause = time.Second

// hosts spaces connections by host.
type hosts struct {
	pause time.Duration

	mu   sync.Mutex
	next map[string]time.Time // when the next connection may begin
}

func newHosts() *hosts { return &hosts{pause: hostPause, next: map[string]time.Time{}} }

// wait waits for the turn of a feed with this URL.
func (h *hosts) wait(ctx context.Context, feedURL string) error {
	u, err := url.Parse(feedURL)
	if err != nil || u.Hostname() == "" {
		return nil // a feed of our own
	}
	delay := h.reserve(u.Hostname(), time.Now())
	if delay <= 0 {
		return nil
	}
	return sleep(ctx, delay)
}

func (h *hosts) reserve(host string, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, at := range h.next {
		if !at.After(now) {
			delete(h.next, name)
		}
	}
	at := now
	if next, ok := h.next[host]; ok {
		at = next
	}
	h.next[host] = at.Add(h.pause)
	return at.Sub(now)
}

// pause is how long to leave the server alone: the feed's interval, or longer
// if the answer asks for that.
func (p *poller) pause(h http.Header, fresh time.Duration) time.Duration {
	wait := max(p.feed.interval(), min(fresh, maxFresh), min(sse.RetryAfter(h.Get("Retry-After"), time.Now()), MaxInterval))
	if p.feed.Kind == KindRSS {
		wait = max(wait, min(maxAge(h), maxFresh))
	}
	if s, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Poll-Interval"))); err == nil && s > 0 {
		wait = max(wait, min(time.Duration(s)*time.Second, MaxInterval))
	}
	return wait
}

// maxAge is how much longer an answer stays fresh (RFC 9111, section 4.2).
func maxAge(h http.Header) time.Duration {
	var most time.Duration
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			if s, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil && strings.EqualFold(name, "max-age") {
				most = time.Duration(s) * time.Second
			}
		}
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		most -= time.Duration(age) * time.Second
	}
	return max(most, 0)
}

// jitter is a random part of d, so that feeds don't stay in step.
func jitter(d time.Duration) time.Duration {
	return rand.N(d + 1) //nolint:gosec // not a secret
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
