package source

import "time"

// Rate is an average per second over the last second, minute and hour.
type Rate struct {
	Second float64 `json:"second"`
	Minute float64 `json:"minute"`
	Hour   float64 `json:"hour"`
}

// Rates are how much a feed brings.
type Rates struct {
	Events Rate `json:"events"`
	Bytes  Rate `json:"bytes"`
}

// slots is how many units of time a window looks back on.
const slots = 60

// window counts by unit of time over the last slots of them.
type window struct {
	counts [slots]int64
	last   int64 // the unit that was counted last
}

// turn clears the units that have passed since the last call.
func (w *window) turn(unit int64) {
	for u := max(w.last+1, unit-slots+1); u <= unit; u++ {
		w.counts[u%slots] = 0
	}
	w.last = max(w.last, unit)
}

func (w *window) add(unit int64, n int) {
	w.turn(unit)
	w.counts[unit%slots] += int64(n)
}

func (w *window) sum(unit int64) (sum int64) {
	w.turn(unit)
	for _, n := range w.counts {
		sum += n
	}
	return sum
}

// rate counts over the last minute and hour.
type rate struct{ seconds, minutes window }

func (r *rate) add(now time.Time, n int) {
	second := now.Unix()
	r.seconds.add(second, n)
	r.minutes.add(second/60, n)
}

// report averages since the feed began, over each window at most. The hour's
// goes by minutes, begun ones included: a feed that has gone silent doesn't have
// new figures every second for an hour.
func (r *rate) report(now, began time.Time) Rate {
	second := now.Unix()
	age := max(now.Sub(began).Seconds(), 1)
	minute, hour := r.seconds.sum(second), r.minutes.sum(second/60)
	return Rate{
		Second: float64(r.seconds.counts[(second+slots-1)%slots]), // the last whole one
		Minute: float64(minute) / min(age, slots),
		Hour:   float64(hour) / 60 / float64(min(second/60-began.Unix()/60+1, slots)),
	}
}
