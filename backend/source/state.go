package source

import "time"

// State is where a feed stands in its life.
type State string

// The states of a feed.
const (
	Connecting State = "connecting"
	Live       State = "live"       // connected, events come
	Quiet      State = "quiet"      // connected, signs of life but no event for a while
	Stalled    State = "stalled"    // connected, yet no bytes for much longer than usual
	Retrying   State = "retrying"   // waits for the next attempt
	Paused     State = "paused"     // by its owner
	NeedsAuth  State = "needs auth" // upstream wants credentials
	Ended      State = "ended"      // upstream said that nothing more comes
	Failed     State = "failed"     // trying again can't help
)

// Health is how a feed is doing.
type Health struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	State       State     `json:"state"`
	Cause       string    `json:"cause,omitempty"` // a sentence
	Since       time.Time `json:"since"`
	NextAttempt time.Time `json:"nextAttempt,omitzero"` // in state Retrying
	Attempt     int       `json:"attempt,omitempty"`    // failed ones in a row
	LastEventAt time.Time `json:"lastEventAt,omitzero"`
	Rate        float64   `json:"rate"` // events per second over the last minute: Rates.Events.Minute
	Rates       Rates     `json:"rates"`
	Counts      Counts    `json:"counts"`
}

// Counts are totals since the program started.
type Counts struct {
	Received   int64 `json:"received"`   // events that came
	Duplicates int64 `json:"duplicates"` // of these, dropped as known
	Revised    int64 `json:"revised"`    // of these, new versions of known ones
	Bad        int64 `json:"bad"`        // input that could not be used
	Odd        int64 `json:"odd"`        // input that could be used all the same; the log says what was wrong
	Bytes      int64 `json:"bytes"`
	Gaps       int64 `json:"gaps"` // connections after which events may be missing
}
