package server

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// usesFile is where the times of use are kept.
const usesFile = "tokens-used.json"

// tokenUses is when each access token was used last, by its id.
type tokenUses struct {
	file sideFile
	log  *slog.Logger

	mu    sync.Mutex
	at    map[string]time.Time
	dirty bool
}

func openTokenUses(dir string, log *slog.Logger) *tokenUses {
	u := &tokenUses{file: sideFile{path: filepath.Join(dir, usesFile)}, log: log, at: map[string]time.Time{}}
	err := u.file.load(&u.at)
	if u.at == nil {
		u.at = map[string]time.Time{} // the file said null
	}
	if err != nil { // it comes again with the next use
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
	nowAndThen(ctx, u.save)
}

func (u *tokenUses) save() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.dirty {
		return
	}
	u.dirty = false // a folder that can't be written isn't tried each minute
	if err := u.file.save(u.at); err != nil {
		u.log.Warn("when access tokens were used last can't be saved", "err", err)
	}
}
