package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"tickertape/backend/event"
)

const (
	// maxQueued bounds what waits for the writer, in bytes: Append blocks
	// beyond it.
	maxQueued = 32 << 20
	// maxBatches bounds the same in number.
	maxBatches = 4096
	// readers is how many connections read at once.
	readers = 4
)

// Config is what a Journal needs.
type Config struct {
	// Path is the database file. Its folder must exist.
	Path string

	// Committed is told of events once they survive the end of the process, in
	// rising seq, on the writer's goroutine. It must not block. A power cut can
	// take those of the last second: see Cut.
	Committed func([]event.Event)

	Log *slog.Logger
}

// Journal is an open journal. Its methods may be called from any goroutine.
type Journal struct {
	cfg   Config
	write *sql.DB // one connection, used by the writer alone
	merge *sql.DB // one connection, for checkpoints
	disk  *flusher
	read  *sql.DB
	index *index
	epoch string

	insert, insertMany, find, lost, resume, count, span *sql.Stmt // the writer's

	moved string // where a damaged file went; "" for none

	queue  chan Batch
	room   *semaphore.Weighted // bytes left in the queue
	closed chan struct{}       // closed when Run takes no more
	head   atomic.Uint64       // the newest durable seq
	spans  spans
	cuts   []powerCut // power cuts before this start

	accounts  accounts
	stars     starred
	retention atomic.Pointer[Retention]
	changes   chan change
	damaged   chan error    // what a reader has met
	nudge     chan struct{} // there is something to tend at once
	upkeep    time.Duration

	queued   atomic.Int64 // bytes that wait for the writer
	unmerged atomic.Int64 // about how many bytes were committed since the last checkpoint
	overdue  atomic.Bool  // the log is so long that the writer must wait for one

	fault atomic.Pointer[error]
}

// Open opens the journal, making it where there is none. A file that is not a
// database, or a damaged one, is moved aside and kept (see Damaged), and a new
// journal begins. Close ends it; between the two, Run must be running for
// Append to make progress.
func Open(ctx context.Context, cfg Config) (*Journal, error) {
	var j *Journal
	err := errMarked
	if _, statErr := os.Stat(cfg.Path + markSuffix); statErr != nil {
		j, err = open(ctx, cfg)
	}
	if !isDamage(err) {
		return j, err
	}
	moved, moveErr := moveAside(cfg.Path, time.Now())
	if moveErr != nil {
		return nil, fmt.Errorf("the journal is damaged (%w) and could not be moved aside: %w", err, moveErr)
	}
	cfg.Log.Error("the journal was damaged; it was moved aside and a new one begun", "moved_to", moved, "err", err)
	if j, err = open(ctx, cfg); err == nil {
		j.moved = moved
	}
	return j, err
}

func open(ctx context.Context, cfg Config) (_ *Journal, err error) {
	j := &Journal{
		cfg: cfg, queue: make(chan Batch, maxBatches),
		room: semaphore.NewWeighted(maxQueued), closed: make(chan struct{}),
		changes: make(chan change), damaged: make(chan error, 1), nudge: make(chan struct{}, 1), upkeep: upkeepPause,
	}
	j.retention.Store(&Retention{})
	defer func() {
		if err != nil {
			_ = j.Close() // err says more
		}
	}()
	// Commits don't wait for the disk: see flusher.
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=cache_size(-4096)&_pragma=temp_store(memory)"
	// auto_vacuum has to come before anything is written: see rewrite.
	if j.write, err = sql.Open("sqlite", "file:"+uriPath(cfg.Path)+"?"+pragmas+"&_pragma=auto_vacuum(incremental)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=wal_autocheckpoint(0)&_pragma=journal_size_limit(33554432)"); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	j.write.SetMaxOpenConns(1)
	if j.merge, err = sql.Open("sqlite", "file:"+uriPath(cfg.Path)+"?"+pragmas+"&_pragma=synchronous(normal)"); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	j.merge.SetMaxOpenConns(1)
	if err = migrate(ctx, j.write); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	if j.epoch, err = loadEpoch(ctx, j.write); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	if err = j.begin(ctx, bootID()); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	if j.cuts, err = loadCuts(ctx, j.write); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	var next uint64
	if err = j.write.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'next'`).Scan(&next); err != nil {
		return nil, fmt.Errorf("read the next seq of %s: %w", cfg.Path, err)
	}
	j.head.Store(next - 1)
	if err = errors.Join(j.accounts.load(ctx, j.write), j.stars.load(ctx, j.write), j.spans.load(ctx, j.write, false)); err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
	}
	for _, p := range []struct {
		statement **sql.Stmt
		sql       string
	}{
		{&j.insert, `INSERT INTO events (` + columns + `) VALUES ` + row},
		{&j.insertMany, `INSERT INTO events (` + columns + `) VALUES ` + row + strings.Repeat(`,`+row, rowsAtOnce-1)},
		{&j.find, `SELECT seq, type, received_at, data FROM events WHERE feed = ? AND source_id = ? ORDER BY seq DESC LIMIT ?`},
		{&j.lost, `SELECT seq, content FROM gone WHERE feed = ? AND source_id = ? ORDER BY seq DESC LIMIT 1`},
		{&j.count, `INSERT INTO feeds (feed, events, bytes, unread) VALUES (?1, ?2, ?3, ?2) ON CONFLICT (feed) DO UPDATE
			SET events = events + excluded.events, bytes = bytes + excluded.bytes, unread = unread + excluded.unread`},
		{&j.resume, `INSERT INTO resume (origin, token) VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET token = excluded.token`},
		{&j.span, `INSERT INTO spans (span, low, high) VALUES (?, ?, ?) ON CONFLICT (span) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)`},
	} {
		// Closed with their connection.
		if *p.statement, err = j.write.PrepareContext(ctx, p.sql); err != nil { //nolint:sqlclosecheck // see above
			return nil, fmt.Errorf("prepare for %s: %w", cfg.Path, err)
		}
	}
	if j.index, err = openIndex(ctx, cfg.Path, j.epoch); err != nil {
		return nil, err
	}
	j.read = sql.OpenDB(connector{"file:" + uriPath(cfg.Path) + "?" + pragmas, j.index.path})
	j.read.SetMaxOpenConns(readers)
	j.read.SetMaxIdleConns(1) // an idle connection costs its page cache
	return j, nil
}

// Close releases the database. Run must have returned.
func (j *Journal) Close() error {
	var errs []error
	if j.disk != nil {
		errs = append(errs, j.end(), j.disk.close())
	}
	for _, db := range []*sql.DB{j.read, j.merge, j.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if j.index != nil {
		j.index.close()
	}
	return errors.Join(errs...)
}

// Epoch is the journal's own part of each id.
func (j *Journal) Epoch() string { return j.epoch }

// Head is the newest durable seq; 0 before the first event.
func (j *Journal) Head() uint64 { return j.head.Load() }

// Indexed is the newest seq that the full-text index has; searches match by
// themselves what is newer.
func (j *Journal) Indexed() uint64 { return j.index.upTo.Load() }

// Fault is what keeps the writer from writing right now (a full disk, say); nil
// when all is well. The writer tries again by itself.
func (j *Journal) Fault() error {
	for _, fault := range []*atomic.Pointer[error]{&j.fault, &j.disk.fault} {
		if err := fault.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// uriPath writes a file's path as SQLite's URI filenames want it.
func uriPath(path string) string {
	path = filepath.ToSlash(path)
	escaped := make([]byte, 0, len(path))
	for i := range len(path) {
		switch c := path[i]; c {
		case '%', '?', '#':
			escaped = fmt.Appendf(escaped, "%%%02x", c)
		default:
			escaped = append(escaped, c)
		}
	}
	if len(path) > 1 && path[1] == ':' { // C:/… on Windows
		return "/" + string(escaped)
	}
	return string(escaped)
}
