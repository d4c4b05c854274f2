package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Usage is how much history there is.
type Usage struct {
	Feeds []FeedUsage // by id; of every feed that has events or had some
	Files []File
}

// FeedUsage is how much history of a feed there is.
type FeedUsage struct {
	Feed           string
	Events, Bytes  int64     // Bytes: about what they take up in the database
	Starred        int64     // of the events
	Oldest, Newest time.Time // when they were received; zero for none
	ClearedUntil   time.Time // it is hidden, and can be brought back until then; zero if it isn't
}

// File is a file of the journal's.
type File struct {
	Path string
	Size int64
}

// Usage counts nothing: it is known.
func (j *Journal) Usage(ctx context.Context) (u Usage, err error) {
	j.accounts.mu.RLock()
	for feed, a := range j.accounts.byFeed {
		f := FeedUsage{Feed: feed, Events: a.events, Bytes: a.bytes, Starred: a.starred}
		if a.cleared > 0 {
			f.ClearedUntil = a.keepUntil
		}
		u.Feeds = append(u.Feeds, f)
	}
	j.accounts.mu.RUnlock()
	slices.SortFunc(u.Feeds, func(a, b FeedUsage) int { return strings.Compare(a.Feed, b.Feed) })
	for i := range u.Feeds {
		f := &u.Feeds[i]
		if f.Oldest, err = j.received(ctx, f.Feed, "ASC"); err == nil {
			f.Newest, err = j.received(ctx, f.Feed, "DESC")
		}
		if err != nil {
			return u, err
		}
	}
	for _, path := range []string{j.cfg.Path, j.cfg.Path + "-wal", j.index.path, j.index.path + "-wal"} {
		if info, err := os.Stat(path); err == nil {
			u.Files = append(u.Files, File{path, info.Size()})
		}
	}
	return u, nil
}

// Heard is when the newest durable event of a feed was received; the zero time
// if there is none.
func (j *Journal) Heard(ctx context.Context, feed string) (time.Time, error) {
	return j.received(ctx, feed, "DESC")
}

// received is when the first event of a feed in an order of seq was received.
func (j *Journal) received(ctx context.Context, feed, order string) (time.Time, error) {
	var at int64
	err := j.read.QueryRowContext(ctx, `SELECT received_at FROM events WHERE feed = ? ORDER BY seq `+order+` LIMIT 1`, feed).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, j.met(fmt.Errorf("read when %s was heard: %w", feed, err))
	}
	return time.UnixMicro(at).UTC(), nil
}
