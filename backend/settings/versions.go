package settings

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tickertape/backend/source"
)

// keptVersions is how many earlier versions of the file are kept.
const keptVersions = 10

// versionTime is how the name of a version's file says when it was saved.
const versionTime = "20060102T150405.000000Z"

// EarlierVersion is one that was in force until it was replaced.
type EarlierVersion struct {
	ID    string    `json:"id"`
	Saved time.Time `json:"saved"`
	Feeds []string  `json:"feeds"` // their names
}

// ErrNoVersion says that there is no such earlier version.
var ErrNoVersion = errors.New("there is no such earlier version of the settings: it may have made room for newer ones")

func (s *Store) versionsDir() string {
	return strings.TrimSuffix(s.path, filepath.Ext(s.path)) + ".versions"
}

// keepVersion keeps the file as it is, before it is replaced.
func (s *Store) keepVersion() error {
	dir := s.versionsDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	saved := s.stat.ModTime().UTC()
	path := filepath.Join(dir, saved.Format(versionTime)+".json")
	for exists(path) { // saved within the same tick of the file system's clock
		saved = saved.Add(time.Microsecond)
		path = filepath.Join(dir, saved.Format(versionTime)+".json")
	}
	if err := writeFile(path, s.file); err != nil {
		return err
	}
	names, err := s.versionNames()
	if err != nil {
		return err
	}
	for _, name := range names[min(keptVersions, len(names)):] {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // of our own making
	return err == nil
}

// versionNames are the files of the versions, the newest first.
func (s *Store) versionNames() ([]string, error) {
	entries, err := os.ReadDir(s.versionsDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if _, err := time.Parse(versionTime+".json", entry.Name()); err == nil {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	return names, err
}

// Versions are the earlier versions that are kept, the newest first.
func (s *Store) Versions() ([]EarlierVersion, error) {
	names, err := s.versionNames()
	if err != nil {
		return nil, fmt.Errorf("list the earlier settings: %w", err)
	}
	versions := []EarlierVersion{}
	for _, name := range names {
		saved, err := time.Parse(versionTime+".json", name)
		if err != nil {
			continue // can't be: versionNames has looked
		}
		v := EarlierVersion{ID: strings.TrimSuffix(name, ".json"), Saved: saved, Feeds: []string{}}
		document, err := s.readVersion(v.ID)
		if err != nil {
			continue // nothing to go back to
		}
		for _, f := range document.Feeds {
			v.Feeds = append(v.Feeds, f.Name)
		}
		versions = append(versions, v)
	}
	return versions, nil
}

func (s *Store) readVersion(id string) (Settings, error) {
	if _, err := time.Parse(versionTime, id); err != nil { // nor is it a path to elsewhere
		return Settings{}, ErrNoVersion
	}
	data, err := os.ReadFile(filepath.Join(s.versionsDir(), id+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, ErrNoVersion
	}
	if err != nil {
		return Settings{}, fmt.Errorf("read the earlier settings: %w", err)
	}
	return decode(data)
}

// Restoring says which earlier version to bring back, and how.
type Restoring struct {
	ID      string
	Preview bool // whether only to tell what would change

	// Lend, if set, gives the feed of the same id with secrets that have been
	// forgotten since, or an empty one.
	Lend func(source.Feed) source.Feed
}

// Restore brings an earlier version back, and says what that changes. What is in
// force becomes an earlier version itself. Secrets that have been forgotten since
// are those in force, where the feed still has them, or those that are lent;
// tokens stay as they are: a revoked one doesn't come back.
func (s *Store) Restore(ctx context.Context, r Restoring) (changes Changes, err error) {
	err = s.Update(ctx, func(next *Settings) error {
		document, err := s.readVersion(r.ID)
		if err != nil {
			return err
		}
		earlier := s.resolved(document)
		for i, f := range earlier.Feeds {
			if at := next.Feed(f.ID); at >= 0 {
				f.Feed = lent(f.Feed, next.Feeds[at].Feed)
			}
			if r.Lend != nil {
				f.Feed = lent(f.Feed, r.Lend(f.Feed))
			}
			earlier.Feeds[i] = f
		}
		if len(earlier.Network.SecretRefs()) > 0 {
			earlier.Network.Proxy = next.Network.Proxy
		}
		earlier.Tokens = next.Tokens
		if changes, err = compare(*next, earlier); err != nil {
			return err
		}
		if r.Preview {
			return errPreview
		}
		*next = earlier
		return nil
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return changes, err
}

// lent is the feed with the secrets of another in the places where its own
// aren't there.
func lent(f, from source.Feed) source.Feed {
	others := from.Secrets()
	return f.MapSecrets(func(place, secret string) string {
		if other, ok := others[place]; ok && !source.IsSecretHeld(secret) {
			return other
		}
		return secret
	})
}
