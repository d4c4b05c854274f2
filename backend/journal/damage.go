package journal

import (
	"errors"
	"fmt"
	"os"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// ErrDamaged says that the database was found damaged while it was used: Run
// ends with it, and the next Open moves the file aside.
var ErrDamaged = errors.New("the history is damaged")

// Damaged is where the file was moved that Open found damaged, "" if it was
// sound.
func (j *Journal) Damaged() string { return j.moved }

// coded is an error with a result code of SQLite's: the driver's or a reader's.
type coded interface {
	error
	Code() int
}

// isDamage reports whether the database file itself is bad, so that trying
// again can't help.
func isDamage(err error) bool {
	if errors.Is(err, errMarked) {
		return true
	}
	if err, ok := errors.AsType[coded](err); ok {
		switch err.Code() & 0xff { // the low byte of an extended code
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return true
		}
	}
	return false
}

// markSuffix names the file that an earlier run left when it met damage inside
// the database, which opening alone doesn't notice.
const markSuffix = ".is-damaged"

var errMarked = errors.New("an earlier run found the journal damaged")

// moveAside renames the database and the files that belong to it.
func moveAside(path string, now time.Time) (string, error) {
	aside := path + ".damaged-" + now.UTC().Format("20060102T150405.000")
	if err := os.Rename(path, aside); err != nil {
		return "", err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Remove(path + markSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return aside, nil
}

// mark makes sure that the next Open moves the file aside, which could not tell
// by itself, and is the error to end with.
func (j *Journal) mark(cause error) error {
	err := os.WriteFile(j.cfg.Path+markSuffix, []byte(cause.Error()+"\n"), 0o600)
	return errors.Join(fmt.Errorf("%w: %w", ErrDamaged, cause), err)
}

// met tells the writer of damage that a reader has met, and returns err.
func (j *Journal) met(err error) error {
	if isDamage(err) {
		select {
		case j.damaged <- err:
		default: // it knows
		}
	}
	return err
}
