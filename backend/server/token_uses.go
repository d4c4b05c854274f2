package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// usesFile is where the times of use are kept: not in the settings, which
// nobody has changed.
const usesFile = "tokens-used.json"

// usesPace is how often they are saved at most. A program that is killed
// forgets so much.
const usesPace = time.Minute

// tokenUses is when each access token was used last, by its id.
type tokenUses struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex
	at    map[string]time.Time
	dirty bool
}

func openTokenUses(dir string, log *slog.Logger) *tokenUses {
	u := &tokenUses{path: filepath.Join(dir, usesFile), log: log, at: map[string]time.Time{}}
	data, err := os.ReadFile(u.path)
	if err == nil {
		err = json.Unmarshal(data, &u.at)
	}
	if u.at == nil {
		u.at = map[string]time.Time{} // the file said null
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it comes again with the next use
		log.Warn("when access tokens were used last can't be read", "err", err)
	}
	return u
}

func (u *tokenUses) note(id string) {
	now := time.Now().UTC().Truncate(time.Second)
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.at[id].Equal(now) {
		u.at[id], u.dirty = now, true
	}
}

func (u *tokenUses) last(id string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.at[id]
}

// run saves what is new now and then, until ctx ends.
func (u *tokenUses) run(ctx context.Context) {
	tick := time.NewTicker(usesPace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			u.save()
		case <-ctx.Done():
			return
		}
	}
}

func (u *tokenUses) save() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.dirty {
		return
	}
	u.dirty = false // a folder that can't be written isn't tried each minute
	data, err := json.Marshal(u.at)
	if err == nil {
		err = os.WriteFile(u.path+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(u.path+".new", u.path)
	}
	if err != nil {
		u.log.Warn("when access tokens were used last can't be saved", "err", err)
	}
}
