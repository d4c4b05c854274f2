package sse

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEncoderWritesTheGoldenFrames(t *testing.T) {
	var got []byte
	add := func(b []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		got = b
	}
	got = AppendRetry(got, 3*time.Second)
	got = AppendComment(got, "connected")
	add(AppendEvent(got, "", "", []byte("Server time: Sun Nov 22 08:21:23 2026 (message 4)")))
	add(AppendEvent(got, "k3x9-17", "", []byte("with an id")))
	add(AppendEvent(got, "k3x9-18", "custom_event", []byte("with a name")))
	add(AppendEvent(got, "k3x9-19", "message", []byte("the name that is no name")))
	add(AppendEvent(got, "", "", nil))
	add(AppendEvent(got, "", "", []byte("CR\rLF\nCRLF\r\nLFCR\n\rend\n")))
	add(AppendEvent(got, " ", " ", []byte(" spaces stay")))
	add(AppendEvent(got, "…", "é", []byte("id: 1\n: not a comment\n\uFEFF")))
	add(AppendEvent(got, "\xFF", "\xC3", []byte("\xF0\x9F\x98")))
	got = AppendComment(got, "two\r\nlines")
	got = AppendComment(got, "")

	path := filepath.Join("testdata", "frames.golden")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncoderRefusesWhatTheWireCannotCarry(t *testing.T) {
	tests := []struct {
		id, typ string
		want    error
	}{
		{"a\rb", "", ErrInvalidID},
		{"a\n", "", ErrInvalidID},
		{"\x00", "", ErrInvalidID},
		{"", "a\nb", ErrInvalidType},
		{"", "\r", ErrInvalidType},
		{"a\tb", "a\x00b", nil},
	}
	for _, tt := range tests {
		got, err := AppendEvent([]byte("before"), tt.id, tt.typ, []byte("x"))
		if !errors.Is(err, tt.want) {
			t.Errorf("id %q, type %q: got %v, want %v", tt.id, tt.typ, err, tt.want)
		}
		if tt.want != nil && string(got) != "before" {
			t.Errorf("id %q, type %q: left %q behind", tt.id, tt.typ, got)
		}
	}
}

func TestEncoderRoundsRetryUpToMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:            "retry: 0\n\n",
		0:                       "retry: 0\n\n",
		1:                       "retry: 1\n\n",
		time.Millisecond:        "retry: 1\n\n",
		1500 * time.Microsecond: "retry: 2\n\n",
		2 * time.Minute:         "retry: 120000\n\n",
	} {
		if got := string(AppendRetry(nil, d)); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestEncoderAllocatesNothingWhenThereIsRoom(t *testing.T) {
	dst := make([]byte, 0, 1024)
	data := []byte("a\nb\rc")
	if n := testing.AllocsPerRun(100, func() { _, _ = AppendEvent(dst, "k3x9-17", "trade", data) }); n > 0 {
		t.Errorf("%v allocations an event", n)
	}
}
