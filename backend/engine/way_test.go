package engine

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/mapping"
	"tickertape/backend/query"
	"tickertape/backend/settings"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

// way is an engine without doors and settings: the real way of an event from the
// feeds into the journal, on a network that is given. Without files to watch
// and ports to listen at it runs on a bubble's time.
type way struct {
	*Engine
	stop func()
	seen atomic.Pointer[func([]event.Event)] // told of what is durable, if set
}

func startWay(t testing.TB, dataDir string, dial sse.Dial, feeds ...settings.Feed) *way {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	e := &Engine{cfg: Config{Log: log}}
	w := &way{Engine: e}
	var err error
	e.journal, err = journal.Open(t.Context(), journal.Config{Path: filepath.Join(dataDir, journalFile), Committed: w.committed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	e.hub = hub.New(hub.Config{History: e.journal, Marks: e.journal, Head: e.journal.Head()})
	e.feeds = source.NewSupervisor(source.Config{Ingest: e.ingest, Resume: e.journal.Resume, Heard: e.journal.Heard, Dial: dial, UserAgent: "Tickertape/test", Log: log})
	mappings := map[string]mapping.Mapping{}
	var sources []source.Feed
	for _, f := range feeds {
		mappings[f.ID] = f.Mapping
		sources = append(sources, f.Feed)
	}
	e.mappings.Store(&mappings)
	e.feeds.Set(sources)
	stopJournal, stopFeeds := inBackground(t, e.journal.Run), inBackground(t, e.feeds.Run)
	w.stop = sync.OnceFunc(func() {
		stopFeeds()
		stopJournal()
		if err := e.journal.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func (w *way) committed(events []event.Event) {
	w.Engine.committed(events)
	if seen := w.seen.Load(); seen != nil {
		(*seen)(events)
	}
}

// inBackground runs a part until the returned function is called.
func inBackground(t testing.TB, part func(context.Context) error) (stop func()) {
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

// stored are all events of a feed, oldest first.
func (w *way) stored(t testing.TB, feed string) []event.Event {
	t.Helper()
	return w.byFeed(t)[feed]
}

// byFeed are all events that are stored, oldest first.
func (w *way) byFeed(t testing.TB) map[string][]event.Event {
	t.Helper()
	all := map[string][]event.Event{}
	for after := uint64(0); ; {
		page, err := w.journal.ReadAfter(t.Context(), query.Filter{}, after, w.journal.Head(), journal.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		for _, e := range page {
			after, all[e.Feed] = e.ID.Seq, append(all[e.Feed], e)
		}
	}
}

// health is one feed's.
func (w *way) health(feed string) source.Health {
	for _, h := range w.feeds.Health() {
		if h.ID == feed {
			return h
		}
	}
	return source.Health{}
}

// serveOnPipes serves a handler on pipes, under whatever name and port, until
// the test ends.
func serveOnPipes(t testing.TB, handler http.Handler) sse.Dial {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(p)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return p.dial
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	ours, theirs := buffer(near), buffer(far)
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// buffered is a pipe whose writes are kept until they are read, as a socket's
// are: two ends that ping each other at the same moment must not wait for each other.
type buffered struct {
	net.Conn
	out    chan []byte
	closed chan struct{}
	once   sync.Once
}

func buffer(conn net.Conn) *buffered {
	b := &buffered{Conn: conn, out: make(chan []byte, 32), closed: make(chan struct{})}
	go b.send()
	return b
}

func (b *buffered) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	select {
	case <-b.closed:
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

func (b *buffered) Write(p []byte) (int, error) {
	select {
	case <-b.closed:
		return 0, net.ErrClosed
	default:
	}
	select {
	case b.out <- bytes.Clone(p):
		return len(p), nil
	case <-b.closed:
		return 0, net.ErrClosed
	}
}

// send ends when the pipe is closed at either end and what was written has been
// read, or could not be for a while.
func (b *buffered) send() {
	for {
		select {
		case p := <-b.out:
			if _, err := b.Conn.Write(p); err != nil {
				_ = b.Close()
			}
		case <-b.closed:
			for {
				select {
				case p := <-b.out:
					_, _ = b.Conn.Write(p)
					continue
				default:
				}
				_ = b.Conn.Close()
				return
			}
		}
	}
}

func (b *buffered) Close() error {
	b.once.Do(func() {
		_ = b.SetReadDeadline(time.Now())
		_ = b.SetWriteDeadline(time.Now().Add(time.Second))
		close(b.closed)
	})
	return nil
}
