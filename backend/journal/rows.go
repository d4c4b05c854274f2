package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"modernc.org/sqlite"

	"tickertape/backend/event"
)

// connector makes connections that read a journal, with the index beside it
// where one is named.
type connector struct{ dsn, index string }

func (c connector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	made := &conn{Conn: inner, from: c}
	execer, ok := inner.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the database's driver can't attach the search index"), made.Close())
	}
	if c.index != "" {
		if _, err := execer.ExecContext(ctx, "ATTACH ? AS search", []driver.NamedValue{{Ordinal: 1, Value: c.index}}); err != nil {
			return nil, errors.Join(err, made.Close())
		}
	}
	// Only then read-only: attaching is no write, but the pragma forbids it.
	if _, err := execer.ExecContext(ctx, "PRAGMA query_only = 1", nil); err != nil {
		return nil, errors.Join(err, made.Close())
	}
	return made, nil
}

// conn is the driver's connection, and a reader beside it once many rows were
// asked for.
type conn struct {
	driver.Conn
	from   connector
	reader *direct
}

func (c *conn) Close() error {
	if c.reader != nil {
		c.reader.close()
	}
	return c.Conn.Close()
}

// each runs a query on a database of a connector's and hands over one row after
// the other, until there are none or row wants no more.
func each(ctx context.Context, db *sql.DB, statement string, args []any, row func(record) (more bool)) error {
	pooled, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer pooled.Close()
	return pooled.Raw(func(raw any) error {
		c, ok := raw.(*conn)
		if !ok {
			return errors.New("the database was opened without a connector")
		}
		if c.reader == nil {
			if c.reader, err = openReader(c.from.dsn, c.from.index); err != nil {
				return err
			}
		}
		return c.reader.each(ctx, statement, args, row)
	})
}

// lend makes e what the values of columns say. It holds until the next row.
func (j *Journal) lend(e *event.Event, r record) {
	*e = event.Event{
		ID:   event.ID{Epoch: j.epoch, Seq: uint64(r.integer(0))},
		Feed: r.lent(1), Type: r.lent(2), SourceID: r.lent(3), Key: r.lent(4),
		Title: r.lent(5), Text: r.lent(6), URL: r.lent(7), Value: r.lent(8), Severity: r.lent(9),
		ReceivedAt: time.UnixMicro(r.integer(11)).UTC(), Revises: uint64(r.integer(12)), JSON: r.integer(13) != 0,
		Data: r.borrowed(14),
	}
	if e.Text == "" && !e.JSON && r.null(6) {
		e.Text = r.lent(14)
	}
	if !r.null(10) {
		e.SourceTime = time.UnixMicro(r.integer(10)).UTC()
	}
}
