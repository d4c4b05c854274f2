package journal

import (
	"database/sql/driver"
	"fmt"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// statement is one that is prepared. What it is bound to stays bound.
type statement struct {
	on   *direct
	at   uintptr
	room uintptr // in SQLite's memory, for a text that is inserted
	size int     // of the room, in bytes
}

func (d *direct) prepare(text string) (*statement, error) {
	copied, err := libc.CString(text)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(d.tls, copied)
	at, err := d.made(func(at uintptr) int32 { return sqlite3.Xsqlite3_prepare_v2(d.tls, d.db, copied, -1, at, 0) })
	if err != nil {
		return nil, err
	}
	return &statement{on: d, at: at}, nil
}

// close releases the statement.
func (s *statement) close() {
	sqlite3.Xsqlite3_finalize(s.on.tls, s.at)
	libc.Xfree(s.on.tls, s.room) // of nothing it does nothing
}

// step takes the next step, and reports whether there is a row. Without one the
// statement is over, and can begin again.
func (s *statement) step() (row bool, err error) {
	code := sqlite3.Xsqlite3_step(s.on.tls, s.at)
	if code == sqlite3.SQLITE_ROW {
		return true, nil
	}
	if code != sqlite3.SQLITE_DONE {
		err = s.on.fault(code)
	}
	sqlite3.Xsqlite3_reset(s.on.tls, s.at)
	return false, err
}

func (s *statement) bind(at int32, arg any) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return err
	}
	tls := s.on.tls
	var code int32
	switch value := value.(type) {
	case nil:
		code = sqlite3.Xsqlite3_bind_null(tls, s.at, at)
	case int64:
		code = sqlite3.Xsqlite3_bind_int64(tls, s.at, at, value)
	case float64:
		code = sqlite3.Xsqlite3_bind_double(tls, s.at, at, value)
	case string:
		copied, err := libc.CString(value)
		if err != nil {
			return err
		}
		defer libc.Xfree(tls, copied)
		const transient = ^uintptr(0) // SQLite takes a copy
		code = sqlite3.Xsqlite3_bind_text(tls, s.at, at, copied, int32(len(value)), transient)
	default:
		return fmt.Errorf("a %T can't be asked for", value)
	}
	if code != sqlite3.SQLITE_OK {
		return s.on.fault(code)
	}
	return nil
}

// insert adds a row of an integer and a text, for which the statement has two
// places.
func (s *statement) insert(n int64, text []byte) error {
	tls := s.on.tls
	if len(text) > s.size || s.room == 0 {
		libc.Xfree(tls, s.room)
		s.size = max(2*len(text), 1<<12)
		if s.room = libc.Xmalloc(tls, libc.Tsize_t(s.size)); s.room == 0 {
			s.size = 0
			return s.on.fault(sqlite3.SQLITE_NOMEM)
		}
	}
	copy(libc.GoBytes(s.room, s.size), text)
	code := sqlite3.Xsqlite3_bind_int64(tls, s.at, 1, n)
	if code == sqlite3.SQLITE_OK { // without a copy: it is there until the next
		code = sqlite3.Xsqlite3_bind_text(tls, s.at, 2, s.room, int32(len(text)), 0)
	}
	if code != sqlite3.SQLITE_OK {
		return s.on.fault(code)
	}
	_, err := s.step()
	return err
}

// record is a row while it is read. What its methods return stays after it, but
// what is lent or borrowed; for NULL they return what is nothing. The tables are
// strict, so each column is known to be of its type.
type record struct{ *statement }

func (r record) integer(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(r.on.tls, r.at, int32(column))
}

func (r record) null(column int) bool {
	return sqlite3.Xsqlite3_column_type(r.on.tls, r.at, int32(column)) == sqlite3.SQLITE_NULL
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
	at := sqlite3.Xsqlite3_column_blob(r.on.tls, r.at, int32(column))
	if at == 0 {
		return nil
	}
	return libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(r.on.tls, r.at, int32(column))))
}
