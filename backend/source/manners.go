package source

import (
	"context"
	"net/url"
	"sync"
	"time"
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
