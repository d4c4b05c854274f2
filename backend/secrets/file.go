package secrets

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// The files in the data folder.
const (
	sealedFile = "secrets.enc"
	keyOfFile  = "secrets.key"
)

// lockTimeout bounds the wait for another process that is saving.
const lockTimeout = 5 * time.Second

var errNoPassphrase = errors.New("the secrets on this computer are encrypted with a passphrase: set " + EnvPassphrase + ", and start again")

// file is the encrypted file. Each change writes it anew, in one step.
type file struct {
	path, keyPath string
	ask           func() (string, error)
	log           *slog.Logger

	mu         sync.Mutex
	passphrase string
	stat       os.FileInfo       // of the file when it was read; nil when there was none
	values     map[string]string // what it held then
	box        sealed            // how it was encrypted then
	key        []byte            // of box; making it takes a while
	notice     string
	locked     bool // it was there to be read, but not without its passphrase
}

func newFile(cfg Config) *file {
	return &file{
		path: filepath.Join(cfg.Dir, sealedFile), keyPath: filepath.Join(cfg.Dir, keyOfFile),
		passphrase: cfg.Passphrase, ask: cfg.Ask, log: cfg.Log,
	}
}

// told is what the user should know of the file.
func (f *file) told() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.notice
}

func (f *file) hasPassphrase() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.passphrase != "" || f.box.Key == keyPassphrase
}

func (f *file) isLocked() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.locked
}

// unlockWith tries a passphrase, and goes on with it where it is the one.
func (f *file) unlockWith(passphrase string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.passphrase
	f.passphrase, f.stat = passphrase, nil
	err := f.load()
	if err != nil {
		f.passphrase = before
	}
	return err
}

// read is what the file holds now. Callers must not change it.
func (f *file) read() (map[string]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.load()
	return f.values, err
}

// load brings values up to date. A damaged file is moved aside.
func (f *file) load() error {
	stat, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.stat, f.values, f.box, f.locked = nil, nil, sealed{}, false
		return nil
	}
	if err != nil {
		return err
	}
	if f.stat != nil && os.SameFile(stat, f.stat) && stat.ModTime().Equal(f.stat.ModTime()) {
		return nil
	}
	const maxFile = 64 << 20
	if stat.Size() > maxFile {
		return f.moveAside(errDamaged)
	}
	data, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	err = f.decrypt(data)
	f.locked = errors.Is(err, errNoPassphrase) || errors.Is(err, ErrPassphrase)
	switch {
	case err == nil:
		f.stat = stat
		return nil
	case f.locked:
		return err // it is well, but not for us
	}
	return f.moveAside(err)
}

// decrypt sets values, box and key.
func (f *file) decrypt(data []byte) error {
	box, err := parseSealed(data)
	if err != nil {
		return err
	}
	text, key, err := f.unlock(box)
	if err != nil {
		return err
	}
	values := map[string]string{}
	if json.Unmarshal(text, &values) != nil {
		return errDamaged
	}
	f.values, f.box, f.key = values, box, key
	return nil
}

// unlock finds the key of a box and opens it.
func (f *file) unlock(box sealed) (text, key []byte, err error) {
	if box.Key == keyFile {
		if key, err = readKey(f.keyPath); err != nil {
			return nil, nil, err
		}
		if text, err = box.open(key); err != nil {
			return nil, nil, fmt.Errorf("%s is not its key", keyOfFile)
		}
		return text, key, nil
	}
	if bytes.Equal(box.Salt, f.box.Salt) && f.key != nil { // the passphrase is known to be the one
		text, err = box.open(f.key)
		return text, f.key, err
	}
	if f.passphrase == "" && f.ask != nil {
		ask := f.ask
		f.ask = nil // once
		if f.passphrase, err = ask(); err != nil {
			return nil, nil, err
		}
	}
	if f.passphrase == "" {
		return nil, nil, errNoPassphrase
	}
	if key, err = box.stretch(f.passphrase); err != nil {
		return nil, nil, err
	}
	text, err = box.open(key)
	return text, key, err
}

// moveAside keeps a file that can't be understood under another name.
func (f *file) moveAside(why error) error {
	aside := f.path + ".unreadable-" + time.Now().UTC().Format("20060102T150405.000")
	if err := os.Rename(f.path, aside); err != nil {
		return fmt.Errorf("the file of secrets can't be read (%w), nor moved aside: %w", why, err)
	}
	f.log.Error("the file of secrets can't be read; it was moved aside", "moved_to", aside, "err", why)
	f.notice = fmt.Sprintf("The file of secrets could not be read (%v). It was kept as %s: enter the passwords and keys of your feeds again.", why, filepath.Base(aside))
	f.stat, f.values, f.box = nil, nil, sealed{}
	return nil
}

// change adds and removes secrets. Other processes' changes are never lost: a
// lock makes changes take turns.
func (f *file) change(add map[string]string, remove []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(add) == 0 {
		if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
			return nil // nor is there anything to remove
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	lock := flock.New(f.path + ".lock")
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return fmt.Errorf("lock the file of secrets: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // closing the file unlocks it anyway
	if err := f.load(); err != nil {
		return err
	}
	next := maps.Clone(f.values)
	if next == nil {
		next = map[string]string{}
	}
	maps.Copy(next, add)
	for _, id := range remove {
		delete(next, id)
	}
	if maps.Equal(next, f.values) {
		return nil
	}
	return f.save(next)
}

func (f *file) save(values map[string]string) error {
	box, key, err := f.lockWith()
	if err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	data, err := box.seal(key, text)
	if err != nil {
		return err
	}
	if err := writeFile(f.path, data); err != nil {
		return fmt.Errorf("save the file of secrets: %w", err)
	}
	f.box, f.key, f.values = box, key, values
	f.stat, _ = os.Stat(f.path) // without it the file is read again, no more
	return nil
}

// lockWith is how to encrypt: as the file is, but by the passphrase where there
// is one now.
func (f *file) lockWith() (box sealed, key []byte, err error) {
	box = f.box
	switch {
	case box.Key == keyPassphrase:
		return box, f.key, nil
	case f.passphrase != "":
		box = sealed{Format: sealFormat, Key: keyPassphrase, N: costN, R: costR, P: costP, Salt: make([]byte, 16)}
		_, _ = rand.Read(box.Salt) // never fails (crypto/rand)
		key, err = box.stretch(f.passphrase)
		return box, key, err
	}
	key, err = readKey(f.keyPath)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails (crypto/rand)
		err = writeFile(f.keyPath, []byte(base64.StdEncoding.EncodeToString(key)+"\n"))
	}
	return sealed{Format: sealFormat, Key: keyFile}, key, err
}

func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s holds no key", filepath.Base(path)) // not its words
	}
	return key, nil
}

// writeFile replaces a file in one step that survives a power cut.
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
