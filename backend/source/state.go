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
	Rate        float64   `json:"rate"` // events per second over the last minute
	Counts      Counts    `json:"counts"`
}

// Counts are totals since the program started.
type Counts struct {
	Received   int64 `json:"received"`   // events that came
	Duplicates int64 `json:"duplicates"` // of these, dropped as known
	Revised    int64 `json:"revised"`    // of these, new versions of known ones
	Bad        int64 `json:"bad"`        // input that could not be used
	Bytes      int64 `json:"bytes"`
}

// rateWindow is the time that Health.Rate looks back on, in seconds.
const rateWindow = 60

// rate counts events by second over the last minute.
type rate struct {
	counts [rateWindow]int32
	last   int64 // the Unix second that was counted last
}

func (r *rate) add(now time.Time, n int) {
	r.turn(now)
	r.counts[now.Unix()%rateWindow] += int32(n)
}

// turn clears the seconds that have passed since the last call.
func (r *rate) turn(now time.Time) {
	second := now.Unix()
	for s := max(r.last+1, second-rateWindow+1); s <= second; s++ {
		r.counts[s%rateWindow] = 0
	}
	r.last = max(r.last, second)
}

// perSecond is the average since the feed began, over a minute at most.
func (r *rate) perSecond(now, began time.Time) float64 {
	r.turn(now)
	var sum int64
	for _, n := range r.counts {
		sum += int64(n)
	}
	seconds := min(max(now.Sub(began).Seconds(), 1), rateWindow)
	return float64(sum) / seconds
}
