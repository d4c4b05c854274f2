package markup

import (
	"regexp"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// maxDepth bounds how deep in a payload HTML is looked for.
const maxDepth = 8

// tag is one of the elements that people write texts with. Vec<String> and
// <alice@example.com> are none.
var tag = regexp.MustCompile(`(?i)</?(a|abbr|article|b|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figure|font|h[1-6]|hr|i|iframe|img|ins|li|ol|p|picture|pre|q|s|script|section|small|span|strong|style|sub|sup|svg|table|td|th|tr|u|ul|video)(\s[^<>]*)?/?>`)

// Find returns the HTML in an event's payload: the longest of its texts that
// has tags in it. Summaries stand beside contents, and the latter are longer.
func Find(e *event.Event) (source string, found bool) {
	if !e.JSON {
		source = string(e.Data)
		return source, tag.MatchString(source)
	}
	longest(gjson.ParseBytes(e.Data), 0, &source)
	return source, source != ""
}

// longest keeps in best the longest text with tags at or under v.
func longest(v gjson.Result, depth int, best *string) {
	switch {
	case v.Type == gjson.String:
		if len(v.Str) > len(*best) && tag.MatchString(v.Str) {
			*best = v.Str
		}
	case v.Type == gjson.JSON && depth < maxDepth:
		v.ForEach(func(_, part gjson.Result) bool {
			longest(part, depth+1, best)
			return true
		})
	}
}
