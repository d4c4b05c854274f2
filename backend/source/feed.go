package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The kinds of feeds.
const (
	KindClock     = "clock"
	KindSSE       = "sse"       // text/event-stream
	KindWebSocket = "websocket" // RFC 6455
	KindNDJSON    = "ndjson"    // one JSON value a line over a long answer
	KindRSS       = "rss"       // RSS, Atom and JSON Feed
	KindPoll      = "poll"      // any HTTP endpoint at an interval
	KindPush      = "push"      // others publish to it
	KindLongPoll  = "longpoll"  // requests that the server holds until there is news
	KindSimulator = "simulator" // a scene of package simulate, without a network
)

// MinInterval and MaxInterval bound Feed.Interval; what others have to answer is
// asked for once in MinPoll at most.
const (
	MinInterval = 100 * time.Millisecond
	MinPoll     = time.Second
	MaxInterval = 24 * time.Hour
)

// DefaultClockInterval is the demonstration's.
const DefaultClockInterval = Duration(2 * time.Second)

// Feed says what to run: the part of a feed's settings that its source needs.
// Feeds are compared by value: one that changed is restarted. What is left out
// has its default; sizes are in bytes.
type Feed struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	URL      string   `json:"url,omitempty"`
	Interval Duration `json:"interval,omitzero"` // of the clock, and between two polls
	Paused   bool     `json:"paused"`

	// Simulator only.
	Scene string  `json:"scene,omitempty"`
	Rate  float64 `json:"rate,omitempty"` // events a second; 0 means the scene's own
	Seed  uint64  `json:"seed,omitempty"`

	// The request. {{cursor}} and {{secret}} in the URL, in values of headers,
	// in the body and in what a script sends stand for the feed's cursor and
	// for Auth.Secret.
	Method    string            `json:"method,omitempty"` // default: GET, or POST with a body
	Headers   map[string]string `json:"headers,omitempty"`
	Body      string            `json:"body,omitempty"`
	UserAgent string            `json:"userAgent,omitempty"`
	Auth      Auth              `json:"auth,omitzero"`
	Cursor    Cursor            `json:"cursor,omitzero"`

	// SecretNames are headers, parameters and members whose values are secrets
	// though they aren't named like one.
	SecretNames []string `json:"secretNames,omitempty"`

	// WebSocket only.
	Subprotocols []string `json:"subprotocols,omitempty"`
	Script       []Step   `json:"script,omitempty"` // what to say once connected

	// What is an event.
	Items     string `json:"items,omitempty"`     // the path of a message's events, where it holds several
	Heartbeat string `json:"heartbeat,omitempty"` // see pattern; several stand on lines of their own: messages that are a sign of life and no events
	Delta     string `json:"delta,omitempty"`     // "firebase": events are changes of one document (sse)

	// The connection.
	Connection
	Insecure   bool    `json:"insecure,omitempty"`   // accept any certificate
	ClientCert string  `json:"clientCert,omitempty"` // a PEM file, or its text, that says who we are
	ClientKey  string  `json:"clientKey,omitempty"`  // the same of its key; default: ClientCert holds both
	Defaults   Network `json:"-"`                    // the settings' for all feeds

	MaxEvent     int `json:"maxEvent,omitempty"`     // default 4 MiB
	MaxBody      int `json:"maxBody,omitempty"`      // of one answer, unpacked; default 32 MiB
	MaxItems     int `json:"maxItems,omitempty"`     // of one answer; default 1000
	MaxRedirects int `json:"maxRedirects,omitempty"` // default 5
}

// Auth says who we are to a feed's server.
type Auth struct {
	Type   string `json:"type,omitempty"` // none (default), basic, bearer, header or query
	Name   string `json:"name,omitempty"` // of the header or query parameter
	User   string `json:"user,omitempty"` // basic
	Secret Secret `json:"secret,omitempty"`
}

// Cursor says where in an event, or in an answer, stands what fetches the
// events after it.
type Cursor struct {
	Path   string `json:"path,omitempty"`   // in gjson's syntax
	Header string `json:"header,omitempty"` // of an answer, instead of Path
	Param  string `json:"param,omitempty"`  // the query parameter that takes it; default: wherever {{cursor}} stands
}

// Step is one step of a WebSocket's script: it waits for a message, then sends
// one. Either may be missing.
type Step struct {
	WaitFor string `json:"waitFor,omitempty"` // see pattern
	Send    string `json:"send,omitempty"`
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

// String is the duration as JSON shows it.
func (d Duration) String() string { return time.Duration(d).String() }

// String is the feed's id: its URL and headers may hold keys.
func (f Feed) String() string { return f.ID }

// Clone copies the feed, so that a change of the one isn't seen in the other.
func (f Feed) Clone() Feed {
	f.Headers, f.Subprotocols, f.Script = maps.Clone(f.Headers), slices.Clone(f.Subprotocols), slices.Clone(f.Script)
	f.SecretNames = slices.Clone(f.SecretNames)
	return f
}

// misses reports whether the feed's events are there only while it is connected,
// unless it resumes: others are lists and documents, which are read again.
func (f Feed) misses() bool {
	switch f.Kind {
	case KindSSE, KindWebSocket, KindNDJSON:
		return f.Delta == ""
	}
	return false
}

// origin names the place that the feed's events come from, so that a resume
// token is never given to another one. It holds the URL hashed: URLs carry
// secrets.
func (f Feed) origin() string {
	place := f.Kind + "\n" + f.URL
	if f.Kind == KindSimulator {
		place += fmt.Sprintf("%s %d", f.Scene, f.Seed)
	}
	if f.Method != "" || f.Body != "" || len(f.Script) > 0 {
		place += fmt.Sprintf("\n%q %q %q", f.Method, f.Body, f.Script) // what is asked for
	}
	sum := sha256.Sum256([]byte(place))
	return f.ID + ":" + hex.EncodeToString(sum[:8])
}
