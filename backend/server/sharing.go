package server

import (
	"slices"

	"tickertape/backend/query"
	"tickertape/backend/settings"
)

// sharing is which feeds a door serves, and to whose tokens: a list of those that it does, not of
// those that it doesn't. Whether a feed that was removed used a secret nobody
// can tell any more, so the front door serves nothing of it.
type sharing struct {
	all     bool // the window's door serves every feed, and the history of those that were removed
	feeds   []string
	tokens  []string      // the ids of those that are valid
	changed chan struct{} // closed when another sharing takes its place
}

// sharedFeeds are the ids of the feeds that the front door serves.
func sharedFeeds(s settings.Settings) []string {
	var ids []string
	for _, f := range s.Feeds {
		if f.Shared() {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func tokenIDs(s settings.Settings) []string {
	var ids []string
	for _, t := range s.Tokens {
		ids = append(ids, t.ID)
	}
	return ids
}

// sharing is which feeds the door serves now.
func (s reads) sharing() sharing {
	if s.private {
		return sharing{all: true}
	}
	return s.front.sharing()
}

func (sh sharing) serves(feed string) bool { return sh.all || slices.Contains(sh.feeds, feed) }

// selection is what a request asks for by feed=, type= and q=; none means all.
type selection struct {
	feeds, types []string
	query        query.Expr
}

// noFeed can't be a feed's id. A filter of no feeds would select all of them.
const noFeed = "-"

// filter is what the selection has in common with what the door serves.
func (sh sharing) filter(sel selection) query.Filter {
	if sh.all {
		return query.New(sel.feeds, sel.types).With(sel.query)
	}
	feeds := []string{noFeed}
	for _, id := range sh.feeds {
		if len(sel.feeds) == 0 || slices.Contains(sel.feeds, id) {
			feeds = append(feeds, id)
		}
	}
	return query.New(feeds, sel.types).With(sel.query)
}
