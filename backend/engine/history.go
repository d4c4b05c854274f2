package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"

	"tickertape/backend/event"
	"tickertape/backend/journal"
)

// OpenHistory opens the history in a data folder for reading, whether a
// Tickertape runs on it or not.
func OpenHistory(ctx context.Context, dataDir string) (journal.Archive, error) {
	return journal.OpenArchive(ctx, filepath.Join(dataDir, journalFile))
}

// Import stores the events of an export in a data folder that nobody uses, as
// journal.Import does. ErrInUse says that somebody does: a running Tickertape
// would not see events that another program stores.
func Import(ctx context.Context, dataDir string, r io.Reader, log *slog.Logger, bad func(line int, err error)) (_ journal.Imported, err error) {
	lock, err := lockFolder(dataDir, "tickertape import")
	if err != nil {
		return journal.Imported{}, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	j, err := journal.Open(ctx, journal.Config{
		Path: filepath.Join(dataDir, journalFile), Committed: func([]event.Event) {}, Log: log,
	})
	if err != nil {
		return journal.Imported{}, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	// What was handed over is stored even when ctx ends.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	done, err := j.Import(ctx, r, bad)
	stop()
	return done, errors.Join(err, <-ended)
}

// Rescue stores what can be read of a journal's file, as Import does: of one that
// was moved aside because it is damaged, say. It returns also how many events
// could not be read.
func Rescue(ctx context.Context, dataDir, path string, log *slog.Logger, bad func(line int, err error)) (journal.Imported, int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, in := io.Pipe()
	lost, rescued := 0, make(chan struct{})
	go func() {
		defer close(rescued)
		var err error
		lost, err = journal.Rescue(ctx, path, in)
		_ = in.CloseWithError(err) // never fails
	}()
	done, err := Import(ctx, dataDir, out, log, bad)
	_ = out.Close() // should the import have ended early
	<-rescued
	return done, lost, err
}
