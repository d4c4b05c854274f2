package source

import (
	"bytes"
	"strings"

	"github.com/tidwall/gjson"
)

// pattern says which messages are meant: "path=value" those whose JSON has the
// value at the path, "=text" those that are exactly the text, anything else those
// of that type, or that contain the text. Each line is a pattern of its own.
type pattern string

func (p pattern) matches(typ string, data []byte) bool {
	for line := range strings.SplitSeq(string(p), "\n") {
		if line = strings.TrimRight(line, "\r"); line != "" && pattern(line).matchesOne(typ, data) {
			return true
		}
	}
	return false
}

func (p pattern) matchesOne(typ string, data []byte) bool {
	if text, whole := strings.CutPrefix(string(p), "="); whole {
		return string(data) == text
	}
	path, value, isPath := strings.Cut(string(p), "=")
	if isPath && isPathLike(path) && gjson.ValidBytes(data) {
		found := gjson.GetBytes(data, strings.TrimSpace(path))
		return found.Exists() && found.String() == strings.Trim(strings.TrimSpace(value), `"`)
	}
	return typ == string(p) || bytes.Contains(data, []byte(p))
}

// isPathLike keeps a piece of a URL or of markup from being read as a path.
func isPathLike(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && !strings.ContainsAny(s, " <>\"?&/")
}

// IsHeartbeat reports whether a message of the feed is a sign of life and no
// event.
func (f Feed) IsHeartbeat(typ string, data []byte) bool {
	return pattern(f.Heartbeat).matches(typ, data)
}

// reading is how a feed's messages become events.
type reading struct {
	items     string
	heartbeat pattern
	cursor    string // its path
	most      int    // events in a message
}

func newReading(f Feed) reading {
	return reading{items: f.Items, heartbeat: pattern(f.Heartbeat), cursor: f.Cursor.Path, most: f.maxItems()}
}

// message is what one message holds.
type message struct {
	events [][]byte
	cursor string // "" where it has none
	more   int    // events beyond the limit, which were left out
}

// read takes a message apart. A heartbeat has no events. A message without
// the items' path is an event itself: feeds mix their data with notices.
func (r reading) read(typ string, data []byte) message {
	var m message
	if r.cursor != "" && gjson.ValidBytes(data) {
		m.cursor = gjson.GetBytes(data, r.cursor).String()
	}
	if r.heartbeat.matches(typ, data) {
		return m
	}
	m.events = [][]byte{data}
	if r.items == "" || !gjson.ValidBytes(data) {
		return m
	}
	found := gjson.GetBytes(data, r.items)
	if !gjson.Valid(found.Raw) { // there is none, or the path brings a text of its own that is no JSON: "!00"
		return m
	}
	m.events = nil
	items := itemsOf(found)
	if m.more = max(len(items)-r.most, 0); m.more > 0 {
		items = items[:r.most]
	}
	for _, item := range items {
		m.events = append(m.events, []byte(item.Raw))
		if at := item.Get(r.cursor); r.cursor != "" && at.Exists() {
			m.cursor = at.String()
		}
	}
	return m
}

// itemsOf are the elements of an array, or the one value that is none.
func itemsOf(found gjson.Result) []gjson.Result {
	if found.IsArray() {
		return found.Array()
	}
	return []gjson.Result{found}
}
