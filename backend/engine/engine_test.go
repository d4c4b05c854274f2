package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tickertape/backend/settings"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

// start runs an engine on a data folder until the test ends or stop is called.
func start(t testing.TB, dataDir string) (e *Engine, stop func()) {
	t.Helper()
	e, err := New(t.Context(), Config{DataDir: dataDir, Listen: "127.0.0.1:0", Window: true, Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	t.Cleanup(stop)
	return e, stop
}

// upstream is an outside feed: 40 numbered events on each connection, after the
// one that the client names, up to total.
func upstream(t *testing.T, total int) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
		w.Header().Set("Content-Type", "text/event-stream")
		for i := next + 1; i <= min(next+40, total); i++ {
			fmt.Fprintf(w, "id: %d\nevent: tick\ndata: {\"n\":%d}\n\n", i, i)
		}
		w.(http.Flusher).Flush()
		if next+40 >= total {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func addFeed(t *testing.T, dataDir, url string) {
	t.Helper()
	change(t, dataDir, func(next *settings.Settings) error {
		next.Feeds = nil // without the clock
		_, err := next.Add(settings.Feed{Feed: source.Feed{Name: "Up", URL: url}})
		return err
	})
}

// change edits the settings as another process would.
func change(t testing.TB, dataDir string, edit func(*settings.Settings) error) {
	t.Helper()
	store, err := settings.Open(filepath.Join(dataDir, SettingsFile), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err = store.Update(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
}

// read takes n events of the feed "up" from the front door, after an id.
func read(t *testing.T, e *Engine, after string, n int) (events []sse.Event) {
	t.Helper()
	done := errors.New("enough")
	client := sse.Client{URL: e.Front().URL + "event_stream?feed=up", LastEventID: after}
	err := client.Run(t.Context(), func(got sse.Event) error {
		events = append(events, got)
		if len(events) == n {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Fatal(err)
	}
	return events
}

func TestAnEventTravelsFromAnOutsideFeedToAReaderAcrossRestartsOfBothSides(t *testing.T) {
	const total = 100
	dataDir := t.TempDir()
	addFeed(t, dataDir, upstream(t, total))
	e, stop := start(t, dataDir)
	first := e.journal.Epoch() + "-0"
	got := read(t, e, first, 25)
	stop()
	e, _ = start(t, dataDir)
	// The upstream ends after 40 events; nobody waits for the backoff here.
	go func() {
		for t.Context().Err() == nil {
			changed := e.feeds.Changed()
			if e.feeds.Health()[0].State == source.Retrying {
				e.feeds.Retry("up")
			}
			select {
			case <-changed:
			case <-t.Context().Done():
			}
		}
	}()
	got = append(got, read(t, e, got[24].LastEventID, total-25)...)
	for i, event := range got {
		if want := fmt.Sprintf(`{"n":%d}`, i+1); event.Data != want || event.Type != "tick" {
			t.Fatalf("event %d is %s %s, want tick %s", i, event.Type, event.Data, want)
		}
		if want := fmt.Sprintf("%s-%d", e.journal.Epoch(), i+1); event.LastEventID != want {
			t.Fatalf("event %d has id %s, want %s", i, event.LastEventID, want)
		}
	}
}

func TestSettingsThatAnotherProcessSavesTakeEffect(t *testing.T) {
	dataDir := t.TempDir()
	e, _ := start(t, dataDir)
	changed := e.settings.Changed()
	addFeed(t, dataDir, upstream(t, 10))
	<-changed
	if got := read(t, e, "x-0", 11); got[0].Type != "gap" || got[10].Data != `{"n":10}` {
		t.Errorf("got %+v", got)
	}
}

func TestOneDataFolderHasOneEngine(t *testing.T) {
	dataDir := t.TempDir()
	_, stop := start(t, dataDir)
	_, err := New(t.Context(), Config{DataDir: dataDir, Log: slog.New(slog.DiscardHandler)})
	inUse, ok := errors.AsType[*InUseError](err)
	if !ok || !errors.Is(err, ErrInUse) || inUse.Holder != (Holder{os.Getpid(), "Tickertape's window"}) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("a second engine: %v", err)
	}
	stop()
	start(t, dataDir)
}

func TestAFrontDoorThatCannotBeOpenedDoesNotStopTheEngine(t *testing.T) {
	e, err := New(t.Context(), Config{DataDir: t.TempDir(), Listen: "192.0.2.1:5000", Window: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if door := e.Front(); door.State != "failed" || door.Note == "" || e.Private().Key == "" {
		t.Errorf("front door %+v, private door %v", door, e.Private().URL)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
