package query

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// when holds where the event was received since a moment, or before it.
type when struct {
	before bool
	age    string        // as it was written, for one relative to now; "" for none
	ago    time.Duration // what that means
	at     int64         // otherwise microseconds since 1970, as the journal counts
}

func (w when) String() string {
	name := "since:"
	if w.before {
		name = "before:"
	}
	if w.age != "" {
		return name + w.age
	}
	return name + quoted(time.UnixMicro(w.at).UTC().Format(time.RFC3339Nano))
}

func (w when) match(s *subject) bool {
	at := w.at
	if w.age != "" {
		at = s.now().Add(-w.ago).UnixMicro()
	}
	return (s.ReceivedAt.UnixMicro() < at) == w.before
}

func (w when) cost() int { return 2 }

func (w when) sql(Scope) Condition {
	at := w.at
	if w.age != "" {
		at = time.Now().Add(-w.ago).UnixMicro()
	}
	if w.before {
		return Condition{"received_at < ?", []any{at}, true}
	}
	return Condition{"received_at >= ?", []any{at}, true}
}

// ages are the units of relative times.
var ages = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// parseAge reads 30s, 5m, 2h, 1d or 1w.
func parseAge(text string) (ago time.Duration, ok bool) {
	const most = 100 * 365 * 24 * time.Hour
	if len(text) < 2 || strings.Trim(text[:len(text)-1], "0123456789") != "" {
		return 0, false
	}
	unit := ages[text[len(text)-1]]
	n, err := strconv.ParseInt(text[:len(text)-1], 10, 64)
	if err != nil || unit == 0 || n > int64(most/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// parseMoment reads a date or a time, and returns the span that it names: a
// whole day, minute or second, or no time at all. Without a zone it is local.
func parseMoment(text string) (from, to time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, t, true
	}
	if t, err := time.ParseInLocation("2006-01-02", text, time.Local); err == nil {
		return t, t.AddDate(0, 0, 1), true
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04", text, time.Local); err == nil {
		return t, t.Add(time.Minute), true
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05", text, time.Local); err == nil {
		return t, t.Add(time.Second), true
	}
	return from, to, false
}

// newWhen makes the term of one of the four fields; ok is false where text is
// no time.
func newWhen(name, text string) (w when, ok bool) {
	w.before = name == "before" || name == "until"
	if ago, ok := parseAge(text); ok {
		w.age, w.ago = text, ago
		return w, true
	}
	from, to, ok := parseMoment(text)
	if name == "after" || name == "until" { // from, or up to, the end of the span
		from = to
	}
	w.at = from.UnixMicro()
	year := from.UTC().Year()
	return w, ok && year > 0 && year < 9999
}

// Times is a span of time: From <= t < To, in microseconds since 1970.
type Times struct{ From, To int64 }

// ever is all times.
var ever = Times{math.MinInt64, math.MaxInt64}

// Received is when the selected events were received: none of them at another
// time, but not all that were received then are selected.
func (f Filter) Received(now time.Time) Times {
	if f.expr.root == nil {
		return ever
	}
	return received(f.expr.root, now)
}

func received(t term, now time.Time) Times {
	switch t := t.(type) {
	case when:
		at := t.at
		if t.age != "" {
			at = now.Add(-t.ago).UnixMicro()
		}
		if t.before {
			return Times{ever.From, at}
		}
		return Times{at, ever.To}
	case and:
		all := ever
		for _, t := range t {
			one := received(t, now)
			all = Times{max(all.From, one.From), min(all.To, one.To)}
		}
		return all
	case or:
		hull := received(t[0], now)
		for _, t := range t[1:] {
			one := received(t, now)
			hull = Times{min(hull.From, one.From), max(hull.To, one.To)}
		}
		return hull
	}
	return ever
}
