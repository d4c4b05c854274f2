// Package decoder compares our decoder of text/event-stream with those of other Go libraries: the same bytes, in one
// run, each through the API that its callers would use. It is a module of its own, so that the libraries stay out of
// the program's go.mod. To run it:
//
//	cd build/bench/decoder && go test -bench .
package decoder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	donovanhide "github.com/donovanhide/eventsource"
	launchdarkly "github.com/launchdarkly/eventsource"
	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"

	"tickertape/backend/sse"
)

// counts is what a decoder found in a stream.
type counts struct {
	events, bytes int // bytes of data, id and type
}

func (c *counts) add(data, id, typ int) {
	c.events++
	c.bytes += data + id + typ
}

// decoders read a stream to its end.
var decoders = []struct {
	name   string
	decode func(io.Reader) (counts, error)
}{
	{"ours-Next", next},
	{"ours-NextFrame", nextFrame},
	{"tmaxmax", tmaxmaxRead},
	{"r3labs-split", r3labsSplit},
	{"r3labs-client", r3labsClient},
	{"launchdarkly", launchdarklyDecode},
	{"donovanhide", donovanhideDecode},
}

func next(r io.Reader) (c counts, err error) {
	d := sse.NewDecoder(r, sse.DecoderConfig{})
	for {
		e, err := d.Next()
		if err != nil {
			return c, unlessEOF(err)
		}
		c.add(len(e.Data), len(e.LastEventID), len(e.Type))
	}
}

func nextFrame(r io.Reader) (c counts, err error) {
	d := sse.NewDecoder(r, sse.DecoderConfig{})
	for {
		f, err := d.NextFrame()
		if err != nil {
			return c, unlessEOF(err)
		}
		c.add(len(f.Data), len(f.LastEventID), len(f.Type))
	}
}

func tmaxmaxRead(r io.Reader) (c counts, err error) {
	for e, err := range tmaxmax.Read(r, nil) {
		if err != nil {
			return c, err
		}
		c.add(len(e.Data), len(e.LastEventID), len(e.Type))
	}
	return c, nil
}

// r3labsSplit is only the half of r3labs' decoder that its API offers alone: it finds the events' borders, and leaves
// the fields to the client.
func r3labsSplit(r io.Reader) (c counts, err error) {
	reader := r3labs.NewEventStreamReader(r, 64<<10)
	for {
		if _, err := reader.ReadEvent(); err != nil {
			return c, unlessEOF(err)
		}
		c.events++
	}
}

// r3labsClient is all of r3labs' decoder, behind a connection that is only a reader.
func r3labsClient(r io.Reader) (c counts, err error) {
	client := r3labs.NewClient("http://stream.invalid/")
	client.Connection.Transport = transport{r}
	err = client.SubscribeRawWithContext(context.Background(), func(e *r3labs.Event) {
		c.add(len(e.Data), len(e.ID), len(e.Event))
	})
	return c, err
}

// transport answers each request with one stream.
type transport struct{ stream io.Reader }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(t.stream), Request: r}, nil
}

func launchdarklyDecode(r io.Reader) (c counts, err error) {
	d := launchdarkly.NewDecoder(r)
	for {
		e, err := d.Decode()
		if err != nil {
			return c, unlessEOF(err)
		}
		c.add(len(e.Data()), len(e.Id()), len(e.Event()))
	}
}

func donovanhideDecode(r io.Reader) (c counts, err error) {
	d := donovanhide.NewDecoder(r)
	for {
		e, err := d.Decode()
		if err != nil {
			return c, unlessEOF(err)
		}
		c.add(len(e.Data()), len(e.Id()), len(e.Event()))
	}
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// stream is what a server sends: events of the same size with different ids.
type stream struct {
	name  string
	bytes []byte
	one   int // bytes of one event on the wire
	want  int // bytes of its data, id and type
}

// newStream writes 8 MiB of events with id and type. So much that the heap is that of a program: with nothing else on
// it, the collector would run every few thousand events, and would be most of what is measured.
func newStream(name, data string) stream {
	s := stream{name: name}
	for i := 1_000_000; len(s.bytes) < 8<<20; i++ {
		id, typ := fmt.Sprint("k3x9-", i), "trade"
		s.bytes, _ = sse.AppendEvent(s.bytes, id, typ, []byte(data))
		s.want = len(data) + len(id) + len(typ)
		if s.one == 0 {
			s.one = len(s.bytes)
		}
	}
	return s
}

func streams() []stream {
	fill := func(with string, size int) string { return strings.Repeat(with, size/len(with)+1)[:size] }
	return []stream{
		newStream("200B", fill(`{"price":1234.56}`, 200)),
		newStream("16KiB", fill(`{"price":1234.56}`, 16<<10)),
		newStream("200B-lines", fill("price: 1234.56, volume: 1234567\n", 200)),
		newStream("200B-text", fill("Grüße, für Ü €5! ", 198)),
	}
}

// repeating is an endless stream of the same bytes.
type repeating struct {
	bytes []byte
	at    int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.bytes[r.at:])
	r.at = (r.at + n) % len(r.bytes)
	return n, nil
}

// read gives a decoder n events and checks that it found them.
func (s stream) read(decode func(io.Reader) (counts, error), n int) error {
	got, err := decode(io.LimitReader(&repeating{bytes: s.bytes}, int64(n*s.one)))
	if err != nil {
		return err
	}
	if got.events != n || got.bytes != 0 && got.bytes != n*s.want {
		return fmt.Errorf("found %+v, not %d events of %d bytes", got, n, s.want)
	}
	return nil
}

func BenchmarkDecoder(b *testing.B) {
	for _, s := range streams() {
		for _, d := range decoders {
			b.Run(s.name+"/"+d.name, func(b *testing.B) {
				b.SetBytes(int64(s.one))
				b.ReportAllocs()
				// Not b.Loop: what reads in a loop is the decoder, and an op is one event.
				if err := s.read(d.decode, b.N); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// TestAllFindTheEvents keeps the comparison fair: nobody is fast by leaving something out.
func TestAllFindTheEvents(t *testing.T) {
	for _, s := range streams() {
		for _, d := range decoders {
			if err := s.read(d.decode, 10); err != nil {
				t.Errorf("%s, %s: %v", s.name, d.name, err)
			}
		}
		if !bytes.HasSuffix(s.bytes, []byte("\n\n")) {
			t.Errorf("%s doesn't end with an event", s.name)
		}
	}
}
