package settings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"tickertape/backend/secrets"
)

// pollInterval is how often Watch looks whether the file has changed. Looking
// is one stat.
const pollInterval = 500 * time.Millisecond

// lockTimeout bounds the wait for another process that is saving.
const lockTimeout = 5 * time.Second

// Store is the settings file. Its methods may be called from any goroutine.
type Store struct {
	path    string
	secrets *secrets.Store
	log     *slog.Logger

	// updating is held by the one Update at a time that may use lock: a flock
	// keeps other processes out, not other goroutines of this one.
	updating sync.Mutex
	lock     *flock.Flock

	mu       sync.Mutex
	current  Settings    // with its secrets
	document Settings    // as the file has it: with references in their place
	file     []byte      // what the file held when current was read from it
	stat     os.FileInfo // of the file then; nil when there was none
	revision int         // rises with each change of current
	notice   string
	changed  chan struct{} // closed at the next change
}

// Open reads the settings file, and keeps its secrets in an encrypted file beside
// it. See OpenWith.
func Open(path string, log *slog.Logger) (*Store, error) {
	return OpenWith(path, secrets.New(secrets.Config{Dir: filepath.Dir(path), Log: log}), log)
}

// OpenWith reads the settings file. Where there is none, the defaults are in force
// and the file is made at the first change. A file that can't be understood is
// moved aside (see Notice); one of a newer version is a *NewerError. Secrets that
// stand in the file itself are taken out of it.
func OpenWith(path string, keep *secrets.Store, log *slog.Logger) (*Store, error) {
	s := &Store{
		path: path, secrets: keep, lock: flock.New(path + ".lock"), log: log,
		current: Default(), document: Default(), changed: make(chan struct{}),
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	s.takeOut(context.Background())
	return s, nil
}

func (s *Store) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.reload()
	if _, newer := errors.AsType[*NewerError](err); newer || err == nil {
		return err
	}
	aside := s.path + ".unreadable-" + time.Now().UTC().Format("20060102T150405.000")
	if moveErr := os.Rename(s.path, aside); moveErr != nil {
		return fmt.Errorf("read the settings: %w; move them aside: %w", err, moveErr)
	}
	s.notice = fmt.Sprintf("The settings file could not be read (%v). It was kept as %s, and the defaults are in force.", err, filepath.Base(aside))
	s.log.Error("the settings could not be read; the file was moved aside", "moved_to", aside, "err", err)
	s.file, s.stat = nil, nil
	return nil
}

// takeOut saves the settings where their file holds a secret itself: one of
// version 1, or written by hand.
func (s *Store) takeOut(ctx context.Context) {
	s.mu.Lock()
	needed := s.document.holdsSecrets()
	s.mu.Unlock()
	if !needed {
		return
	}
	if err := s.Update(ctx, func(*Settings) error { return nil }); err != nil {
		s.log.Error("secrets can't be taken out of the settings file", "err", err)
		s.mu.Lock()
		s.notice = fmt.Sprintf("The settings file holds passwords or keys, which could not be taken out of it (%v).", err)
		s.mu.Unlock()
		return
	}
	s.log.Info("secrets were taken out of the settings file")
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
	return s.update(ctx, nil, change)
}

// update is Update, and keeps the unknown fields of another document, too.
func (s *Store) update(ctx context.Context, unknown []byte, change func(*Settings) error) error {
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
	return s.save(next, unknown)
}

// save puts the secrets first, then the document that refers to them, and only
// then forgets those that nothing refers to: whenever that stops, the file has
// its secrets.
func (s *Store) save(next Settings, unknown []byte) error {
	document, put := s.hidden(next)
	data, err := encode(document, s.file, unknown)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	if bytes.Equal(data, s.file) {
		return nil
	}
	if err := s.secrets.Put(put); err != nil {
		return Invalid{"secrets": fmt.Sprintf("The password or key can't be kept: %v.", err)}
	}
	err = s.replaceFile(data)
	if err != nil {
		s.forget(slices.Collect(maps.Keys(put)), nil)
		return fmt.Errorf("save the settings: %w", err)
	}
	s.forget(s.document.secretRefs(), document.secretRefs())
	s.notice = ""
	return s.reload()
}

func (s *Store) replaceFile(data []byte) error {
	// Secrets in the file must not live on in a version of it.
	if s.file != nil && s.stat != nil && !s.document.holdsSecrets() {
		if err := s.keepVersion(); err != nil {
			return fmt.Errorf("keep the version before: %w", err)
		}
	}
	return writeFile(s.path, data)
}

// forget forgets the secrets that are no longer used.
func (s *Store) forget(ids, used []string) {
	unused := slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(used, id) })
	if err := s.secrets.Delete(unused...); err != nil {
		s.log.Warn("secrets that are no longer used could not be removed", "err", err)
	}
}

// Watch takes over what other processes save, until ctx ends. A file that can't
// be understood changes nothing; Notice says so until it is mended.
func (s *Store) Watch(ctx context.Context) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if s.poll() {
				s.takeOut(ctx)
			}
		case <-s.secrets.Late():
			s.Refresh()
		case <-ctx.Done():
			return
		}
	}
}

// poll looks whether the file has changed, and reports whether there are other
// settings now.
func (s *Store) poll() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stat, err := os.Stat(s.path)
	if err != nil || (s.stat != nil && os.SameFile(stat, s.stat) && stat.ModTime().Equal(s.stat.ModTime()) && stat.Size() == s.stat.Size()) {
		return false // unchanged; or gone for now, and then the old settings stay
	}
	before := s.revision
	if err := s.reload(); err != nil {
		s.stat = stat // once is enough
		s.notice = fmt.Sprintf("The settings file was changed but can't be read (%v). The settings before it stay in force.", err)
		s.log.Error("the changed settings can't be read; the old ones stay", "err", err)
		s.announce()
		return false
	}
	return s.revision != before
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
		if s.notice != "" { // it was mended by taking the mistake back
			s.notice = ""
			s.announce()
		}
		return nil
	}
	next, err := decode(data)
	if err != nil {
		return err
	}
	s.document, s.current, s.file, s.notice = next, s.resolved(next), data, ""
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
