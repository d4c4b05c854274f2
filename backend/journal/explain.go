package journal

import (
	"errors"

	sqlite3 "modernc.org/sqlite/lib"
)

// Explain says in sentences what an error of the journal means and what to do
// about it.
func Explain(err error) string {
	if reason := Reason(err); reason != "" {
		return reason
	}
	return "The history can't be stored: " + err.Error() + "."
}

// Reason is Explain for errors that are the database's; "" for others.
func Reason(err error) string {
	if errors.Is(err, ErrDamaged) || isDamage(err) {
		return "The history's file is damaged. It is moved aside and kept, and a new history is begun."
	}
	wrong, ok := errors.AsType[coded](err)
	if !ok {
		return ""
	}
	switch wrong.Code() & 0xff { // the low byte of an extended code
	case sqlite3.SQLITE_FULL:
		return "The disk that holds the history is full. Free some space there, or keep less history: what the feeds can send again isn't lost."
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return "The folder of the history, or a file in it, can't be written. Give yourself the right to write there, or name another folder by --data."
	case sqlite3.SQLITE_IOERR:
		return "The disk that holds the history can't be read or written. Check that it is connected, sound and not full."
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "Another program holds the history's file. Close it: a backup, or a tool for databases."
	}
	return ""
}
