package settings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// pollInterval is how often Watch looks whether the file has changed. Looking
// is one stat.
const pollInterval = 500 * time.Millisecond

// lockTimeout bounds the wait for another process that is saving.
const lockTimeout = 5 * time.Second

// Store is the settings file. Its methods may be called from any goroutine.
type Store struct {
	path string
	log  *slog.Logger

	// updating is held by the one Update at a time that may use lock: a flock
	// keeps other processes out, not other goroutines of this one.
	updating sync.Mutex
	lock     *flock.Flock

	mu       sync.Mutex
	current  Settings
	file     []byte      // what the file held when current was read from it
	stat     os.FileInfo // of the file then; nil when there was none
	revision int         // rises with each change of current
	notice   string
	changed  chan struct{} // closed at the next change
}

// Open reads the settings file. Where there is none, the defaults are in force
// and the file is made at the first change. A file that can't be understood is
// moved aside (see Notice); one of a newer version is a *NewerError.
func Open(path string, log *slog.Logger) (*Store, error) {
	s := &Store{path: path, lock: flock.New(path + ".lock"), log: log, current: Default(), changed: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.reload()
	if _, newer := errors.AsType[*NewerError](err); newer || err == nil {
		return s, err
	}
	aside := path + ".unreadable-" + time.Now().UTC().Format("20060102T150405.000")
	if moveErr := os.Rename(path, aside); moveErr != nil {
		return nil, fmt.Errorf("read the settings: %w; move them aside: %w", err, moveErr)
	}
	s.notice = fmt.Sprintf("The settings file could not be read (%v). It was kept as %s, and the defaults are in force.", err, filepath.Base(aside))
	log.Error("the settings could not be read; the file was moved aside", "moved_to", aside, "err", err)
	s.file, s.stat = nil, nil
	return s, nil
}

// Current is the settings in force and their revision, which rises with each
// change.
func (s *Store) Current() (Settings, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.Clone(), s.revision
}

// Notice is what the user should be told about the file, in a sentence; ""
// when all is well.
func (s *Store) Notice() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notice
}

// Changed is closed at the next change.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Update changes the settings: it reads what is on disk now, lets change work
// on it, validates and saves. Nothing is changed if any of that fails; an
// Invalid then says what the user can mend. Other processes' changes are never
// lost: a lock makes Updates take turns.
func (s *Store) Update(ctx context.Context, change func(*Settings) error) error {
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	s.updating.Lock()
	defer s.updating.Unlock()
	if _, err := s.lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return fmt.Errorf("lock the settings: %w", err)
	}
	defer func() { _ = s.lock.Unlock() }() // closing the file unlocks it anyway
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reload(); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	next := s.current.Clone()
	if err := change(&next); err != nil {
		return err
	}
	if err := next.Validate(); err != nil {
		return err
	}
	data, err := encode(next, s.file)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	if err := writeFile(s.path, data); err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	s.notice = ""
	return s.reload()
}

// Watch takes over what other processes save, until ctx ends. A file that can't
// be understood changes nothing; Notice says so until it is mended.
func (s *Store) Watch(ctx context.Context) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.poll()
		case <-ctx.Done():
			return
		}
	}
}

func (s *Store) poll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	stat, err := os.Stat(s.path)
	if err != nil || (s.stat != nil && os.SameFile(stat, s.stat) && stat.ModTime().Equal(s.stat.ModTime()) && stat.Size() == s.stat.Size()) {
		return // unchanged; or gone for now, and then the old settings stay
	}
	if err := s.reload(); err != nil {
		s.stat = stat // once is enough
		s.notice = fmt.Sprintf("The settings file was changed but can't be read (%v). The settings before it stay in force.", err)
		s.log.Error("the changed settings can't be read; the old ones stay", "err", err)
		s.announce()
	}
}

// reload reads the file. It leaves everything as it is when that fails.
func (s *Store) reload() error {
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // never saved: what is in force stays
	}
	if err != nil {
		return err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	const maxFile = 16 << 20
	if stat.Size() > maxFile {
		return fmt.Errorf("%s has %d bytes, too many for settings", filepath.Base(s.path), stat.Size())
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	s.stat = stat
	if s.file != nil && bytes.Equal(data, s.file) {
		return nil
	}
	next, err := decode(data)
	if err != nil {
		return err
	}
	s.current, s.file, s.notice = next, data, ""
	s.announce()
	return nil
}

func (s *Store) announce() {
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
}

// writeFile replaces the file in one step that survives a power cut.
func writeFile(path string, data []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
