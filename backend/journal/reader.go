package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// reader is a connection that reads many rows. It calls SQLite itself and not
// through the driver, whose connections lock with each call, three times a
// column, and which makes an interface of each value: that takes longer than
// to read them. One goroutine at a time uses it, so it needs no lock.
type reader struct {
	tls *libc.TLS
	db  uintptr
}

// openReader opens what the driver would, with the same pragmas, beside the
// index if there is one.
func openReader(dsn, index string) (_ *reader, err error) {
	r := &reader{tls: libc.NewTLS()}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	name, err := libc.CString(dsn)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(r.tls, name)
	if r.db, err = r.made(func(at uintptr) int32 {
		const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_URI | sqlite3.SQLITE_OPEN_NOMUTEX
		return sqlite3.Xsqlite3_open_v2(r.tls, name, at, flags, 0)
	}); err != nil {
		return nil, err
	}
	sqlite3.Xsqlite3_extended_result_codes(r.tls, r.db, 1)
	_, parameters, _ := strings.Cut(dsn, "?")
	values, err := url.ParseQuery(parameters)
	if err != nil {
		return nil, err
	}
	for _, pragma := range values["_pragma"] {
		if err := r.exec("PRAGMA " + pragma); err != nil {
			return nil, err
		}
	}
	if index != "" {
		if err := r.exec("ATTACH ? AS search", index); err != nil {
			return nil, err
		}
	}
	if err := r.exec("PRAGMA query_only = 1"); err != nil {
		return nil, err
	}
	return r, nil
}

// close releases the connection; no statement is open then.
func (r *reader) close() {
	sqlite3.Xsqlite3_close_v2(r.tls, r.db) // of nothing it does nothing
	r.tls.Close()
}

func (r *reader) exec(statement string, args ...any) error {
	return r.each(context.Background(), statement, args, func(record) bool { return true })
}

// each hands over the rows that a statement selects, until row wants no more.
func (r *reader) each(ctx context.Context, statement string, args []any, row func(record) (more bool)) error {
	defer r.interruptible(ctx)()
	text, err := libc.CString(statement)
	if err != nil {
		return err
	}
	defer libc.Xfree(r.tls, text)
	prepared, err := r.made(func(at uintptr) int32 { return sqlite3.Xsqlite3_prepare_v2(r.tls, r.db, text, -1, at, 0) })
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	defer sqlite3.Xsqlite3_finalize(r.tls, prepared)
	for i, arg := range args {
		if err := r.bind(prepared, int32(i+1), arg); err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	for {
		switch code := sqlite3.Xsqlite3_step(r.tls, prepared); {
		case ctx.Err() != nil:
			return ctx.Err()
		case code == sqlite3.SQLITE_DONE:
			return nil
		case code != sqlite3.SQLITE_ROW:
			return r.fault(code)
		case !row(record{r, prepared}):
			return nil
		}
	}
}

// interruptible ends what the reader does when ctx ends, until it is released.
// It tells SQLite so again and again: a statement that begins forgets what was
// said before.
func (r *reader) interruptible(ctx context.Context) (release func()) {
	released, over := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		tls := libc.NewTLS() // the reader's own is in use
		defer tls.Close()
		for {
			sqlite3.Xsqlite3_interrupt(tls, r.db)
			select {
			case <-released:
				return
			case <-time.After(interruptAgain):
			}
		}
	})
	return func() {
		close(released)
		if !stop() {
			<-over // or it might meet a connection that is closed
		}
	}
}

// interruptAgain is how long one that was told to end may go on before it is
// told again.
const interruptAgain = 10 * time.Millisecond

// made is what a function of SQLite's makes and puts at an address.
func (r *reader) made(call func(at uintptr) (code int32)) (uintptr, error) {
	at := libc.Xcalloc(r.tls, 1, libc.Tsize_t(unsafe.Sizeof(uintptr(0))))
	if at == 0 {
		return 0, r.fault(sqlite3.SQLITE_NOMEM)
	}
	defer libc.Xfree(r.tls, at)
	code := call(at)
	thing := libc.AtomicLoadPUintptr(at)
	if code != sqlite3.SQLITE_OK {
		return thing, r.fault(code) // a connection that could not be opened tells why, and is to be closed
	}
	return thing, nil
}

func (r *reader) bind(prepared uintptr, at int32, arg any) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return err
	}
	var code int32
	switch value := value.(type) {
	case nil:
		code = sqlite3.Xsqlite3_bind_null(r.tls, prepared, at)
	case int64:
		code = sqlite3.Xsqlite3_bind_int64(r.tls, prepared, at, value)
	case float64:
		code = sqlite3.Xsqlite3_bind_double(r.tls, prepared, at, value)
	case string:
		copied, err := libc.CString(value)
		if err != nil {
			return err
		}
		defer libc.Xfree(r.tls, copied)
		const transient = ^uintptr(0) // SQLite takes a copy
		code = sqlite3.Xsqlite3_bind_text(r.tls, prepared, at, copied, int32(len(value)), transient)
	default:
		return fmt.Errorf("a %T can't be asked for", value)
	}
	if code != sqlite3.SQLITE_OK {
		return r.fault(code)
	}
	return nil
}

// fault is what SQLite says of a code that one of its functions returned.
func (r *reader) fault(code int32) error {
	said := libc.GoString(sqlite3.Xsqlite3_errstr(r.tls, code))
	if r.db != 0 {
		said = libc.GoString(sqlite3.Xsqlite3_errmsg(r.tls, r.db))
	}
	return &fault{int(code), said}
}

// fault is an error of SQLite's, as the driver's is.
type fault struct {
	code int
	said string
}

func (f *fault) Error() string { return fmt.Sprintf("%s (%d)", f.said, f.code) }

// Code is SQLite's extended result code.
func (f *fault) Code() int { return f.code }

// record is a row while it is read. What its methods return stays after it,
// but what is lent or borrowed; for NULL they return what is nothing. The tables are strict, so each column
// is known to be of its type.
type record struct {
	reader   *reader
	prepared uintptr
}

func (r record) integer(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(r.reader.tls, r.prepared, int32(column))
}

func (r record) null(column int) bool {
	return sqlite3.Xsqlite3_column_type(r.reader.tls, r.prepared, int32(column)) == sqlite3.SQLITE_NULL
}

func (r record) text(column int) string { return string(r.borrowed(column)) }

func (r record) bytes(column int) []byte { return append([]byte(nil), r.borrowed(column)...) }

// lent is text without a copy, and like borrowed.
func (r record) lent(column int) string {
	b := r.borrowed(column)
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // the bytes don't change before the next row
}

// borrowed is the column's bytes where SQLite has them: only until the next
// row. UTF-8 is what texts are stored in, so nothing is converted.
func (r record) borrowed(column int) []byte {
	at := sqlite3.Xsqlite3_column_blob(r.reader.tls, r.prepared, int32(column))
	if at == 0 {
		return nil
	}
	return libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(r.reader.tls, r.prepared, int32(column))))
}
