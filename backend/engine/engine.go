package engine

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/logs"
	"tickertape/backend/mapping"
	"tickertape/backend/secrets"
	"tickertape/backend/server"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// The files in the data folder.
const (
	SettingsFile = "settings.json"
	journalFile  = "journal.db"
	lockFile     = "lock"
	logFile      = "tickertape.log"
)

// Config is what an Engine needs.
type Config struct {
	DataDir string         // made where it doesn't exist
	Listen  string         // where the front door stands, whatever the settings say; "" leaves it to them
	Window  bool           // whether to open the window's private door
	Private server.Private // where the window knows that door to be already; zero for nowhere
	Assets  fs.FS          // the built front end; nil when it isn't built
	Version string
	Log     *slog.Logger

	// Secrets is where they are kept; nil: in an encrypted file in DataDir.
	Secrets *secrets.Store
}

// program names the program to somebody who finds the data folder in use.
func (c Config) program() string {
	if c.Window {
		return "Tickertape's window"
	}
	return "tickertape serve"
}

// Engine is the whole program but its window.
type Engine struct {
	cfg      Config
	lock     *flock.Flock
	settings *settings.Store
	journal  *journal.Journal
	hub      *hub.Hub
	feeds    *source.Supervisor
	server   *server.Server
	private  server.Private
	logs     *logs.File

	mappings atomic.Pointer[map[string]mapping.Mapping] // by feed
	applying sync.Mutex                                 // so that the newest settings win
}

// New opens the data folder and the doors. Nothing happens before Run; after
// Run, or without it, call Close.
func New(ctx context.Context, cfg Config) (_ *Engine, err error) {
	e := &Engine{cfg: cfg}
	defer func() {
		if err != nil {
			_ = e.Close() // err says more
		}
	}()
	if e.lock, err = lockFolder(cfg.DataDir, cfg.program()); err != nil {
		return nil, err
	}
	if e.logs, err = logs.Open(logs.Config{Path: filepath.Join(cfg.DataDir, logFile)}); err != nil {
		return nil, err
	}
	cfg.Log = slog.New(slog.NewMultiHandler(cfg.Log.Handler(), e.logs.Handler()))
	slog.New(e.logs.Handler()).Info("Tickertape starts", "version", cfg.Version, "process", os.Getpid())
	if cfg.Secrets == nil {
		cfg.Secrets = secrets.New(secrets.Config{Dir: cfg.DataDir, Log: cfg.Log})
	}
	if e.settings, err = settings.OpenWith(filepath.Join(cfg.DataDir, SettingsFile), cfg.Secrets, cfg.Log); err != nil {
		return nil, err
	}
	e.journal, err = journal.Open(ctx, journal.Config{
		Path: filepath.Join(cfg.DataDir, journalFile), Committed: e.committed, Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}
	e.hub = hub.New(hub.Config{History: e.journal, Marks: e.journal, Head: e.journal.Head()})
	e.feeds = source.NewSupervisor(source.Config{
		Ingest: e.ingest, Resume: e.journal.Resume, Heard: e.journal.Heard, Moved: e.moved,
		UserAgent: "Tickertape/" + cfg.Version, Log: cfg.Log,
	})
	e.apply()
	e.server = server.New(server.Config{
		Journal: e.journal, Hub: e.hub, Feeds: e.feeds, Settings: e.settings, Apply: e.apply, Probe: e.probe, Catalogue: catalogueView(),
		Listen: cfg.Listen, Assets: cfg.Assets, Version: cfg.Version, DataDir: cfg.DataDir, Log: cfg.Log, Logs: e.logs,
	})
	if cfg.Window {
		if e.private, err = e.server.OpenPrivate(cfg.Private); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Private is where the window finds its server.
func (e *Engine) Private() server.Private { return e.private }

// AllowFile lets the window export to a file that the person there has chosen,
// once, by the ticket that it returns.
func (e *Engine) AllowFile(path string) (ticket string) { return e.server.AllowFile(path) }

// Front is where the front door stands.
func (e *Engine) Front() server.DoorState { return e.server.Front() }

// Run runs everything until ctx ends, and returns when all of it has stopped:
// first the sources and the doors, then the journal, which stores what they had handed over.
// It ends by itself, with an error, only if the journal is damaged.
func (e *Engine) Run(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	journalCtx, endJournal := context.WithCancel(context.WithoutCancel(ctx))
	defer endJournal()
	all.Go(func() error { return e.journal.Run(journalCtx) })
	all.Go(func() error {
		defer endJournal() // nobody hands over any more, neither sources nor who publishes
		var givers errgroup.Group
		givers.Go(func() error { return e.feeds.Run(ctx) })
		givers.Go(func() error { return e.server.Run(ctx) })
		return givers.Wait()
	})
	all.Go(func() error {
		e.settings.Watch(ctx)
		return nil
	})
	all.Go(func() error {
		e.follow(ctx)
		return nil
	})
	return all.Wait()
}

// Close lets the files go. Run must have returned.
func (e *Engine) Close() error {
	var errs []error
	if e.server != nil {
		e.server.Close()
	}
	if e.journal != nil {
		errs = append(errs, e.journal.Close())
	}
	if e.logs != nil {
		errs = append(errs, e.logs.Close())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Unlock())
	}
	return errors.Join(errs...)
}

// follow brings the feeds in line each time the settings change.
func (e *Engine) follow(ctx context.Context) {
	for {
		changed := e.settings.Changed()
		e.apply()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// moved saves that a feed has moved. Who has given it another URL in the meantime
// knows better.
func (e *Engine) moved(ctx context.Context, feed, from, to string) error {
	err := e.settings.Update(ctx, func(next *settings.Settings) error {
		if i := next.Feed(feed); i >= 0 && next.Feeds[i].URL == from {
			next.Feeds[i].URL = to
		}
		return nil
	})
	if err == nil {
		e.apply()
	}
	return err
}

// apply brings the feeds in line with the settings.
func (e *Engine) apply() {
	e.applying.Lock()
	defer e.applying.Unlock()
	current, _ := e.settings.Current()
	mappings := make(map[string]mapping.Mapping, len(current.Feeds))
	for _, f := range current.Feeds {
		mappings[f.ID] = f.Mapping
	}
	e.mappings.Store(&mappings)
	e.journal.SetRetention(retention(current))
	e.feeds.Set(current.Sources())
}

// retention is how much history the settings ask to keep.
func retention(s settings.Settings) journal.Retention {
	limits := func(r settings.Retention) journal.Limits {
		return journal.Limits{Age: time.Duration(r.Age), Events: r.Events, Bytes: r.Bytes}
	}
	all := journal.Retention{All: limits(s.History), Feeds: map[string]journal.Limits{}}
	for _, f := range s.Feeds {
		all.Feeds[f.ID] = limits(f.Retention)
	}
	return all
}
