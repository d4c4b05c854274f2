package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"tickertape/backend/event"
)

// each runs a query on db and hands over the values of one row after the other,
// until there are none or row wants no more. They come from the driver itself:
// database/sql would convert and copy each of them once more, which takes as
// long as reading them. The slice is used again for the next row.
func each(ctx context.Context, db *sql.DB, statement string, args []any, row func(values []driver.Value) (more bool)) error {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		queryer, ok := raw.(driver.QueryerContext)
		if !ok {
			return errors.New("the database's driver can't be asked directly")
		}
		rows, err := queryer.QueryContext(ctx, statement, named)
		if err != nil {
			return err
		}
		return errors.Join(eachOf(ctx, rows, row), rows.Close())
	})
}

func eachOf(ctx context.Context, rows driver.Rows, row func([]driver.Value) bool) error {
	values := make([]driver.Value, len(rows.Columns()))
	for {
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			return nil
		}
		// The driver looks at ctx only until the first row.
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if !row(values) {
			return nil
		}
	}
}

// event is what the values of columns say.
func (j *Journal) event(values []driver.Value) event.Event {
	e := event.Event{
		ID:   event.ID{Epoch: j.epoch, Seq: uint64(integer(values[0]))},
		Feed: text(values[1]), Type: text(values[2]), SourceID: text(values[3]), Key: text(values[4]),
		Title: text(values[5]), Text: text(values[6]), URL: text(values[7]), Value: text(values[8]), Severity: text(values[9]),
		ReceivedAt: time.UnixMicro(integer(values[11])).UTC(), Revises: uint64(integer(values[12])), JSON: integer(values[13]) != 0,
	}
	e.Data, _ = values[14].([]byte) // the driver gives each row its own
	if values[6] == nil && !e.JSON {
		e.Text = string(e.Data)
	}
	if values[10] != nil {
		e.SourceTime = time.UnixMicro(integer(values[10])).UTC()
	}
	return e
}

// text and integer are the value of a column of that type, and what is nothing
// where it is NULL: the tables are strict.

func text(v driver.Value) string {
	s, _ := v.(string)
	return s
}

func integer(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}
