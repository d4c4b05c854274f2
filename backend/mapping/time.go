package mapping

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Layouts of dates that begin with a year: ISO 8601 as feeds write it. Go's
// parser takes a fraction after the seconds whether or not the layout has one.
var isoLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700 MST", "2006-01-02 15:04", time.DateOnly,
}

// Layouts of dates that begin with the name of a day or a month, or with a day
// of one or two digits.
var namedLayouts = []string{
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04 -0700", "Mon, 2 Jan 2006 15:04 MST",
	"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", time.RFC822Z, time.RFC822, time.RFC850,
	time.RubyDate, time.ANSIC, time.UnixDate,
}

// Layouts without anything between the numbers.
var compactLayouts = []string{"20060102T150405Z07:00", "20060102T150405", "20060102150405", "2006/01/02 15:04:05"}

// zones are the offsets in hours of the zones that feeds call by name: those of
// RFC 822, and a few of Europe and Asia that mean one thing only. Go's parser
// takes any name and reads it as UTC, or by the zone of this computer.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "UT": 0, "Z": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
}

// parseTime reads a time in any form that feeds use: ISO 8601, RFC 822, 1123
// and 850, as C and Ruby print it, or a number of seconds, milli-, micro- or
// nanoseconds since 1970, told apart by size. Without a zone it is UTC. It is
// zero if r is none of them.
func parseTime(r gjson.Result) time.Time {
	if r.Type == gjson.Number {
		return parseUnix(r.Raw)
	}
	s := strings.TrimSpace(r.Str)
	if r.Type != gjson.String || len(s) < len(time.DateOnly) || len(s) > 64 {
		return time.Time{}
	}
	if t := parseUnix(number(r)); !t.IsZero() {
		return t
	}
	var layouts []string
	switch digits := leadingDigits(s); {
	case digits == 4 && s[4] == '-':
		layouts = isoLayouts
	case digits == 4 || digits == 8 || digits == 14:
		layouts = compactLayouts
	case digits == 1 || digits == 2 || digits == 0 && namesDay(s):
		layouts = namedLayouts
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return plausible(inNamedZone(t))
		}
	}
	return time.Time{}
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// namesDay keeps ordinary words from being tried against each layout.
func namesDay(s string) bool {
	switch strings.ToLower(s[:3]) {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun":
		return true
	}
	return false
}

// inNamedZone moves t, which was read as UTC, by the offset of the zone that it
// names. An unknown name makes no time: none is better than one that is hours off.
func inNamedZone(t time.Time) time.Time {
	name, offset := t.Zone()
	if t.Location() == time.UTC || name == "" || offset != 0 {
		return t
	}
	hours, known := zones[name]
	if !known {
		return time.Time{}
	}
	return t.Add(-time.Duration(hours) * time.Hour)
}

func parseUnix(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	// Whole numbers apart: a count of nanoseconds doesn't fit a float's 53 bits.
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch {
		case n < 1e8: // before 1973: a counter, not a time
			return time.Time{}
		case n < 1e11:
			return plausible(time.Unix(n, 0))
		case n < 1e14:
			return plausible(time.UnixMilli(n))
		case n < 1e17:
			return plausible(time.UnixMicro(n))
		}
		return plausible(time.Unix(0, n))
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 1e8 {
		return time.Time{}
	}
	for unit := 0; n >= 1e11 && unit < 3; unit++ {
		n /= 1e3
	}
	seconds, fraction := math.Modf(n)
	return plausible(time.Unix(int64(seconds), int64(math.Round(fraction*1e6))*1e3))
}

// plausible keeps out what only looks like a time, and what the journal's
// microseconds couldn't hold.
func plausible(t time.Time) time.Time {
	if t.Year() <= 1800 || t.Year() >= 2200 {
		return time.Time{}
	}
	return t
}
