package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tickertape/backend/event"
	"tickertape/backend/journal"
	"tickertape/backend/server"
)

// ask is one request at the window's door.
func ask(t *testing.T, door server.Private, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, door.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(server.KeyHeader, door.Key)
	response, err := http.DefaultClient.Do(request)
	if err != nil { // the door closes
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // a door that closes may cut it
	return string(body)
}

func TestAWindowFindsANewHistoryAtTheSameDoorWhenTheOldOneIsFoundDamaged(t *testing.T) {
	dataDir := t.TempDir()
	e, stop := start(t, dataDir)
	var events []event.Event
	for range 1000 {
		events = append(events, event.Event{Feed: "f", Type: "message", Data: bytes.Repeat([]byte("x"), 500)})
	}
	done := make(chan struct{})
	if err := e.journal.Append(t.Context(), journal.Batch{Events: events, Done: func(journal.Outcome) { close(done) }}); err != nil {
		t.Fatal(err)
	}
	<-done
	stop()
	path := filepath.Join(dataDir, journalFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[40*4096:], bytes.Repeat([]byte{0xa5}, 40*4096))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	doors, ended := make(chan server.Private, 2), make(chan error, 1)
	go func() {
		cfg := Config{DataDir: dataDir, Listen: "127.0.0.1:0", Window: true, Version: "test", Log: slog.New(slog.DiscardHandler)}
		ended <- Serve(ctx, cfg, func(e *Engine) error {
			doors <- e.Private()
			return nil
		})
	}()
	first := <-doors
	ask(t, first, "/events?limit=1000") // meets the damage
	if second := <-doors; second != first {
		t.Errorf("the door was at %s, and is at %s", first.URL, second.URL)
	}
	var settings struct{ App struct{ Notice string } }
	if err := json.Unmarshal([]byte(ask(t, first, "/api/settings")), &settings); err != nil || !strings.Contains(settings.App.Notice, "journal.db.damaged-") || !strings.Contains(settings.App.Notice, "tickertape import") {
		t.Errorf("the notice: %+v, %v", settings, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}

	moved, _ := filepath.Glob(path + ".damaged-*") // the pattern is sound
	brought, lost, err := Rescue(t.Context(), dataDir, moved[0], slog.New(slog.DiscardHandler), func(int, error) {})
	if err != nil || lost == 0 || brought.Stored < 500 {
		t.Errorf("brought back %+v, %d lost, %v", brought, lost, err)
	}
}

func TestWhyTheEngineCannotStartIsSaidInASentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, SettingsFile), []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir() // where the history's file should be
	if err := os.Mkdir(filepath.Join(directory, journalFile), 0o700); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		filepath.Join(file, "data"): "Make the data folder: ",
		newer:                       "The settings were written by a newer Tickertape",
		directory:                   "can't be written. Give yourself the right",
	} {
		_, err := New(t.Context(), Config{DataDir: dir, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(Explain(err), want) {
			t.Errorf("%v", err)
		}
	}
	for _, err := range []error{os.ErrPermission, &os.PathError{Op: "open", Path: "/x/lock", Err: os.ErrPermission}} {
		if got := Explain(errors.Join(err)); !strings.Contains(got, "can't be written") {
			t.Errorf("%v: %s", err, got)
		}
	}
}
