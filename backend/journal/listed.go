package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tickertape/backend/event"
)

// MaxListed is how many ids and ranges of ids a Selection may list.
const MaxListed = 500

// stretch is the events with after < seq <= upTo.
type stretch struct{ after, upTo uint64 }

// listed reads ids, and ranges of them with both their ends (a..b), as what they
// are within a stretch: in rising order, without repeats.
func (j *Journal) listed(ids []string, within stretch) ([]stretch, error) {
	if len(ids) == 0 {
		return joined([]stretch{within}), nil
	}
	if len(ids) > MaxListed {
		return nil, &BoundError{ids[0], fmt.Sprintf("and %d more are too many: list at most %d events, or ranges of them as first..last", len(ids)-1, MaxListed)}
	}
	all := make([]stretch, 0, len(ids))
	for _, text := range ids {
		first, last, isRange := strings.Cut(text, "..")
		if !isRange {
			last = first
		}
		from, err := j.ownID(first)
		if err != nil {
			return nil, err
		}
		to, err := j.ownID(last)
		if err != nil {
			return nil, err
		}
		if to < from {
			return nil, &BoundError{text, "ends before it begins"}
		}
		all = append(all, stretch{max(from-1, within.after), min(to, within.upTo)})
	}
	return joined(all), nil
}

// ownID is the seq of an event of this journal's.
func (j *Journal) ownID(text string) (uint64, error) {
	id, err := event.ParseID(text)
	if err != nil {
		return 0, &BoundError{text, "is not an event's id, nor a range of them: first..last"}
	}
	if id.Epoch != j.epoch || id.Seq == 0 {
		return 0, &BoundError{text, "is the id of another journal's event"}
	}
	return id.Seq, nil
}

// joined puts stretches in order and makes one of those that touch.
func joined(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.after, b.after) })
	apart := all[:0]
	for _, next := range all {
		if next.after >= next.upTo {
			continue
		}
		if n := len(apart); n > 0 && next.after <= apart[n-1].upTo {
			apart[n-1].upTo = max(apart[n-1].upTo, next.upTo)
		} else {
			apart = append(apart, next)
		}
	}
	return apart
}
