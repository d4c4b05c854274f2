package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// sidePace is how often a side file is saved at most. A program that is killed
// forgets so much.
const sidePace = time.Minute

// sideFile is a small file of what the program notes by itself: not in the
// settings, which nobody has changed.
type sideFile struct {
	path string

	mu   sync.Mutex
	last []byte // as it was saved
}

// load reads what an earlier run saved; without a file, it leaves into as it is.
func (f *sideFile) load(into any) error {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// save writes what isn't in the file already.
func (f *sideFile) save(value any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if bytes.Equal(data, f.last) {
		return nil
	}
	f.last = data // a folder that can't be written isn't tried each minute for the same
	if err := os.WriteFile(f.path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(f.path+".new", f.path)
}

// nowAndThen calls save at the pace of side files, until ctx ends.
func nowAndThen(ctx context.Context, save func()) {
	tick := time.NewTicker(sidePace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			save()
		case <-ctx.Done():
			return
		}
	}
}
