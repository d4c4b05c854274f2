package server

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// rig is a server on a data folder of its own, with all that an engine puts
// around it but the mapping.
type rig struct {
	*Server
	private Private
	pipes   *pipes
	client  *http.Client
	log     *record
	stop    func()
}

// build is what a test wants other than usual.
type build struct {
	settings string // the settings file; "" for a front door on any port and no feeds
	feeds    string // the feeds in it, as JSON; "" for none
	listen   string
	assets   fs.FS
	window   bool          // whether the private door opens
	beat     time.Duration // the heartbeat's interval; 0 for the default
	patience time.Duration // the write timeout; 0 for the default
	idle     bool          // whether Run doesn't run: then nothing but requests moves the front door

	// pipes, if set, is where the front door listens, so that nothing but
	// itself takes time in a synctest bubble.
	pipes *pipes
}

func newRig(t *testing.T) *rig { return build{window: true}.run(t) }

func (b build) run(t testing.TB) *rig {
	t.Helper()
	if b.settings == "" {
		b.settings = fmt.Sprintf(`{"version": 1, "front": {"enabled": %t, "address": "127.0.0.1", "port": 0}, "feeds": [%s]}`, b.pipes == nil, b.feeds)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "settings.json")
	must(t, os.WriteFile(file, []byte(b.settings), 0o600))
	r := &rig{log: &record{}, client: &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := Config{Heartbeat: b.beat, WriteTimeout: b.patience, Listen: b.listen, Assets: b.assets, Version: "test", DataDir: dir, Log: log}
	var err error
	cfg.Settings, err = settings.Open(file, log)
	must(t, err)
	cfg.Journal, err = journal.Open(t.Context(), journal.Config{
		Path: filepath.Join(dir, "journal.db"), Log: log,
		Committed: func(events []event.Event) { cfg.Hub.Publish(events) },
	})
	must(t, err)
	cfg.Hub = hub.New(hub.Config{History: cfg.Journal, Marks: cfg.Journal, Head: cfg.Journal.Head()})
	cfg.Feeds = source.NewSupervisor(source.Config{Ingest: ingestInto(cfg.Journal), Resume: cfg.Journal.Resume, UserAgent: "test", Log: log})
	cfg.Apply = func() {
		current, _ := cfg.Settings.Current()
		cfg.Feeds.Set(current.Sources())
	}
	cfg.Apply()
	r.Server = New(cfg)
	if b.window {
		r.private, err = r.OpenPrivate(Private{})
		must(t, err)
	}
	if b.pipes != nil {
		r.overPipes(b.pipes)
	}
	stopJournal, stopFeeds, stopServer := run(t, cfg.Journal.Run), run(t, cfg.Feeds.Run), r.Close
	if !b.idle {
		stopServer = run(t, r.Run)
	}
	r.stop = sync.OnceFunc(func() {
		stopServer()
		stopFeeds()
		stopJournal()
		must(t, cfg.Journal.Close())
		r.client.CloseIdleConnections()
	})
	t.Cleanup(r.stop)
	return r
}

// run runs a part until the returned function is called.
func run(t testing.TB, part func(context.Context) error) func() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ingestInto(j *journal.Journal) func(context.Context, source.Batch) error {
	return func(ctx context.Context, b source.Batch) error {
		batch := journal.Batch{Origin: b.Origin, Done: func(o journal.Outcome) { b.Done(source.Outcome(o)) }}
		for _, raw := range b.Raws {
			batch.Events = append(batch.Events, event.Event{Feed: b.Feed, Type: cmp.Or(raw.Type, "message"), SourceID: raw.ID, Data: raw.Data, Text: string(raw.Data), ReceivedAt: raw.ReceivedAt})
		}
		return j.Append(ctx, batch)
	}
}

// add stores events and waits until they are published.
func (r *rig) add(t *testing.T, events ...event.Event) {
	t.Helper()
	done := make(chan struct{})
	must(t, r.cfg.Journal.Append(t.Context(), journal.Batch{Events: events, Done: func(journal.Outcome) { close(done) }}))
	<-done
}

// hand stores events and waits for nothing.
func (r *rig) hand(t *testing.T, events []event.Event) {
	if err := r.cfg.Journal.Append(t.Context(), journal.Batch{Events: events}); err != nil {
		t.Errorf("append: %v", err)
	}
}

// change edits the first feed, as another program would.
func (r *rig) change(t *testing.T, edit func(*settings.Feed)) {
	err := r.cfg.Settings.Update(t.Context(), func(next *settings.Settings) error {
		edit(&next.Feeds[0])
		return nil
	})
	if err != nil {
		t.Errorf("update: %v", err)
	}
	r.cfg.Apply()
}

// count makes events of a feed that are numbered by their payload.
func count(feed string, from, to int) []event.Event {
	var events []event.Event
	for i := from; i <= to; i++ {
		text := fmt.Sprintf("%s %d", feed, i)
		events = append(events, event.Event{Feed: feed, Type: "message", Text: text, Data: []byte(text), ReceivedAt: time.Unix(int64(i), 0)})
	}
	return events
}

// id is the id of the event with this seq.
func (r *rig) id(seq uint64) string { return event.ID{Epoch: r.cfg.Journal.Epoch(), Seq: seq}.String() }

// forget drops events as if they had never been.
func (r *rig) forget(t *testing.T, which string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.cfg.DataDir, "journal.db"))
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "DELETE FROM events WHERE "+which)
	must(t, err)
}

// keep trims a feed to so many events.
func (r *rig) keep(t *testing.T, feed string, n int64) {
	t.Helper()
	r.cfg.Journal.SetRetention(journal.Retention{Feeds: map[string]journal.Limits{feed: {Events: n}}})
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		usage, err := r.cfg.Journal.Usage(t.Context())
		must(t, err)
		for _, f := range usage.Feeds {
			if f.Feed == feed && f.Events <= n {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("not trimmed: %+v", usage)
		}
	}
}

// paused are feeds that never say anything by themselves.
func paused(ids ...string) string {
	var feeds []string
	for _, id := range ids {
		feeds = append(feeds, fmt.Sprintf(`{"id": %q, "name": %q, "kind": "clock", "paused": true}`, id, id))
	}
	return strings.Join(feeds, ",")
}

// clockFeed is a real feed that says nothing for an hour, once it has begun
// with one message.
const clockFeed = `{"id": "clock", "name": "Clock", "kind": "clock", "interval": "1h"}`

// secretFeed is one that the front door may not serve. Nothing listens there.
const secretFeed = `{"id": "secret", "name": "Secret", "kind": "sse", "url": "http://127.0.0.1:1/?token=hunter2"}`

// record is what was logged.
type record struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}
