package journal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// direct is a connection that calls SQLite itself and not through the driver,
// whose connections lock with each call, three times a column, and make an
// interface of each value: for many small rows that takes longer than to read
// or to write them. One goroutine at a time uses it, so it needs no lock.
type direct struct {
	tls *libc.TLS
	db  uintptr
}

// openDirect opens what the driver would, with the same pragmas; the file must
// be there, or may be made.
func openDirect(dsn string, may int32) (_ *direct, err error) {
	d := &direct{tls: libc.NewTLS()}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	name, err := libc.CString(dsn)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(d.tls, name)
	if d.db, err = d.made(func(at uintptr) int32 {
		return sqlite3.Xsqlite3_open_v2(d.tls, name, at, may|sqlite3.SQLITE_OPEN_URI|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	}); err != nil {
		return nil, err
	}
	sqlite3.Xsqlite3_extended_result_codes(d.tls, d.db, 1)
	_, parameters, _ := strings.Cut(dsn, "?")
	values, err := url.ParseQuery(parameters)
	if err != nil {
		return nil, err
	}
	for _, pragma := range values["_pragma"] {
		if err := d.exec("PRAGMA " + pragma); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// openReader opens a connection that only reads, beside the index if there is
// one.
func openReader(dsn, index string) (*direct, error) {
	d, err := openDirect(dsn, sqlite3.SQLITE_OPEN_READWRITE)
	if err != nil {
		return nil, err
	}
	if index != "" {
		err = d.exec("ATTACH ? AS search", index)
	}
	if err == nil { // only then: attaching is no write, but the pragma forbids it
		err = d.exec("PRAGMA query_only = 1")
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// close releases the connection; no statement is open then.
func (d *direct) close() {
	sqlite3.Xsqlite3_close_v2(d.tls, d.db) // of nothing it does nothing
	d.tls.Close()
}

func (d *direct) exec(statement string, args ...any) error {
	return d.each(context.Background(), statement, args, func(record) bool { return true })
}

// integer is what a statement selects.
func (d *direct) integer(statement string) (n int64, err error) {
	err = d.each(context.Background(), statement, nil, func(r record) bool {
		n = r.integer(0)
		return false
	})
	return n, err
}

// transaction does all that steps does, or nothing.
func (d *direct) transaction(steps func() error) error {
	if err := d.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := steps()
	if err == nil {
		if err = d.exec("COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	_ = d.exec("ROLLBACK") // err says more; SQLite may have done so already
	return err
}

// each hands over the rows that a statement selects, until row wants no more.
func (d *direct) each(ctx context.Context, statement string, args []any, row func(record) (more bool)) error {
	defer d.interruptible(ctx)()
	s, err := d.prepare(statement)
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	defer s.close()
	for i, arg := range args {
		if err := s.bind(int32(i+1), arg); err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	for {
		more, err := s.step()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || !more:
			return err
		case !row(record{s}):
			return nil
		}
	}
}

// interruptible ends what the connection does when ctx ends, until it is released.
// It tells SQLite so again and again: a statement that begins forgets what was
// said before.
func (d *direct) interruptible(ctx context.Context) (release func()) {
	released, over := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		tls := libc.NewTLS() // its own is in use
		defer tls.Close()
		for {
			sqlite3.Xsqlite3_interrupt(tls, d.db)
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
func (d *direct) made(call func(at uintptr) (code int32)) (uintptr, error) {
	at := libc.Xcalloc(d.tls, 1, libc.Tsize_t(unsafe.Sizeof(uintptr(0))))
	if at == 0 {
		return 0, d.fault(sqlite3.SQLITE_NOMEM)
	}
	defer libc.Xfree(d.tls, at)
	code := call(at)
	thing := libc.AtomicLoadPUintptr(at)
	if code != sqlite3.SQLITE_OK {
		return thing, d.fault(code) // a connection that could not be opened tells why, and is to be closed
	}
	return thing, nil
}

// fault is what SQLite says of a code that one of its functions returned.
func (d *direct) fault(code int32) error {
	said := libc.GoString(sqlite3.Xsqlite3_errstr(d.tls, code))
	if d.db != 0 {
		said = libc.GoString(sqlite3.Xsqlite3_errmsg(d.tls, d.db))
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
