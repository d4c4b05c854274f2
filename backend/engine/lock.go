package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrInUse says that another Tickertape runs on the same data folder.
var ErrInUse = errors.New("another Tickertape uses this data folder")

// InUseError is an ErrInUse that knows who.
type InUseError struct {
	Dir string
	Holder
}

// Holder is who has a data folder.
type Holder struct {
	PID     int    `json:"pid"`     // 0 where it isn't known
	Program string `json:"program"` // such as "tickertape serve"
}

func (e *InUseError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%v: %s", ErrInUse, e.Dir)
	}
	return fmt.Sprintf("%v: %s is held by %q, process %d", ErrInUse, e.Dir, e.Program, e.PID)
}

// Is makes it an ErrInUse.
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// lockFolder takes the data folder for a program, and makes it where it doesn't
// exist.
func lockFolder(dir, program string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(dir, lockFile)
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !locked {
		return nil, &InUseError{Dir: dir, Holder: readHolder(path)}
	}
	_ = writeHolder(path, Holder{os.Getpid(), program}) // on a full disk nobody is named
	return lock, nil
}

// holderAt is where the holder stands in the lock file: Windows lets nobody
// else read the byte that is locked, which is the first one.
const holderAt = 1

// writeHolder writes who has the lock.
func writeHolder(path string, h Holder) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) // O_TRUNC would touch the locked byte
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(data, holderAt); err != nil {
		return err
	}
	return file.Truncate(holderAt + int64(len(data)))
}

// readHolder reads who has the lock, or nobody where that can't be read.
func readHolder(path string) (h Holder) {
	file, err := os.Open(path)
	if err != nil {
		return h
	}
	defer file.Close()
	data := make([]byte, 4096)
	n, _ := file.ReadAt(data, holderAt) // less than all of it is usual
	if json.Unmarshal(data[:n], &h) != nil {
		return Holder{}
	}
	return h
}
