package mapping

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// Mapping says where the fields of an event stand in a JSON payload, as paths
// in gjson's syntax ("commit.record.text", "1.timestamp"). An empty path means:
// guess. A path that finds nothing leaves its field empty, so that "-" is a way
// to want none; "[a,b]|0" takes the first of two that is there.
type Mapping struct {
	// ID replaces the id that the feed's source gave, if it finds one. It is
	// never guessed here: an id in a stream may be a trade's of one of many
	// symbols, or a subscription's, and taking it would make duplicates of
	// different events. Only who polls a list knows that its ids name its items.
	ID string `json:"id,omitempty"`

	// Type replaces the event name of the feed's protocol, if it finds one. It
	// is never guessed.
	Type string `json:"type,omitempty"`

	Key      string `json:"key,omitempty"`
	Title    string `json:"title,omitempty"`
	Text     string `json:"text,omitempty"`
	URL      string `json:"url,omitempty"`
	Value    string `json:"value,omitempty"`
	Severity string `json:"severity,omitempty"`
	Time     string `json:"time,omitempty"`
}

// Map makes the event of raw for the feed with this id. It takes over
// raw.Data.
func (m Mapping) Map(feed string, raw event.Raw) event.Event {
	e := event.Event{
		Feed: feed, Type: raw.Type, SourceID: raw.ID,
		ReceivedAt: raw.ReceivedAt, Data: raw.Data,
	}
	if e.Type == "" {
		e.Type = event.DefaultType
	}
	if !utf8.Valid(e.Data) {
		e.Data = []byte(strings.ToValidUTF8(string(e.Data), "\ufffd"))
	}
	e.JSON = gjson.ValidBytes(e.Data)
	doc := gjson.Result{}
	if e.JSON {
		doc = gjson.ParseBytes(e.Data)
	}
	switch {
	case doc.IsObject() || doc.IsArray():
		m.mapDocument(&e, doc)
	case doc.Type == gjson.String:
		e.Text = cut(doc.Str, maxText)
	default:
		e.Text = cut(string(e.Data), maxText)
	}
	return e
}

func (m Mapping) mapDocument(e *event.Event, doc gjson.Result) {
	// What is found points into a copy of the payload. Clones let that copy go,
	// or each event would hold its payload twice while it waits for the journal.
	found := m.find(doc)
	e.Key = strings.Clone(label(found[keyField]))
	e.Title = strings.Clone(plainLine(label(found[titleField])))
	e.Text = strings.Clone(plainText(label(found[textField])))
	e.URL = strings.Clone(webURL(label(found[urlField])))
	e.Value = strings.Clone(number(found[valueField]))
	e.Severity = severity(label(found[severityField]))
	e.SourceTime = parseTime(found[timeField])

	if id := sourceID(at(doc, m.ID)); id != "" {
		e.SourceID = strings.Clone(id)
	}
	if typ := label(at(doc, m.Type)); typ != "" && len(typ) <= maxType && !hasControl(typ) {
		e.Type = strings.Clone(typ)
	}
}

// find looks up each field's path, and guesses the fields that have none.
func (m Mapping) find(doc gjson.Result) [fieldCount]gjson.Result {
	paths := [fieldCount]string{
		keyField: m.Key, titleField: m.Title, textField: m.Text, urlField: m.URL,
		valueField: m.Value, severityField: m.Severity, timeField: m.Time,
	}
	var g guesser
	for field, path := range paths {
		g.best[field].cost = costLimit
		if path != "" {
			g.best[field] = guess{cost: -1, value: at(doc, path)} // no guess costs less
		}
	}
	g.document(doc)
	var found [fieldCount]gjson.Result
	for field := range found {
		found[field] = g.best[field].value
	}
	return found
}

func at(doc gjson.Result, path string) gjson.Result {
	if path == "" {
		return gjson.Result{}
	}
	return doc.Get(path)
}

// maxType bounds an event's type that was taken from its payload, in bytes: it
// becomes the event name in an SSE frame.
const maxType = 100

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// label is what stands in r as text. Numbers keep their digits. A list is
// joined, as for the host names of a certificate; one of lists ("[[a,1],[b,2]]")
// becomes "a 1, b 2".
func label(r gjson.Result) string { return join(r, ", ") }

func join(r gjson.Result, separator string) string {
	switch {
	case r.Type == gjson.Null:
		return ""
	case r.Type == gjson.String:
		return r.Str
	case !r.IsArray():
		return r.Raw
	}
	var parts []string
	r.ForEach(func(_, part gjson.Result) bool {
		if text := join(part, " "); text != "" {
			parts = append(parts, text)
		}
		return true
	})
	return strings.Join(parts, separator)
}

// sourceID is the text of an id. One of several parts keeps its form, because
// joined parts may be the same for different ids.
func sourceID(r gjson.Result) string {
	switch {
	case r.Type == gjson.String:
		return r.Str
	case r.Type == gjson.Null || r.Raw == "[]": // "[a,b]" of which neither is there
		return ""
	}
	return r.Raw
}
