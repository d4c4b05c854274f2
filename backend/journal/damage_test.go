package journal

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// spoil overwrites a file behind its first bytes.
func spoil(t *testing.T, path string, from int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || len(data) < from+8192 {
		t.Fatalf("%s has %d bytes, %v", path, len(data), err)
	}
	copy(data[from:], bytes.Repeat([]byte{0xa5}, len(data)-from))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// filled is a journal of 2000 events that is closed again.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	var events []event.Event
	for range 2000 {
		events = append(events, texts("f", "word "+strings.Repeat("and another ", 30))...)
	}
	r.append(t, Batch{Events: events})
	r.indexed(t)
	r.stop()
	return path
}

func TestDamageThatAReaderMeetsEndsTheRunAndTheNextOneBeginsAnew(t *testing.T) {
	path := filled(t)
	spoil(t, path, 40*4096)
	j, err := Open(t.Context(), Config{Path: path, Committed: func([]event.Event) {}, Log: slog.New(slog.DiscardHandler)})
	if err != nil || j.Damaged() != "" {
		t.Fatalf("damage that opening can't see: %v, moved to %q", err, j.Damaged())
	}
	ended := make(chan error, 1)
	go func() { ended <- j.Run(t.Context()) }()
	for after := uint64(0); err == nil; after += 100 {
		if after > 2000 {
			t.Fatal("everything could be read: the test proves nothing")
		}
		_, err = j.ReadAfter(t.Context(), query.Filter{}, after, after+100, 100)
	}
	if got := <-ended; !errors.Is(got, ErrDamaged) {
		t.Errorf("Run ended with %v", got)
	}
	_ = j.Close() // says that it is damaged
	if r := start(t, path); r.Damaged() == "" || r.Head() != 0 {
		t.Errorf("the next: moved to %q, head %d", r.Damaged(), r.Head())
	}
}

func TestADamagedIndexCostsTheSearchTimeAndIsMadeAnewAtTheNextStart(t *testing.T) {
	path := filled(t)
	spoil(t, path+indexSuffix, 20*4096)
	r := start(t, path)
	if r.Journal.index.reach() != 2000 {
		t.Fatal("opening has seen it: the test proves nothing")
	}
	for range 2 {
		if got := search(t, r, "another -nothing"); len(got) != 2000 {
			t.Errorf("found %d", len(got))
		}
	}
	if r.Journal.index.reach() != 0 {
		t.Error("the damaged index is used: the test proves nothing")
	}
	r.append(t, Batch{Events: texts("f", "later")})
	if got := search(t, r, "later"); !slices.Equal(got, []uint64{2001}) || r.Fault() != nil {
		t.Errorf("found %v; %v", got, r.Fault())
	}
	r.stop()
	r = start(t, path)
	r.indexed(t)
	if n := inIndex(t, r, "another"); n != 2000 || r.Damaged() != "" {
		t.Errorf("the new index has %d; the journal was moved to %q", n, r.Damaged())
	}
}
