package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// endless is start, then n times x, then end.
func endless(start string, n int64, end string) io.Reader {
	xs := io.LimitReader(&repeating{bytes: bytes.Repeat([]byte("x"), readBuffer)}, n)
	return io.MultiReader(strings.NewReader(start), xs, strings.NewReader(end))
}

// allocated returns how many bytes f allocates in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestDecoderReadsAnEndlessLineInConstantMemory(t *testing.T) {
	const size = 16 << 20
	tests := []struct {
		name, start string
		tooLarge    int
		lastID      string
	}{
		{"data", "id:1\ndata:", 1, "1"},
		{"second data line", "id:1\ndata:a\ndata:", 1, "1"},
		{"event", "id:1\ndata:a\nevent:", 1, "1"},
		{"id", "data:a\nid:1\nid:", 1, "1"},
		{"comment", ":", 0, ""},
		{"field name", "", 0, ""},
		{"unknown field", "foo:", 0, ""},
		{"retry", "retry:", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got decoded
			n := allocated(func() {
				got = decode(endless(tt.start, size, "\n\ndata:after\n\n"), DecoderConfig{}, readBuffer)
			})
			// Growing to 4 MiB by append takes several times that in all.
			if n > 40<<20 {
				t.Errorf("allocated %d MiB", n>>20)
			}
			want := decoded{TooLarge: tt.tooLarge, LastID: tt.lastID, Events: []Event{{Type: "message", Data: "after", LastEventID: tt.lastID}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecoderReadsALineOf1GiBWithoutNewline(t *testing.T) {
	var got decoded
	n := allocated(func() { got = decode(endless("data:", 1<<30, ""), DecoderConfig{MaxEvent: 1 << 20}, readBuffer) })
	if diff := cmp.Diff(decoded{TooLarge: 1}, got); diff != "" || n > 16<<20 {
		t.Errorf("allocated %d MiB\n%s", n>>20, diff)
	}
}

func TestDecoderReportsATooLargeEventAtOnce(t *testing.T) {
	r, w := io.Pipe()
	go func() { _, _ = io.WriteString(w, "data:"+strings.Repeat("x", 150)) }()
	d := newDecoder(r, DecoderConfig{MaxEvent: 100}, 50)
	var large *TooLargeError
	if _, err := d.Next(); !errors.As(err, &large) || large.Limit != 100 {
		t.Fatalf("got %v before the end of the line", err)
	}
	go func() { _, _ = io.WriteString(w, "xxx\nid:9\ndata:x\n\ndata:next\n\n") }()
	want := Event{Type: "message", Data: "next", LastEventID: "9"}
	if ev, err := d.Next(); err != nil || ev != want {
		t.Fatalf("got %v, %v, want %v: the skipped event's id counts", ev, err, want)
	}
}

func TestDecoderKeepsTheIDOfATooLargeEvent(t *testing.T) {
	for _, block := range []string{"id:9\ndata:x", "data:x\nid:9", "id:8\ndata:x\nid:9", "data:x\nid:9\nid:" + strings.Repeat("y", 11)} {
		stream := strings.Replace(block, "data:x", "data:"+strings.Repeat("x", 10), 1) + "\n\n"
		got := decode(strings.NewReader(stream), DecoderConfig{MaxEvent: 10}, readBuffer)
		if got.LastID != "9" || got.TooLarge != 1 || len(got.Events) != 0 {
			t.Errorf("%q: id %q, %d too large, %d events", block, got.LastID, got.TooLarge, len(got.Events))
		}
	}
}

func TestDecoderLimitIsExact(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct{ rule, fits, tooLarge string }{
		{"data", "data:" + x(100), "data: " + x(101)},
		{"data lines and the LF between them", "data:" + x(50) + "\ndata:" + x(49), "data:" + x(50) + "\ndata:" + x(50)},
		{"a line a little over", "data", "data:" + x(110)},
		{"a line far over", "data", "data:" + x(1000)},
		{"many data lines", strings.Repeat("data\n", 100) + "data", strings.Repeat("data\n", 101) + "data"},
		{"data after type and id", "event:" + x(30) + "\nid:" + x(30) + "\ndata:" + x(40), "event:" + x(30) + "\nid:" + x(30) + "\ndata:" + x(41)},
		{"type after data and id", "data:" + x(30) + "\nid:" + x(30) + "\nevent:" + x(40), "data:" + x(30) + "\nid:" + x(30) + "\nevent:" + x(41)},
		{"id after data and type", "data:" + x(30) + "\nevent:" + x(30) + "\nid:" + x(40), "data:" + x(30) + "\nevent:" + x(30) + "\nid:" + x(41)},
		{"an id that another replaces", "id:" + x(99) + "\nid:" + x(99) + "\ndata:x", "id:" + x(99) + "\nid:" + x(101) + "\ndata:x"},
	}
	for _, tt := range tests {
		for _, buffer := range []int{12, 60, 105, 107, 110, readBuffer} {
			t.Run(fmt.Sprint(tt.rule, buffer), func(t *testing.T) {
				cfg := DecoderConfig{MaxEvent: 100}
				if got := decode(strings.NewReader(tt.fits+"\n\n"), cfg, buffer); got.TooLarge != 0 || len(got.Events) != 1 {
					t.Errorf("an event that fits: %d events, %d too large", len(got.Events), got.TooLarge)
				}
				got := decode(strings.NewReader(tt.tooLarge+"\ndata:more\n\ndata:next\n\n"), cfg, buffer)
				if got.TooLarge != 1 || len(got.Events) != 1 || got.Events[0].Data != "next" {
					t.Errorf("an event that doesn't: %v, %d too large", got.Events, got.TooLarge)
				}
			})
		}
	}
}

func TestDecoderTakesAnEventOfJustTheDefaultLimit(t *testing.T) {
	data := strings.Repeat("x", DefaultMaxEvent)
	got := decode(strings.NewReader("data:"+data+"\n\ndata:"+data+"x\n\n"), DecoderConfig{}, readBuffer)
	if len(got.Events) != 1 || got.Events[0].Data != data || got.TooLarge != 1 {
		t.Errorf("%d events, %d too large", len(got.Events), got.TooLarge)
	}
}

func TestDecoderLetsGoOfALargeEventsMemory(t *testing.T) {
	d := NewDecoder(endless("data:", 3<<20, "\n\ndata:after\n\n"), DecoderConfig{})
	for range 2 {
		if _, err := d.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if n := cap(d.data) + cap(d.fixed) + cap(d.in.long); n > readBuffer {
		t.Errorf("the decoder still holds %d bytes", n)
	}
}

func TestDecoderWaitsWithoutALargeEventsMemory(t *testing.T) {
	held := -1
	var d *Decoder
	d = NewDecoder(io.MultiReader(endless("data:", 3<<20, "\n\n"), readerFunc(func([]byte) (int, error) {
		held = cap(d.frame.Data) + cap(d.data) + cap(d.fixed) + cap(d.in.long)
		return 0, io.EOF
	})), DecoderConfig{})
	if f, err := d.NextFrame(); err != nil || len(f.Data) != 3<<20 {
		t.Fatal(len(f.Data), err)
	}
	if _, err := d.NextFrame(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if held < 0 || held > readBuffer {
		t.Errorf("while it waits the decoder holds %d bytes", held)
	}
}

func TestDecoderTakesAnyRetryAndNeverWraps(t *testing.T) {
	const most = 9223372036854 * time.Millisecond // what a Duration holds
	for value, want := range map[string]time.Duration{
		"0":                                0,
		"3000":                             3 * time.Second,
		"9223372036854":                    most,
		"9223372036855":                    most,
		"9223372036854775807":              most,
		"9223372036854775808":              most,
		"18446744073709551615":             most,
		"18446744073709551617":             most,
		strings.Repeat("9", 100_000):       most,
		strings.Repeat("0", 100_000) + "7": 7 * time.Millisecond,
	} {
		got := decode(strings.NewReader("retry:"+value+"\n"), DecoderConfig{}, readBuffer)
		if len(got.Retries) != 1 || got.Retries[0] != want {
			t.Errorf("retry %.30s: got %v, want %v", value, got.Retries, want)
		}
	}
}
