package journal

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"

	"tickertape/backend/event"
)

// magic begins every file of SQLite's.
const magic = "SQLite format 3\x00"

// IsDatabase reports whether a file is a database rather than an export.
func IsDatabase(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, len(magic))
	_, err = io.ReadFull(file, head)
	return err == nil && string(head) == magic
}

// Rescue writes what can be read of a journal's file as an export in NDJSON, also
// where it is damaged, and returns how many events could not be read at least. A
// file that was moved aside is such a one.
func Rescue(ctx context.Context, path string, w io.Writer) (lost int, err error) {
	r := rescue{Archive: Archive{&Journal{cfg: Config{Path: path}, index: &index{}}}, out: bufio.NewWriterSize(w, 64<<10)}
	r.read = sql.OpenDB(connector{dsn: "file:" + uriPath(path) + "?mode=ro"})
	defer func() { _ = r.Close() }() // it was only read
	var next uint64
	if err := r.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&r.epoch); err != nil {
		return 0, fmt.Errorf("%s is too damaged, or not a history of Tickertape: %w", path, err)
	}
	if err := r.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'next'`).Scan(&next); err != nil {
		return 0, fmt.Errorf("%s is too damaged: %w", path, err)
	}
	const step = 1000
	for after := uint64(0); after+1 < next; after += step {
		if err := r.piece(ctx, after, min(after+step, next-1)); err != nil {
			return r.lost, err
		}
	}
	return r.lost, r.out.Flush()
}

// rescue is one under way.
type rescue struct {
	Archive
	out  *bufio.Writer
	lost int
}

// piece writes the events with after < seq <= upTo. Where some can't be read it
// takes the halves, so that the others are.
func (r *rescue) piece(ctx context.Context, after, upTo uint64) error {
	lines, err := r.lines(ctx, after, upTo)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		if _, err := r.out.Write(lines); err != nil {
			return fmt.Errorf("write what was read: %w", err)
		}
		return nil
	case upTo-after == 1:
		r.lost++
		return nil
	}
	middle := after + (upTo-after)/2
	if err := r.piece(ctx, after, middle); err != nil {
		return err
	}
	return r.piece(ctx, middle, upTo)
}

func (r *rescue) lines(ctx context.Context, after, upTo uint64) (lines []byte, err error) {
	var e event.Event
	err = each(ctx, r.read, `SELECT `+columns+` FROM events WHERE seq > ? AND seq <= ? ORDER BY seq`, []any{after, upTo}, func(row record) bool {
		r.lend(&e, row)
		lines = append(e.AppendJSON(lines), '\n')
		return true
	})
	return lines, err
}
