package mapping

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// number is a JSON number's text, also where the feed wrote it as a string, as
// exchanges do to keep its digits. It is "" for anything else.
func number(r gjson.Result) string {
	text := r.Raw
	if r.Type == gjson.String {
		text = strings.TrimSpace(r.Str)
	}
	if text == "" || len(text) > 64 || (text[0] != '-' && (text[0] < '0' || text[0] > '9')) {
		return ""
	}
	if !gjson.Valid(text) { // a path can make numbers up, too
		return ""
	}
	return text
}

// webURL is s if it is an absolute http or https URL, else "".
func webURL(s string) string {
	if !beginsLikeURL(s) {
		return ""
	}
	if u, err := url.Parse(s); err != nil || u.Host == "" {
		return ""
	}
	return s
}

// beginsLikeURL finds out most of what isn't a webURL without parsing it.
func beginsLikeURL(s string) bool {
	scheme, rest, found := strings.Cut(s, "://")
	return found && rest != "" && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// severities are the words that feeds use beside event.Severities, in lower case.
var severities = map[string]string{
	"trace": "debug", "verbose": "debug",
	"information": "info", "informational": "info", "notice": "info", "minor": "info", "low": "info", "green": "info",
	"warn": "warning", "moderate": "warning", "medium": "warning", "yellow": "warning",
	"err": "error", "severe": "error", "major": "error", "high": "error", "orange": "error",
	"fatal": "critical", "crit": "critical", "alert": "critical", "emergency": "critical", "emerg": "critical",
	"panic": "critical", "extreme": "critical", "red": "critical",
}

// severity is the word of event.Severities that s means, or "".
func severity(s string) string {
	if len(s) > 20 {
		return ""
	}
	s = strings.ToLower(s)
	if word, ok := severities[s]; ok {
		return word
	}
	if slices.Contains(event.Severities, s) {
		return s
	}
	return ""
}
