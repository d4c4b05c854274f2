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
}

// migrate brings the schema up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("the journal was written by a newer Tickertape (schema %d, this one knows %d): please update", version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		// PRAGMA takes no arguments; user_version is part of the transaction.
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT", migrations[version], version+1)
		if _, err := db.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("bring the schema to version %d: %w", version+1, err)
		}
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
