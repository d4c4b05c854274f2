package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// decoded is all that a Decoder says about a stream.
type decoded struct {
	Events   []Event
	Comments []string
	Retries  []time.Duration
	TooLarge int
	LastID   string
	Err      error
}

// decode reads r to its end with a read buffer of the given size.
func decode(r io.Reader, cfg DecoderConfig, buffer int) decoded {
	var got decoded
	cfg.Comment = func(b []byte) { got.Comments = append(got.Comments, string(b)) }
	cfg.Retry = func(d time.Duration) { got.Retries = append(got.Retries, d) }
	d := newDecoder(r, cfg, buffer)
	for {
		ev, err := d.Next()
		var large *TooLargeError
		switch {
		case errors.As(err, &large):
			got.TooLarge++
		case err != nil:
			got.LastID = d.LastEventID()
			if !errors.Is(err, io.EOF) {
				got.Err = err
			}
			return got
		default:
			got.Events = append(got.Events, ev)
		}
	}
}

// message is an event without a type of its own.
func message(data string) Event { return Event{Type: "message", Data: data} }

func TestDecoderFollowsTheStandard(t *testing.T) {
	tests := []struct {
		rule, stream string
		want         decoded
	}{
		{
			"a CRLF pair, a CR and an LF each end a line", "data:1\r\n\r\ndata:2\r\rdata:3\n\n",
			decoded{Events: []Event{message("1"), message("2"), message("3")}},
		},
		{
			"line endings may be mixed within a block", "data:1\rdata:2\r\ndata:3\n\r\n",
			decoded{Events: []Event{message("1\n2\n3")}},
		},
		{"LF CR is two line endings", "data:1\n\rdata:2\n\n", decoded{Events: []Event{message("1"), message("2")}}},
		{"other Unicode line breaks are text", "data:a\vb\fc\u0085d\u2028e\n\n", decoded{Events: []Event{message("a\vb\fc\u0085d\u2028e")}}},
		{"one byte order mark is dropped at the start", "\uFEFFdata:1\n\n", decoded{Events: []Event{message("1")}}},
		{"a second byte order mark is part of the name", "\uFEFF\uFEFFdata:1\n\ndata:2\n\n", decoded{Events: []Event{message("2")}}},
		{"a later byte order mark is part of the name", "data:1\n\n\uFEFFdata:2\n\n", decoded{Events: []Event{message("1")}}},
		{"half a byte order mark is part of the name", "\xEF\xBBdata:1\n\ndata:2\n\n", decoded{Events: []Event{message("2")}}},
		{"a stream may be nothing but a byte order mark", "\uFEFF", decoded{}},
		{"exactly one space after the colon goes", "data:  1\ndata:\t2\n\n", decoded{Events: []Event{message(" 1\n\t2")}}},
		{"a line without a colon is a field without a value", "data\ndata\n\n", decoded{Events: []Event{message("\n")}}},
		{"an empty data field makes an event", "data\n\ndata:\n\ndata: \n\n", decoded{Events: []Event{message(""), message(""), message("")}}},
		{"a block without data makes none", "event:x\n\n\n\n: c\n\nfoo:bar\n\n", decoded{Comments: []string{"c"}}},
		{"only the first colon counts", "data:a:b: c\n\n", decoded{Events: []Event{message("a:b: c")}}},
		{"field names are compared as they are", "DATA:1\n data:2\ndata :3\nDatA:4\ndata2:5\n\n", decoded{}},
		{"data lines are joined by LF", "data:a\ndata:\ndata:\n\n", decoded{Events: []Event{message("a\n\n")}}},
		{"the event name is that of the last field", "event:a\nevent: b\ndata:1\n\n", decoded{Events: []Event{{Type: "b", Data: "1"}}}},
		{"an empty event name is message", "event:a\nevent\ndata:1\n\n", decoded{Events: []Event{message("1")}}},
		{
			"the event name is forgotten at the end of a block", "event:a\n\ndata:1\n\nevent:b\ndata:2\n\ndata:3\n\n",
			decoded{Events: []Event{message("1"), {Type: "b", Data: "2"}, message("3")}},
		},
		{"an id stays until the next", "id:1\ndata:a\n\ndata:b\n\nid:2\ndata:c\n\n", decoded{LastID: "2", Events: []Event{
			{"message", "a", "1", true}, {"message", "b", "1", false}, {"message", "c", "2", true},
		}}},
		{"an empty id resets", "id:1\ndata:a\n\nid\ndata:b\n\n", decoded{Events: []Event{
			{"message", "a", "1", true}, {"message", "b", "", true},
		}}},
		{"an id with NUL is ignored", "id:1\ndata:a\n\nid:2\x00\ndata:b\n\n", decoded{LastID: "1", Events: []Event{
			{"message", "a", "1", true}, {"message", "b", "1", false},
		}}},
		{"the last id of a block counts", "id:1\nid:2\ndata:a\nid:3\n\n", decoded{LastID: "3", Events: []Event{{"message", "a", "3", true}}}},
		{"a block with nothing but an id counts", "id:7\n\n", decoded{LastID: "7"}},
		{"NUL is text in data and in a name", "event:a\x00b\ndata:\x00\n\n", decoded{Events: []Event{{Type: "a\x00b", Data: "\x00"}}}},
		{
			"retry takes digits only", "retry:1\nretry: 020\nretry:-1\nretry:+1\nretry:1.5\nretry:1e3\nretry:0x1\nretry:  1\nretry:1 \nretry\nretry:\nretry:1_0\nretry:１\n",
			decoded{Retries: []time.Duration{time.Millisecond, 20 * time.Millisecond}},
		},
		{
			"comments are handed over without their colon and space", ": a\n:b\n:\n:  c\ndata:1\n:d\n\n",
			decoded{Comments: []string{"a", "b", "", " c", "d"}, Events: []Event{message("1")}},
		},
		{"an event that isn't finished is dropped", "data:1\n\nid:9\ndata:2\n", decoded{Events: []Event{message("1")}}},
		{"a line that isn't finished is dropped", "data:1\n\nretry:5", decoded{Events: []Event{message("1")}}},
		{"a lone CR at the end dispatches", "data:1\n\r", decoded{Events: []Event{message("1")}}},
		{"a spare newline at the end does no harm", "data:1\n\n\n", decoded{Events: []Event{message("1")}}},
		{"an empty stream is empty", "", decoded{}},
		{
			"ill-formed UTF-8 becomes U+FFFD everywhere", "event:\xFF\nid:a\xC3\ndata:\xE2\x82\ndata:\xF0\x9F\x98x\n\n:\x80\n",
			decoded{LastID: "a\uFFFD", Comments: []string{"\uFFFD"}, Events: []Event{{"\uFFFD", "\uFFFD\n\uFFFDx", "a\uFFFD", true}}},
		},
		{"an overlong newline isn't one", "data:a\xC0\x8Adata:b\n\n", decoded{Events: []Event{message("a\uFFFD\uFFFDdata:b")}}},
		{"characters of two, three and four bytes are whole", "data:é€😀\n\n", decoded{Events: []Event{message("é€😀")}}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			readers := map[string]func() io.Reader{
				"whole":           func() io.Reader { return strings.NewReader(tt.stream) },
				"by the byte":     func() io.Reader { return iotest.OneByteReader(strings.NewReader(tt.stream)) },
				"data with EOF":   func() io.Reader { return iotest.DataErrReader(strings.NewReader(tt.stream)) },
				"with void reads": func() io.Reader { return &hesitant{r: iotest.OneByteReader(strings.NewReader(tt.stream))} },
			}
			for cut, reader := range readers {
				for _, buffer := range []int{12, readBuffer} {
					if diff := cmp.Diff(tt.want, decode(reader(), DecoderConfig{}, buffer)); diff != "" {
						t.Errorf("read %s with a buffer of %d bytes (-want +got):\n%s", cut, buffer, diff)
					}
				}
			}
		})
	}
}

// hesitant returns nothing, and no error, every other time.
type hesitant struct {
	r   io.Reader
	now bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	if h.now = !h.now; h.now {
		return 0, nil
	}
	return h.r.Read(p)
}

func TestDecoderStartsFromTheLastEventIDItWasGiven(t *testing.T) {
	got := decode(strings.NewReader("data:a\n\nid:2\ndata:b\n"), DecoderConfig{LastEventID: "1"}, readBuffer)
	want := decoded{LastID: "1", Events: []Event{{"message", "a", "1", false}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecoderDispatchesAtTheEmptyLineAndNotLater(t *testing.T) {
	for _, ending := range []string{"\n\n", "\r\r", "\r\n\r"} {
		r, w := io.Pipe()
		d := NewDecoder(r, DecoderConfig{})
		for i := range 3 {
			go func() { _, _ = fmt.Fprintf(w, "data:%d%s", i, ending) }()
			// With a decoder that waits for more, this never returns.
			ev, err := d.Next()
			if want := message(fmt.Sprint(i)); err != nil || ev != want {
				t.Fatalf("after %q: got %v, %v, want %v", ending, ev, err, want)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDecoderPassesOnTheReadersError(t *testing.T) {
	broken := errors.New("connection reset")
	r := io.MultiReader(strings.NewReader("data:1\n\ndata:2\n"), iotest.ErrReader(broken))
	d := NewDecoder(r, DecoderConfig{})
	if ev, err := d.Next(); err != nil || ev.Data != "1" {
		t.Fatalf("got %v, %v", ev, err)
	}
	for range 2 {
		if _, err := d.Next(); !errors.Is(err, broken) {
			t.Fatalf("got %v, want %v", err, broken)
		}
	}
}

func TestDecoderGivesUpOnAReaderThatReadsNothing(t *testing.T) {
	d := NewDecoder(readerFunc(func([]byte) (int, error) { return 0, nil }), DecoderConfig{})
	if _, err := d.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Fatalf("got %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestDecoderEventsStayWhatTheyWere(t *testing.T) {
	var stream []byte
	var want []Event
	for i := range 2000 {
		ev := Event{Type: fmt.Sprint("t", i%3), Data: strings.Repeat(fmt.Sprint(i), i%50), LastEventID: fmt.Sprint(i), HasID: true}
		want = append(want, ev)
		stream, _ = AppendEvent(stream, ev.LastEventID, ev.Type, []byte(ev.Data))
	}
	// A small buffer is written over all the time.
	got := decode(bytes.NewReader(stream), DecoderConfig{}, 32)
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Error(diff)
	}
}

func TestDecoderAllocatesNothingButTheEventsOwnBytes(t *testing.T) {
	var stream []byte
	for i := range 100 {
		stream, _ = AppendEvent(stream, fmt.Sprint("k3x9-", i), "trade", bytes.Repeat([]byte("x"), 200))
	}
	d := NewDecoder(&repeating{bytes: stream}, DecoderConfig{})
	if n := testing.AllocsPerRun(1000, func() { _, _ = d.Next() }); n > 1 {
		t.Errorf("Next makes %v allocations an event", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _ = d.NextFrame() }); n > 0 {
		t.Errorf("NextFrame makes %v allocations an event", n)
	}
}

func TestWhatIsGotOverIsTold(t *testing.T) {
	for stream, want := range map[string][]Oddity{
		"id: 1\ndata: a\n\n":                       nil,
		"data: \uFFFD\n\n":                         nil,
		"data: a\xFF\n\ndata: b\n\ndata: \xFF\n\n": {InvalidUTF8, InvalidUTF8},
		"event: \xFF\ndata: a\n\n":                 {InvalidUTF8},
		"id: 1\x00\ndata: a\n\n":                   {NULInID},
		"id: \xFF\n\n":                             {InvalidUTF8},
	} {
		var got []Oddity
		d := NewDecoder(strings.NewReader(stream), DecoderConfig{Odd: func(what Oddity) { got = append(got, what) }})
		for {
			if _, err := d.Next(); err != nil {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", stream, got, want)
		}
	}
}
