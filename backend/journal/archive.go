package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"tickertape/backend/query"
)

// ErrNoJournal says that there is no journal to read yet.
var ErrNoJournal = errors.New("there is no history here yet")

// Archive is a journal that is only read, beside whichever program writes it or
// none: it takes no lock and changes nothing.
type Archive struct{ *Journal }

// OpenArchive opens the journal at path for reading: what it held at the last
// Refresh, at first now. Of its methods those that read may be called; Close
// ends it.
func OpenArchive(ctx context.Context, path string) (_ Archive, err error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = ErrNoJournal
		}
		return Archive{}, fmt.Errorf("open %s: %w", path, err)
	}
	const pragmas = "mode=ro&_pragma=busy_timeout(10000)&_pragma=cache_size(-4096)&_pragma=temp_store(memory)"
	a := Archive{&Journal{cfg: Config{Path: path}, index: &index{}}}
	defer func() {
		if err != nil {
			_ = a.Close() // err says more
		}
	}()
	a.read = sql.OpenDB(connector{dsn: "file:" + uriPath(path) + "?" + pragmas})
	var version int
	if err = a.read.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return a, fmt.Errorf("read the schema's version of %s: %w", path, err)
	}
	if version != len(migrations) {
		return a, fmt.Errorf("%s was last written by another version of Tickertape (schema %d, this one knows %d): start this one on it once, or take the other", path, version, len(migrations))
	}
	if err = a.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&a.epoch); err != nil {
		return a, fmt.Errorf("read the epoch of %s: %w", path, err)
	}
	if err = errors.Join(a.spans.load(ctx, a.read, true), a.accounts.load(ctx, a.read)); err != nil {
		return a, err
	}
	if err = a.Refresh(ctx); err != nil {
		return a, err
	}
	return a, a.attach(ctx, pragmas)
}

// attach reads beside the search index, if there is a sound one. Without it a
// search looks at every event.
func (a Archive) attach(ctx context.Context, pragmas string) error {
	path := a.cfg.Path + indexSuffix
	if _, err := os.Stat(path); err != nil {
		return nil //nolint:nilerr // there need be none
	}
	uri := "file:" + uriPath(path) + "?mode=ro"
	indexed := sql.OpenDB(connector{"file:" + uriPath(a.cfg.Path) + "?" + pragmas, uri})
	var upTo uint64
	row := indexed.QueryRowContext(ctx, `SELECT u.value FROM search.meta i, search.meta u WHERE i.name = 'id' AND u.name = 'upTo' AND i.value = ?`, indexID(a.epoch))
	if err := row.Scan(&upTo); err != nil {
		return errors.Join(ctx.Err(), indexed.Close())
	}
	plain := a.read
	a.read = indexed
	a.index.upTo.Store(upTo)
	return plain.Close()
}

// Refresh brings Head up to what is durable now, and the stars.
func (a Archive) Refresh(ctx context.Context) error {
	var next uint64
	if err := a.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'next'`).Scan(&next); err != nil {
		return fmt.Errorf("read the next seq of %s: %w", a.cfg.Path, err)
	}
	a.head.Store(next - 1)
	return a.stars.load(ctx, a.read)
}

// indexID names what an index must be of to be used.
func indexID(epoch string) string { return fmt.Sprintf("%s %s", epoch, query.IndexVersion) }
