package mapping

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
)

// The names that feeds use for each field, best first, in lower case. Names of
// one letter are those of the large exchanges.
var (
	keyNames      = []string{"symbol", "product_id", "ticker", "pair", "entity_id", "key", "sensor", "device", "s"}
	titleNames    = []string{"title", "name", "headline", "subject", "shortname", "summary"}
	textNames     = []string{"text", "message", "msg", "body", "description", "content", "comment"}
	urlNames      = []string{"url", "link", "html_url", "uri", "href", "notify_url", "permalink"}
	valueNames    = []string{"value", "price", "last", "amount", "mag", "score", "temperature", "c", "p"}
	severityNames = []string{"severity", "level", "loglevel", "log_level"}
	timeNames     = []string{
		"time", "timestamp", "ts", "dt", "@timestamp", "datetime", "date", "created_at", "createdat", "time_us", "time_fired",
		"published", "published_at", "pubdate", "date_published", "updated_at", "updated", "now", "e", "t",
	}
)

// fields are the members of a JSON object by name in lower case, with those of
// one level of nesting below them.
type fields map[string]gjson.Result

// scan reads an object once. The outer level wins over the inner one, and the
// first member of a name over later ones.
func scan(doc gjson.Result) fields {
	found := fields{}
	var inner []gjson.Result
	add := func(name, value gjson.Result) bool {
		key := strings.ToLower(name.Str)
		if _, taken := found[key]; !taken {
			found[key] = value
		}
		return true
	}
	doc.ForEach(func(name, value gjson.Result) bool {
		if value.IsObject() {
			inner = append(inner, value)
			return true
		}
		return add(name, value)
	})
	for _, object := range inner {
		object.ForEach(func(name, value gjson.Result) bool {
			if value.IsObject() || value.IsArray() {
				return true
			}
			return add(name, value)
		})
	}
	return found
}

func (f fields) first(names []string, fits func(gjson.Result) bool) gjson.Result {
	for _, name := range names {
		if value, ok := f[name]; ok && fits(value) {
			return value
		}
	}
	return gjson.Result{}
}

func isText(r gjson.Result) bool   { return r.Type == gjson.String && r.Str != "" }
func isLabel(r gjson.Result) bool  { return isText(r) && len(r.Str) <= 200 }
func isNumber(r gjson.Result) bool { return number(r) != "" }
func isTime(r gjson.Result) bool   { return !parseTime(r).IsZero() }

// number is a JSON number's text, also where the feed wrote it as a string, as
// exchanges do to keep its digits. It is "" for anything else.
func number(r gjson.Result) string {
	text := r.Raw
	if r.Type == gjson.String {
		text = r.Str
	}
	if text == "" || len(text) > 64 || !gjson.Valid(text) || gjson.Parse(text).Type != gjson.Number {
		return ""
	}
	return text
}

// webURL is s if it is an absolute http or https URL, else "".
func webURL(s string) string {
	if u, err := url.Parse(s); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return s
}

// severity is the word of event.Severities that s means, or "".
func severity(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "trace", "verbose":
		return "debug"
	case "information", "notice", "minor":
		return "info"
	case "warn", "moderate":
		return "warning"
	case "err", "severe", "major":
		return "error"
	case "fatal", "crit", "alert", "emergency", "emerg", "panic", "extreme":
		return "critical"
	}
	if slices.Contains(event.Severities, s) {
		return s
	}
	return ""
}

var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999", time.RFC1123Z, time.RFC1123, time.RFC822Z, time.RFC822, time.ANSIC, time.UnixDate,
}

// parseTime reads a time in any form that feeds use: ISO 8601, RFC 822 and
// 1123, or a number of seconds, milli-, micro- or nanoseconds since 1970,
// told apart by size. It is zero if r is none of them.
func parseTime(r gjson.Result) time.Time {
	if text := number(r); text != "" {
		return parseUnix(text)
	}
	if r.Type != gjson.String {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, r.Str); err == nil && plausible(t) {
			return t
		}
	}
	return time.Time{}
}

func parseUnix(text string) time.Time {
	// A count of nanoseconds doesn't fit a float's 53 bits.
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 1e17 {
		return time.Unix(0, n)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 1e8 { // before 1973: a counter, not a time
		return time.Time{}
	}
	unit := 1.0
	for n/unit >= 1e11 && unit < 1e6 {
		unit *= 1e3
	}
	seconds, fraction := math.Modf(n / unit)
	t := time.Unix(int64(seconds), int64(math.Round(fraction*1e6))*1e3)
	if !plausible(t) {
		return time.Time{}
	}
	return t
}

// plausible keeps out what only looks like a time, and what the journal's
// microseconds couldn't hold.
func plausible(t time.Time) bool { return t.Year() > 1800 && t.Year() < 2200 }
