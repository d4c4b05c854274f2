package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

func newPoll(f Feed, userAgent string, world network) *poller {
	return &poller{
		feed: f, agent: userAgent, world: world, body: body{turns: world.turns}, accept: "application/json, */*;q=0.5",
		parse: func(a answer) (found, error) { return pollItems(f, a.body) },
	}
}

// pollItems finds the events in an answer: the elements of the array at the
// feed's items path, or one document.
func pollItems(f Feed, body []byte) (found, error) {
	var got found
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(body) == 0 {
		return got, nil
	}
	document := body
	if f.Items != "" {
		if !gjson.ValidBytes(body) {
			return got, errNotJSON
		}
		at := gjson.GetBytes(body, f.Items)
		switch {
		case !at.Exists():
			got.bad = append(got.bad, newBad(fmt.Sprintf("The answer has nothing at %s.", f.Items), body))
			return got, nil
		case at.IsArray():
			got.items = itemsWithIDs(at.Array(), f.Cursor == Cursor{})
			got.limit(f)
			return got, nil
		}
		document = []byte(at.Raw)
	}
	if !f.IsHeartbeat("", document) {
		got.items = []item{{data: document, whole: true}}
	}
	got.limit(f)
	return got, nil
}

// limit drops heartbeats, what is too large, and what is too much: the oldest.
func (got *found) limit(f Feed) {
	got.items = slices.DeleteFunc(got.items, func(it item) bool {
		if len(it.data) > f.maxEvent() {
			got.bad = append(got.bad, newBad(fmt.Sprintf("An item has more than %d bytes.", f.maxEvent()), it.data))
			return true
		}
		return f.IsHeartbeat("", it.data)
	})
	if more := len(got.items) - f.maxItems(); more > 0 {
		got.bad = append(got.bad, newBad(fmt.Sprintf("The answer has %d items more than the limit of %d: the oldest were left out.", more, f.maxItems()), nil))
		got.items = got.items[more:]
	}
}

// itemsWithIDs are the elements of an answer's array, oldest first. An element
// is known again by its own id if all have one of their own, else by its content;
// with a cursor no answer repeats another, and equal content is not the same event.
func itemsWithIDs(elements []gjson.Result, repeats bool) []item {
	if newestFirst(elements) {
		slices.Reverse(elements)
	}
	ids := ownIDs(elements)
	items := make([]item, len(elements))
	for i, element := range elements {
		items[i].data = []byte(element.Raw)
		if ids != nil {
			items[i].id = ids[i]
		} else if repeats {
			items[i].id = contentID(items[i].data)
		}
	}
	return items
}

var idNames = []string{"id", "guid", "uuid", "_id", "event_id"}

// ownIDs are the ids that the elements carry, or nil if they don't tell them
// apart.
func ownIDs(elements []gjson.Result) []string {
	for _, name := range idNames {
		ids, known := make([]string, 0, len(elements)), map[string]string{}
		for _, element := range elements {
			if !element.IsObject() {
				return nil
			}
			id := element.Get(name)
			text := id.String()
			if (id.Type != gjson.String && id.Type != gjson.Number) || text == "" || len(text) > maxMark {
				break
			}
			if other, twice := known[text]; twice && other != element.Raw {
				break // one that is there twice is still the same
			}
			known[text] = element.Raw
			ids = append(ids, text)
		}
		if len(ids) == len(elements) {
			return ids
		}
	}
	return nil
}

// contentID names data by what it is.
func contentID(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:16])
}

// orderPaths are where elements say when they came about; an id counts, too, if
// it is a number.
var orderPaths = []string{
	"created_at", "createdAt", "published_at", "date_published", "published", "issue_datetime", "timestamp", "time", "datetime", "date", "dt", "ts", "sent",
	"updated_at", "updated", "properties.time", "properties.sent", "id", "@this",
}

// newestFirst reports whether an array begins with its newest element, as most
// services have it.
func newestFirst(elements []gjson.Result) bool {
	if len(elements) < 2 {
		return false
	}
	for _, path := range orderPaths {
		first, last := elements[0].Get(path), elements[len(elements)-1].Get(path)
		if a, b := first.Float(), last.Float(); isNumeric(first) && isNumeric(last) && a != b {
			return a > b
		}
		// Times in ISO 8601 of one form compare as text.
		if first.Type == gjson.String && last.Type == gjson.String && len(first.Str) >= 10 && len(first.Str) == len(last.Str) &&
			strings.Count(first.Str, "-") == strings.Count(last.Str, "-") && first.Str != last.Str && path != "id" && path != "@this" {
			return first.Str > last.Str
		}
	}
	return false
}

func isNumeric(r gjson.Result) bool {
	text := r.Raw
	if r.Type == gjson.String {
		text = r.Str
	}
	return text != "" && text[0] >= '0' && text[0] <= '9' && gjson.Valid(text)
}

// cursorOf is where an answer says that the next one begins.
func cursorOf(c Cursor, a answer) string {
	switch {
	case c.Header != "":
		return a.header.Get(c.Header)
	case c.Path == "" || !gjson.ValidBytes(a.body):
		return ""
	}
	at := gjson.GetBytes(a.body, c.Path)
	if s := at.String(); at.Type == gjson.String || at.Type == gjson.Number {
		if utf8.ValidString(s) {
			return s
		}
	}
	return ""
}
