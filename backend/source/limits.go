package source

import "time"

// The defaults of what a feed may leave out.
const (
	defaultMaxEvent     = 4 << 20
	defaultMaxBody      = 32 << 20
	defaultMaxItems     = 1000
	defaultMaxRedirects = 5

	defaultRSSInterval  = 5 * time.Minute
	defaultPollInterval = 30 * time.Second
)

// mostBytes bounds what a person may allow one event or answer: all of it is
// held in memory at once.
const mostBytes = 256 << 20

func (f Feed) maxEvent() int     { return or(f.MaxEvent, defaultMaxEvent) }
func (f Feed) maxBody() int      { return or(f.MaxBody, defaultMaxBody) }
func (f Feed) maxItems() int     { return or(f.MaxItems, defaultMaxItems) }
func (f Feed) maxRedirects() int { return or(f.MaxRedirects, defaultMaxRedirects) }

func or(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// interval is the pause between two polls.
func (f Feed) interval() time.Duration {
	switch {
	case f.Interval > 0:
		return max(time.Duration(f.Interval), MinPoll)
	case f.Kind == KindRSS:
		return defaultRSSInterval
	}
	return defaultPollInterval
}
