package journal

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"tickertape/backend/event"
)

// account is what is known about a feed's history without looking at it. The
// table feeds has the same, changed in the transactions of the events.
type account struct {
	events, bytes int64 // that are kept

	starred, starredBytes int64 // of those

	trimmed uint64 // up to this seq only starred ones are left
	cleared uint64 // up to this seq they are hidden, and will be trimmed; 0 for none

	seen   uint64 // 0 for never
	unread int64

	keepUntil time.Time // a clear can be undone until then
	oldest    time.Time // when the oldest that may be trimmed was received; zero: to be looked up
	settled   bool      // there is nothing left to trim until something changes
	gone      bool      // there are ids of trimmed events
}

// loose is what of the feed retention is about: what isn't starred.
func (a *account) loose() (events, bytes int64) {
	return a.events - a.starred, a.bytes - a.starredBytes
}

// accounts are those of all feeds that ever had events. The writer changes
// them, others only read.
type accounts struct {
	mu     sync.RWMutex
	byFeed map[string]*account
}

// of is the feed's account, made where there is none. The lock is held.
func (a *accounts) of(feed string) *account {
	known, ok := a.byFeed[feed]
	if !ok {
		known = &account{}
		a.byFeed[feed] = known
	}
	return known
}

// change changes a feed's account.
func (a *accounts) change(feed string, change func(*account)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a.of(feed))
}

// look shows a feed's account.
func (a *accounts) look(feed string) account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if known, ok := a.byFeed[feed]; ok {
		return *known
	}
	return account{}
}

// many reports whether the feeds have more than an eighth of all events.
func (a *accounts) many(feeds []string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var some, all int64
	for _, known := range a.byFeed {
		all += known.events
	}
	for _, feed := range feeds {
		if known, ok := a.byFeed[feed]; ok {
			some += known.events
		}
	}
	return some > all/8
}

// load reads them from the database.
func (a *accounts) load(ctx context.Context, db *sql.DB) error {
	byFeed := map[string]*account{}
	rows, err := db.QueryContext(ctx, `SELECT f.feed, f.events, f.bytes, f.trimmed, f.cleared, ifnull(f.seen, 0), f.unread,
		(SELECT count(*) FROM stars s WHERE s.feed = f.feed), (SELECT ifnull(sum(size), 0) FROM stars s WHERE s.feed = f.feed),
		EXISTS (SELECT 1 FROM gone g WHERE g.feed = f.feed) FROM feeds f`)
	if err != nil {
		return fmt.Errorf("read what is known of the feeds: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var feed string
		known := &account{}
		if err := rows.Scan(&feed, &known.events, &known.bytes, &known.trimmed, &known.cleared, &known.seen, &known.unread,
			&known.starred, &known.starredBytes, &known.gone); err != nil {
			return fmt.Errorf("read what is known of the feeds: %w", err)
		}
		byFeed[feed] = known
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byFeed = byFeed
	return rows.Err()
}

// sizeSQL is about how many bytes an event takes up in the file, with its
// entries in the indexes: what size is of one in memory.
const sizeSQL = `40 + 2 * octet_length(feed) + 2 * ifnull(octet_length(source_id), 0) + octet_length(type)
	+ ifnull(octet_length(key), 0) + ifnull(octet_length(title), 0) + ifnull(octet_length(text), 0) + ifnull(octet_length(url), 0)
	+ ifnull(octet_length(value), 0) + ifnull(octet_length(severity), 0) + octet_length(data)`

func size(e *event.Event) int64 {
	n := 40 + 2*len(e.Feed) + 2*len(e.SourceID) + len(e.Type) + len(e.Key) + len(e.Title) + len(e.URL) + len(e.Value) + len(e.Severity) + len(e.Data)
	if !isData(e) {
		n += len(e.Text)
	}
	return int64(n)
}

// isData reports whether the text is the payload itself, and isn't stored.
func isData(e *event.Event) bool { return !e.JSON && e.Text == string(e.Data) }

// added is what a transaction has added of a feed.
type added struct {
	events, bytes int64
	first         time.Time // when the first of them was received
}

// take enters what was committed.
func (a *accounts) take(feeds map[string]added) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for feed, n := range feeds {
		known := a.of(feed)
		if known.events == known.starred {
			known.oldest = n.first
		}
		known.events += n.events
		known.bytes += n.bytes
		known.unread += n.events
		known.settled = false
	}
}
