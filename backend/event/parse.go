package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// ParseJSON reads what AppendJSON wrote. The id, where there is one, is that of
// the journal that the event comes from. Members that it doesn't know are left
// alone, so that a newer Tickertape's events can be read.
//
// The JSON form doesn't tell a payload of text from one that is a JSON string:
// it is text, unless the event has no text although it isn't empty, as only the
// other one can. Encoded again both are the same.
func ParseJSON(line []byte) (Event, error) {
	// By gjson: encoding/json refuses payloads that are nested very deeply.
	if !gjson.ValidBytes(line) {
		return Event{}, errors.New("it is not a JSON value")
	}
	object := gjson.ParseBytes(line)
	if !object.IsObject() {
		return Event{}, errors.New("it is not a JSON object")
	}
	var e Event
	var data gjson.Result
	var err error
	object.ForEach(func(name, value gjson.Result) bool {
		if name.Str == "data" {
			data = value
			return true
		}
		err = e.setMember(name.Str, value)
		return err == nil
	})
	switch {
	case err != nil:
		return Event{}, err
	case e.Feed == "":
		return Event{}, errors.New("it names no feed")
	case !data.Exists():
		return Event{}, errors.New("it has no data")
	}
	if e.Type == "" {
		e.Type = DefaultType
	}
	e.JSON = data.Type != gjson.String || (e.Text == "" && data.Str != "")
	if e.JSON {
		e.Data = []byte(data.Raw)
	} else {
		e.Data = []byte(data.Str)
	}
	return e, nil
}

// setMember sets what a member of the JSON form says, except the payload.
func (e *Event) setMember(name string, value gjson.Result) (err error) {
	text := map[string]*string{
		"feed": &e.Feed, "type": &e.Type, "sourceId": &e.SourceID, "key": &e.Key, "title": &e.Title,
		"text": &e.Text, "url": &e.URL, "severity": &e.Severity,
	}[name]
	want := gjson.String
	if name == "value" {
		want = gjson.Number
	}
	known := text != nil || slices.Contains([]string{"id", "value", "sourceTime", "receivedAt"}, name)
	if !known {
		return nil
	}
	if value.Type != want {
		return fmt.Errorf("its %s is no %s", name, strings.ToLower(want.String()))
	}
	switch name {
	case "id":
		e.ID, err = ParseID(value.Str)
	case "value":
		e.Value = value.Raw
	case "sourceTime":
		e.SourceTime, err = time.Parse(time.RFC3339, value.Str)
	case "receivedAt":
		e.ReceivedAt, err = time.Parse(time.RFC3339, value.Str)
	default:
		*text = value.Str
	}
	if err != nil {
		return fmt.Errorf("its %s is not understood: %w", name, err)
	}
	if name == "severity" && value.Str != "" && !slices.Contains(Severities, value.Str) {
		return fmt.Errorf("its severity is none of %s", strings.Join(Severities, ", "))
	}
	return nil
}
