package mapping

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// maxText bounds the text that is shown for a payload without fields, in bytes. The payload itself is kept whole in Event.Data.
const maxText = 4 << 10

// Mapping says where the fields of an event stand in a JSON payload, as paths
// in gjson's syntax. An empty path means: guess.
type Mapping struct {
	ID       string `json:"id,omitempty"`
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
	case doc.IsObject():
		m.mapObject(&e, doc)
	case doc.IsArray():
		// Its parts have no names to guess by; the payload is shown as it is.
	case doc.Type == gjson.String:
		e.Text = plainText(doc.Str)
	default:
		e.Text = plainText(string(e.Data))
	}
	return e
}

func (m Mapping) mapObject(e *event.Event, doc gjson.Result) {
	fields := scan(doc)
	pick := func(path string, names []string, fits func(gjson.Result) bool) gjson.Result {
		if path != "" {
			return doc.Get(path)
		}
		return fields.first(names, fits)
	}
	if m.ID != "" {
		e.SourceID = doc.Get(m.ID).String()
	}
	e.Key = pick(m.Key, keyNames, isLabel).String()
	e.Title = pick(m.Title, titleNames, isText).String()
	e.Text = pick(m.Text, textNames, isText).String()
	e.URL = webURL(pick(m.URL, urlNames, isText).String())
	e.Value = number(pick(m.Value, valueNames, isNumber))
	e.Severity = severity(pick(m.Severity, severityNames, isLabel).String())
	e.SourceTime = parseTime(pick(m.Time, timeNames, isTime))
}

// plainText is a payload without fields as text to show.
func plainText(data string) string {
	if len(data) <= maxText {
		return data
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(data[cut]) {
		cut--
	}
	return data[:cut] + "…"
}
