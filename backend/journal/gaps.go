package journal

import (
	"slices"

	"tickertape/backend/query"
)

// Missing is up to which seq in after < seq <= upTo events of the selection may
// be missing, because they were trimmed, and of which feeds; 0 for none. What is
// left of them, and events of other feeds, may stand among them.
//
// It is to be asked after the events were read: what a read doesn't find
// because it was trimmed just then is missing by now.
func (j *Journal) Missing(f query.Filter, after, upTo uint64) (to uint64, feeds []string) {
	j.accounts.mu.RLock()
	defer j.accounts.mu.RUnlock()
	look := func(feed string, a *account) {
		if missing := a.missing(); missing > after && upTo > after {
			to = max(to, min(missing, upTo))
			feeds = append(feeds, feed)
		}
	}
	if len(f.Feeds) == 0 {
		for feed, a := range j.accounts.byFeed {
			look(feed, a)
		}
		slices.Sort(feeds)
		return to, feeds
	}
	for _, feed := range f.Feeds {
		if a, ok := j.accounts.byFeed[feed]; ok {
			look(feed, a)
		}
	}
	return to, feeds
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
