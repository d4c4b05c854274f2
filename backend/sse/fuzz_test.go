package sse

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// cutReader hands out the stream in pieces whose lengths cuts names, over and over.
type cutReader struct {
	stream, cuts []byte
	at           int
}

func (r *cutReader) Read(p []byte) (int, error) {
	if len(r.stream) == 0 {
		return 0, io.EOF
	}
	n := len(r.stream)
	if len(r.cuts) > 0 {
		n = int(r.cuts[r.at%len(r.cuts)])%16 + 1
		r.at++
	}
	n = copy(p[:min(len(p), n)], r.stream)
	r.stream = r.stream[n:]
	return n, nil
}

// FuzzDecoderEqualsReference cuts any stream anywhere, with any limit and buffer.
func FuzzDecoderEqualsReference(f *testing.F) {
	seeds := []string{
		"\uFEFFid: 1\nevent: e\ndata: a\ndata: b\n\n", ": c\r\ndata\r\n\r\ndata:x\r\r", "id:\xC3\x28\nretry: 30\n\ndata:\xF0\x9F\x98\n\n",
		"data:aaaaaaaaaaaaaaaaaaaaaaaa\nid:7\n\ndata:b\n\n", "id:1\x00\nid:2\ndata\n\n\n\r\n", "event:x\n\ndata:\xED\xA0\x80\xC0\x8A\nretry:99999999999999999999\n",
	}
	for i, s := range seeds {
		f.Add([]byte(s), []byte{byte(i), 3, 1}, uint8(i*3), uint8(0), "")
		f.Add([]byte(s), []byte{}, uint8(255), uint8(12+i), "last")
	}
	f.Fuzz(func(t *testing.T, stream, cuts []byte, buffer, limit uint8, lastID string) {
		if strings.ContainsAny(lastID, "\x00\r\n") || !utf8.ValidString(lastID) {
			return // no stream can have set it
		}
		most := DefaultMaxEvent
		if limit > 0 {
			most = int(limit)
			// A line that is too large is reported before it ends, if it ever does: let it.
			stream = append(bytes.ToValidUTF8(slices.Clone(stream), []byte("?")), '\n')
		}
		want := reference(stream, lastID, most)
		got := decode(&cutReader{stream: stream, cuts: cuts}, DecoderConfig{MaxEvent: most, LastEventID: lastID}, 12+int(buffer))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stream %q, limit %d (-reference +decoder):\n%s", stream, most, diff)
		}
	})
}

// FuzzEncodedEventsDecodeToThemselves holds for every event that the encoder accepts, save
// for what the wire has no way to say: line endings become LF, ill-formed UTF-8 U+FFFD.
func FuzzEncodedEventsDecodeToThemselves(f *testing.F) {
	f.Add("1", "e", []byte("a\nb"), []byte{1})
	f.Add("", "", []byte(""), []byte{})
	f.Add(" é", " message", []byte(" a\r\n\r\rb\r"), []byte{2, 7})
	f.Add("\xFF", "\xE2\x82", []byte("\xF0\x9F\x98\x00:"), []byte{0})
	f.Fuzz(func(t *testing.T, id, typ string, data, cuts []byte) {
		frame, err := AppendEvent([]byte("data:before\n\n"), id, typ, data)
		if err != nil {
			if !strings.ContainsAny(id, "\r\n\x00") && !strings.ContainsAny(typ, "\r\n") {
				t.Fatalf("id %q, type %q refused: %v", id, typ, err)
			}
			if string(frame) != "data:before\n\n" {
				t.Fatalf("a refused event left %q behind", frame)
			}
			return
		}
		if !utf8.Valid(frame) {
			t.Errorf("the frame %q isn't UTF-8", frame)
		}
		want := Event{
			Type: string(appendRepaired(nil, []byte(typ))), LastEventID: string(appendRepaired(nil, []byte(id))), HasID: id != "",
			Data: strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(appendRepaired(nil, data))),
		}
		if want.Type == "" {
			want.Type = "message"
		}
		got := decode(&cutReader{stream: frame, cuts: cuts}, DecoderConfig{}, 20)
		if diff := cmp.Diff([]Event{message("before"), want}, got.Events); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzRepairEqualsReference holds the fast UTF-8 repair against the standard's steps.
func FuzzRepairEqualsReference(f *testing.F) {
	f.Add([]byte("a\x80b\xC3\xE2\x82\xF0\x9F\x98\xED\xA0\x80\xF4\x90\x80\x80\xC0\x8A€😀"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var scratch []byte
		if got, want := string(new(Decoder).repair(&scratch, b)), string(referenceUTF8(b)); got != want {
			t.Errorf("%q: got %q, want %q", b, got, want)
		}
	})
}
