package simulate

import (
	"fmt"
	"strings"
	"time"

	"tickertape/backend/event"
)

const (
	pitches  = 6  // matches that are played at a time
	fullTime = 90 // minutes
)

// match is how a match stands at one minute of it.
type match struct {
	ID     string    `json:"match"`
	Home   string    `json:"home"`
	Away   string    `json:"away"`
	Goals  [2]int    `json:"goals"` // home, away
	Score  string    `json:"score"`
	Minute int       `json:"minute"`
	State  string    `json:"state"` // live, half time, full time
	Event  string    `json:"event"` // what this minute brought
	Text   string    `json:"text"`
	Time   time.Time `json:"time"`
}

// League makes event n: one more minute of one of the matches.
func League(seed, n uint64, now time.Time) event.Raw {
	m := matchAt(seed, n)
	m.Time = now.UTC()
	return numbered("league", m.Event, seed, n, now, encode(m))
}

// matchAt plays the match of event n up to its minute. A match is short enough to be played
// again from its kick-off for each event.
func matchAt(seed, n uint64) match {
	pitch, step := n%pitches, n/pitches
	number := step/(fullTime+1)*pitches + pitch
	r := dice(seed, "match", number)
	home := r.IntN(len(towns))
	away := (home + 1 + r.IntN(len(towns)-1)) % len(towns)
	m := match{
		ID: fmt.Sprintf("m%d", number), Home: towns[home] + " " + pick(r, clubs), Away: towns[away] + " " + pick(r, clubs),
		Minute: int(step % (fullTime + 1)), State: "live", Event: "kick-off",
	}
	for range m.Minute {
		m.Event = minuteEvent(r.IntN(100), &m.Goals)
	}
	switch m.Minute {
	case fullTime / 2:
		m.State = "half time"
	case fullTime:
		m.State = "full time"
	}
	m.Score = fmt.Sprintf("%d-%d", m.Goals[0], m.Goals[1])
	m.Text = fmt.Sprintf("%s %s %s, %d', %s", m.Home, m.Score, m.Away, m.Minute, m.Event)
	return m
}

// minuteEvent is what a throw of 0 to 99 brings in one minute.
func minuteEvent(throw int, goals *[2]int) string {
	switch {
	case throw < 2:
		goals[0]++
		return "goal"
	case throw < 3:
		goals[1]++
		return "goal"
	case throw < 6:
		return "card"
	case throw < 14:
		return "corner"
	default:
		return "minute"
	}
}

// abbreviation is how a scoreboard calls a team.
func abbreviation(team string) string {
	return strings.ToUpper(string([]rune(team)[:3]))
}
