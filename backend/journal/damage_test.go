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
	if n := inIndex(t, r, "another"); n < 2000/query.Together || r.Damaged() != "" {
		t.Errorf("the new index has %d rows; the journal was moved to %q", n, r.Damaged())
	}
}

func TestWhatCanBeReadOfADamagedFileIsRescued(t *testing.T) {
	path := filled(t)
	var whole bytes.Buffer
	if lost, err := Rescue(t.Context(), path, &whole); lost != 0 || err != nil || bytes.Count(whole.Bytes(), []byte("\n")) != 2000 {
		t.Errorf("a sound one: %d events, %d lost, %v", bytes.Count(whole.Bytes(), []byte("\n")), lost, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[60*4096:], bytes.Repeat([]byte{0xa5}, 3*4096))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var left bytes.Buffer
	lost, err := Rescue(t.Context(), path, &left)
	if n := bytes.Count(left.Bytes(), []byte("\n")); err != nil || lost == 0 || n < 1500 || n+lost != 2000 {
		t.Errorf("a damaged one: %d events, %d lost, %v", n, lost, err)
	}
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	done, err := r.Import(t.Context(), &left, func(line int, err error) { t.Error(line, err) })
	if err != nil || done.Stored != 2000-lost {
		t.Errorf("imported %+v, %v", done, err)
	}
	if !IsDatabase(path) || IsDatabase(filepath.Dir(path)) {
		t.Error("a database isn't told from other files")
	}
	if err := os.WriteFile(path, []byte(magic+"nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Rescue(t.Context(), path, &left); err == nil || !strings.Contains(err.Error(), "too damaged") {
		t.Errorf("nonsense: %v", err)
	}
}
