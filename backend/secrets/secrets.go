package secrets

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
)

// The environment that a Store looks at (see FromEnvironment).
const (
	EnvPassphrase = "TICKERTAPE_PASSPHRASE"
	EnvKeyring    = "TICKERTAPE_KEYRING" // "off": the file, also where there is a keyring
)

// Config is what a Store needs.
type Config struct {
	Dir     string // of the encrypted file: the data folder
	Keyring bool   // whether to use the system's keyring

	// Passphrase, if it isn't "", encrypts the file.
	Passphrase string
	// Ask asks a person for the passphrase of a file that has one, once. Nil:
	// there is nobody to ask.
	Ask func() (string, error)

	Log *slog.Logger
}

// FromEnvironment is the configuration of a program: with the keyring unless
// EnvKeyring is off, and the passphrase in EnvPassphrase.
func FromEnvironment(dir string, log *slog.Logger) Config {
	return Config{Dir: dir, Keyring: os.Getenv(EnvKeyring) != "off", Passphrase: os.Getenv(EnvPassphrase), Log: log}
}

// Store is where secrets are. Its methods may be called from any goroutine, and
// by several processes at once.
type Store struct {
	ring *ring // nil: not to be used
	file *file
	log  *slog.Logger

	mu     sync.Mutex
	cached map[string]string // what was read or put: a keyring's answer takes a while
}

// New makes a store. It touches neither keyring nor file before it is asked for
// something.
func New(cfg Config) *Store {
	s := &Store{file: newFile(cfg), log: cfg.Log, cached: map[string]string{}}
	if cfg.Keyring {
		s.ring = newRing()
	}
	return s
}

// NewID makes the id of a secret that is to be put: 128 random bits.
func NewID() string { return strings.ToLower(rand.Text()) }

// Get reads secrets. Those that there aren't, or that can't be read now, are
// left out; the error then says why in a sentence, and what to do.
func (s *Store) Get(ids ...string) (map[string]string, error) {
	found := s.known(ids)
	if len(found) == len(ids) {
		return found, nil
	}
	inFile, fileErr := s.file.read()
	var ringErr error
	for _, id := range ids {
		if _, known := found[id]; known {
			continue
		}
		if value, ok := inFile[id]; ok {
			found[id] = value
			continue
		}
		if s.ring == nil || ringErr != nil {
			continue
		}
		var value string
		if value, ringErr = s.ring.get(id); ringErr == nil {
			found[id] = value
		}
		if errors.Is(ringErr, errNotFound) {
			ringErr = nil
		}
	}
	s.remember(found)
	if len(found) < len(ids) {
		return found, errors.Join(fileErr, ringErr)
	}
	return found, nil
}

// Put keeps new secrets, by their ids: all of them or, with an error, none.
func (s *Store) Put(values map[string]string) error {
	if len(values) == 0 {
		return nil
	}
	rest := maps.Clone(values)
	if s.ring != nil {
		for id, value := range values {
			err := s.ring.set(id, value)
			if err == nil {
				delete(rest, id)
				continue
			}
			if !errors.Is(err, errTooLong) { // the others could do no better
				s.log.Info("the system's keyring doesn't take a secret: the encrypted file does", "err", err)
				break
			}
		}
	}
	if err := s.file.change(rest, nil); err != nil {
		for id := range values {
			if _, left := rest[id]; !left {
				_ = s.ring.remove(id) // err says more
			}
		}
		return err
	}
	s.remember(values)
	return nil
}

// Delete forgets secrets. Those that there aren't are no error.
func (s *Store) Delete(ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	s.mu.Lock()
	for _, id := range ids {
		delete(s.cached, id)
	}
	s.mu.Unlock()
	inFile, err := s.file.read()
	if err == nil {
		err = s.file.change(nil, ids)
	}
	var ringErr error
	for _, id := range ids {
		if _, was := inFile[id]; was || s.ring == nil || ringErr != nil {
			continue
		}
		if ringErr = s.ring.remove(id); errors.Is(ringErr, errNotFound) {
			ringErr = nil
		}
	}
	if err = errors.Join(err, ringErr); err != nil {
		return fmt.Errorf("forget a secret: %w", err)
	}
	return nil
}

// Late is closed when a keyring that didn't answer in time has answered after
// all: what couldn't be read may now be. Ask anew each time.
func (s *Store) Late() <-chan struct{} {
	if s.ring == nil {
		return nil
	}
	return s.ring.late()
}

func (s *Store) known(ids []string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[string]string, len(ids))
	for _, id := range ids {
		if value, ok := s.cached[id]; ok {
			found[id] = value
		}
	}
	return found
}

func (s *Store) remember(values map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.cached, values)
}

// The places where secrets are kept.
const (
	InKeyring = "keyring"
	InFile    = "file"
)

// Where is where secrets are kept, for people to see.
type Where struct {
	Place  string `json:"place"`            // InKeyring or InFile: of new ones
	Text   string `json:"text"`             // a sentence
	Notice string `json:"notice,omitempty"` // what the user should know, in a sentence

	// Locked says that the file is encrypted with a passphrase that nobody has
	// given yet. See Unlock.
	Locked bool `json:"locked,omitempty"`
}

// Unlock opens the encrypted file with its passphrase. The error is ErrPassphrase
// where that isn't the one.
func (s *Store) Unlock(passphrase string) error { return s.file.unlockWith(passphrase) }

// Where says where secrets are kept. It may wait some seconds for a keyring
// that doesn't answer, once.
func (s *Store) Where() Where {
	w := Where{Place: InKeyring, Text: "Secrets are kept in the system's keyring.", Notice: s.file.told(), Locked: s.file.isLocked()}
	if s.ring != nil && s.ring.answers() {
		return w
	}
	why := "because no keyring answers here"
	if s.ring == nil {
		why = "because the keyring is switched off"
	}
	w.Place = InFile
	w.Text = "Secrets are kept in an encrypted file, " + why + "."
	if s.file.hasPassphrase() {
		w.Text = "Secrets are kept in a file that is encrypted with your passphrase, " + why + "."
	}
	return w
}
