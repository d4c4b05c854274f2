package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Retention is how much history to keep. 0 is no limit.
//
// For all feeds together (Settings.History) Events and Bytes bound the whole,
// and Age holds for each feed without one of its own. What is starred is kept
// all the same.
type Retention struct {
	Age    Age   `json:"age"`
	Events int64 `json:"events"`
	Bytes  int64 `json:"bytes"` // about what they take up in the database
}

// DefaultBytes is how much history is kept unless told: about 10 million events
// of the usual size.
const DefaultBytes = 5_000_000_000

// The smallest limits that make sense: less is a slip of the hand.
const (
	minAge   = Age(time.Minute)
	minBytes = 1_000_000
)

func (r Retention) problems() Invalid {
	problems := Invalid{}
	if r.Age != 0 && r.Age < minAge {
		problems["age"] = "History is kept for a minute at least; leave the age empty to keep it for ever."
	}
	if r.Events < 0 {
		problems["events"] = "The number of events to keep is 1 or more; leave it empty to keep any number."
	}
	if r.Bytes != 0 && r.Bytes < minBytes {
		problems["bytes"] = fmt.Sprintf("The size of history is %d bytes (1 MB) at least; leave it empty for no limit.", minBytes)
	}
	return problems
}

// Age is a time.Duration that JSON shows in days where it can: "90d", "36h0m0s".
type Age time.Duration

const day = 24 * time.Hour

// MarshalText writes the age; none is "".
func (a Age) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// String is the age as JSON shows it.
func (a Age) String() string {
	switch d := time.Duration(a); {
	case d == 0:
		return ""
	case d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	default:
		return d.String()
	}
}

// UnmarshalText reads days (90d), weeks (2w), what time.ParseDuration reads, and
// "" for none.
func (a *Age) UnmarshalText(text []byte) error {
	age, ok := parseAge(strings.TrimSpace(string(text)))
	if !ok {
		return fmt.Errorf("%q is not an age: write it like 12h, 90d or 2w", text)
	}
	*a = age
	return nil
}

func parseAge(text string) (Age, bool) {
	const most = 100 * 366 // days
	for unit, days := range map[string]int{"d": 1, "w": 7} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.Atoi(number)
			return Age(time.Duration(n*days) * day), err == nil && n >= 0 && n <= most/days
		}
	}
	if text == "" {
		return 0, true
	}
	d, err := time.ParseDuration(text)
	return Age(d), err == nil && d >= 0
}
