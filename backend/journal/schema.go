package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
)

// migrations make the schema, one step a version (PRAGMA user_version).
// Append only: a step that was released never changes.
var migrations = []string{
	`CREATE TABLE meta (
		name  TEXT PRIMARY KEY,
		value ANY NOT NULL
	) STRICT, WITHOUT ROWID;

	CREATE TABLE events (
		seq         INTEGER PRIMARY KEY,
		feed        TEXT NOT NULL,
		type        TEXT NOT NULL,
		source_id   TEXT,
		key         TEXT,
		title       TEXT,
		text        TEXT,    -- NULL where it is the payload itself
		url         TEXT,
		value       TEXT,    -- a JSON number's digits
		severity    TEXT,
		source_time INTEGER, -- microseconds since 1970
		received_at INTEGER NOT NULL,
		revises     INTEGER,
		json        INTEGER NOT NULL,
		data        BLOB NOT NULL
	) STRICT;
	CREATE INDEX events_source_id ON events (feed, source_id, seq) WHERE source_id IS NOT NULL;
	CREATE INDEX events_feed ON events (feed, seq);

	CREATE TABLE resume (
		origin TEXT PRIMARY KEY, -- where the events come from: see Batch.Origin
		token  TEXT NOT NULL
	) STRICT, WITHOUT ROWID;`,

	`CREATE TABLE spans (
		span INTEGER PRIMARY KEY, -- seq / 4096
		low  INTEGER NOT NULL,    -- the first received_at of its events, and the last
		high INTEGER NOT NULL
	) STRICT;
	INSERT INTO spans SELECT seq / 4096, min(received_at), max(received_at) FROM events GROUP BY 1;`,

	`CREATE TABLE feeds (
		feed    TEXT PRIMARY KEY,
		events  INTEGER NOT NULL,           -- that are kept
		bytes   INTEGER NOT NULL,           -- of those, as sizeSQL counts
		trimmed INTEGER NOT NULL DEFAULT 0, -- up to this seq only starred ones are left
		cleared INTEGER NOT NULL DEFAULT 0, -- up to this seq they are hidden, and will be trimmed
		seen    INTEGER,                    -- the last one that somebody has seen
		unread  INTEGER NOT NULL DEFAULT 0  -- that came after it
	) STRICT, WITHOUT ROWID;
	INSERT INTO feeds (feed, events, bytes)
		SELECT feed, count(*), sum(40 + 2 * octet_length(feed) + 2 * ifnull(octet_length(source_id), 0) + octet_length(type)
			+ ifnull(octet_length(key), 0) + ifnull(octet_length(title), 0) + ifnull(octet_length(text), 0) + ifnull(octet_length(url), 0)
			+ ifnull(octet_length(value), 0) + ifnull(octet_length(severity), 0) + octet_length(data))
		FROM events GROUP BY feed;

	CREATE TABLE stars (
		seq  INTEGER PRIMARY KEY,
		feed TEXT NOT NULL,
		size INTEGER NOT NULL, -- of the event
		note TEXT NOT NULL,
		at   INTEGER NOT NULL  -- microseconds since 1970
	) STRICT;

	-- The source ids of events that were trimmed: upstream may still list them.
	CREATE TABLE gone (
		seq       INTEGER PRIMARY KEY,
		feed      TEXT NOT NULL,
		source_id TEXT NOT NULL,
		content   INTEGER NOT NULL -- a hash of what the event was
	) STRICT;
	CREATE INDEX gone_source_id ON gone (feed, source_id, seq);
	CREATE INDEX gone_feed ON gone (feed, seq);

	-- What the search index has yet to forget, a row for each step of trimming.
	CREATE TABLE forget (
		id   INTEGER PRIMARY KEY AUTOINCREMENT,
		seqs BLOB NOT NULL -- each by its distance from the one before, as uvarints
	) STRICT;`,

	`-- What power cuts may have taken: after < seq <= upto.
	CREATE TABLE cuts (
		after INTEGER PRIMARY KEY,
		upto  INTEGER NOT NULL
	) STRICT;`,
}

// migrate brings the schema up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("the history was written by a newer Tickertape (schema %d, this one knows %d): install that version again, or name another data folder by --data", version, len(migrations))
	}
	old := version > 0 && version < len(migrations)
	for ; version < len(migrations); version++ {
		// PRAGMA takes no arguments; user_version is part of the transaction.
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT", migrations[version], version+1)
		if _, err := db.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("bring the schema to version %d: %w", version+1, err)
		}
	}
	if old {
		return rewrite(ctx, db)
	}
	return nil
}

// maxRewrite is how large a database may be, in bytes, to be written anew so
// that it gives its free space back from then on. A larger one stays as it is:
// what is trimmed in it makes room for what comes.
const maxRewrite = 64 << 20

// rewrite turns on auto_vacuum, which the DSN asks for, in a database that was
// made without.
func rewrite(ctx context.Context, db *sql.DB) error {
	var size int
	row := db.QueryRowContext(ctx, `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`)
	if err := row.Scan(&size); err != nil {
		return fmt.Errorf("read the size: %w", err)
	}
	if size > maxRewrite {
		return nil
	}
	if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
		return fmt.Errorf("write the database anew: %w", err)
	}
	return nil
}

// loadEpoch reads the epoch, or makes one in a new database.
func loadEpoch(ctx context.Context, db *sql.DB) (epoch string, err error) {
	// Six characters of 5 bits: 1 in 2^30 that two databases share an epoch.
	fresh := strings.ToLower(rand.Text())[:6]
	if _, err := db.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('epoch', ?), ('next', 1) ON CONFLICT DO NOTHING`, fresh); err != nil {
		return "", fmt.Errorf("make the epoch: %w", err)
	}
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&epoch); err != nil {
		return "", fmt.Errorf("read the epoch: %w", err)
	}
	return epoch, nil
}
