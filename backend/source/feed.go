package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// The kinds of feeds.
const (
	KindClock = "clock"
	KindSSE   = "sse"
	KindPush  = "push"
)

// MinInterval and MaxInterval bound Feed.Interval.
const (
	MinInterval = 100 * time.Millisecond
	MaxInterval = 24 * time.Hour
)

// DefaultClockInterval is the demonstration's.
const DefaultClockInterval = Duration(2 * time.Second)

// Feed says what to run: the part of a feed's settings that its source needs.
// Feeds are compared by value: one that changed is restarted.
type Feed struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	URL      string   `json:"url,omitempty"`
	Interval Duration `json:"interval,omitzero"` // of the clock
	Paused   bool     `json:"paused"`
}

// Duration is a time.Duration that JSON shows as "2s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration: write it like 500ms, 2s or 1h30m", text)
	}
	*d = Duration(parsed)
	return nil
}

var feedID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Problems says what is wrong with the feed, a sentence by JSON field; it is
// empty for a feed that can run.
func (f Feed) Problems() map[string]string {
	problems := map[string]string{}
	if !feedID.MatchString(f.ID) {
		problems["id"] = "An id is up to 64 lower-case letters, digits, - and _, and begins with a letter or digit."
	}
	if n := len([]rune(f.Name)); strings.TrimSpace(f.Name) == "" {
		problems["name"] = "Give the feed a name."
	} else if n > 60 {
		problems["name"] = fmt.Sprintf("A name has at most 60 characters; this one has %d.", n)
	}
	switch f.Kind {
	case KindClock:
		if i := time.Duration(f.Interval); i < MinInterval || i > MaxInterval {
			problems["interval"] = "The interval must be between 100 ms and 24 hours."
		}
	case KindSSE:
		if problem := urlProblem(f.URL); problem != "" {
			problems["url"] = problem
		}
	case KindPush: // wants nothing: others come to it
	default:
		problems["kind"] = fmt.Sprintf("There is no kind of feed called %q; use sse, push or clock.", f.Kind)
	}
	return problems
}

func urlProblem(text string) string {
	if strings.TrimSpace(text) == "" {
		return "Paste the URL of the feed."
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// Not Go's own words: they quote what may be a password.
		return "This is not a URL: look for spaces, brackets or a port that is not a number."
	case u.Scheme == "" || (u.Host == "" && u.Opaque != ""):
		return "A URL begins with http:// or https://."
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("Feeds are read over http:// or https://, not %s://.", u.Scheme)
	case u.Hostname() == "":
		return "The URL names no host."
	}
	return ""
}

// secretNames are what services call the query parameter that carries a key.
var secretNames = regexp.MustCompile(`(?i)^(.*[-_.])?(key|apikey|token|accesstoken|secret|auth|authorization|password|passwd|pwd|jwt|sig|signature)$`)

// UsesSecret reports whether the feed's URL carries a password or a key.
func (f Feed) UsesSecret() bool {
	u, err := url.Parse(f.URL)
	if err != nil {
		return true // better hidden than leaked
	}
	if u.User != nil {
		return true
	}
	for name := range u.Query() {
		if secretNames.MatchString(name) {
			return true
		}
	}
	return false
}

// origin names the place that the feed's events come from, so that a resume
// token is never given to another one. It holds the URL hashed: URLs carry
// secrets.
func (f Feed) origin() string {
	sum := sha256.Sum256([]byte(f.Kind + "\n" + f.URL))
	return f.ID + ":" + hex.EncodeToString(sum[:8])
}
