package journal

import "tickertape/backend/query"

// Missing is, by feed, up to which seq in after < seq <= upTo events of the
// selection may be missing, because they were trimmed or the power failed (see
// Cut). What is left of them, and events of other feeds, may stand among them.
//
// It is to be asked after the events were read: what a read doesn't find
// because it was trimmed just then is missing by now.
func (j *Journal) Missing(f query.Filter, after, upTo uint64) map[string]uint64 {
	if upTo <= after {
		return nil
	}
	j.accounts.mu.RLock()
	defer j.accounts.mu.RUnlock()
	cut := j.Cut(after, upTo)
	var missing map[string]uint64
	look := func(feed string, a *account) {
		if to := max(a.trimmed, a.cleared, cut); to > after {
			if missing == nil {
				missing = map[string]uint64{}
			}
			missing[feed] = min(to, upTo)
		}
	}
	if len(f.Feeds) == 0 {
		for feed, a := range j.accounts.byFeed {
			look(feed, a)
		}
		return missing
	}
	for _, feed := range f.Feeds {
		if a, ok := j.accounts.byFeed[feed]; ok {
			look(feed, a)
		}
	}
	return missing
}

// hidden are the feeds whose history was cleared and isn't trimmed yet, and up
// to which seq.
func (j *Journal) hidden() (condition string, args []any) {
	j.accounts.mu.RLock()
	defer j.accounts.mu.RUnlock()
	for feed, a := range j.accounts.byFeed {
		if a.cleared > 0 {
			condition += ` AND NOT (feed = ? AND seq <= ? AND seq NOT IN (SELECT seq FROM stars))`
			args = append(args, feed, a.cleared)
		}
	}
	return condition, args
}
