package sse

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// repeating is an endless stream of the same bytes.
type repeating struct {
	bytes []byte
	at    int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m := copy(p[n:], r.bytes[r.at:])
		n += m
		r.at = (r.at + m) % len(r.bytes)
	}
	return n, nil
}

// benchStreams are streams of events of about a size, as servers send them.
func benchStreams() map[string][]byte {
	streams := map[string][]byte{}
	for _, size := range []int{200, 16 << 10} {
		var ids, bare, crlf, umlauts []byte
		for i := range 1 + 1<<20/size {
			data := strings.Repeat(`{"price":1234.56}`, size/17+1)[:size]
			id := fmt.Sprint("k3x9-", 1_000_000+i)
			ids, _ = AppendEvent(ids, id, "trade", []byte(data))
			bare, _ = AppendEvent(bare, "", "", []byte(data))
			umlauts, _ = AppendEvent(umlauts, id, "", []byte(strings.Repeat("Grüße, für Ü €5! ", size/22+1)))
		}
		crlf = bytes.ReplaceAll(ids, []byte("\n"), []byte("\r\n"))
		streams[fmt.Sprintf("%dB", size)] = bare
		streams[fmt.Sprintf("%dB-id-type", size)] = ids
		streams[fmt.Sprintf("%dB-crlf", size)] = crlf
		streams[fmt.Sprintf("%dB-utf8", size)] = umlauts
	}
	return streams
}

func benchNames() []string {
	return []string{"200B", "200B-id-type", "200B-crlf", "200B-utf8", "16384B", "16384B-id-type", "16384B-crlf", "16384B-utf8"}
}

func BenchmarkDecoderNext(b *testing.B) {
	streams := benchStreams()
	for _, name := range benchNames() {
		b.Run(name, func(b *testing.B) {
			stream := streams[name]
			d := NewDecoder(&repeating{bytes: stream}, DecoderConfig{})
			b.SetBytes(int64(len(stream) / bytes.Count(stream, []byte("data:"))))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecoderNextFrame(b *testing.B) {
	streams := benchStreams()
	for _, name := range benchNames() {
		b.Run(name, func(b *testing.B) {
			stream := streams[name]
			d := NewDecoder(&repeating{bytes: stream}, DecoderConfig{})
			b.SetBytes(int64(len(stream) / bytes.Count(stream, []byte("data:"))))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.NextFrame(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecoderManyLines(b *testing.B) {
	stream := []byte(strings.Repeat(strings.Repeat("data: 0123456789\n", 1000)+"\n", 10))
	d := NewDecoder(&repeating{bytes: stream}, DecoderConfig{})
	b.SetBytes(int64(len(stream) / 10))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.NextFrame(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	data := bytes.Repeat([]byte("x"), 200)
	var dst []byte
	b.SetBytes(200)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = AppendEvent(dst[:0], "k3x9-1000017", "trade", data); err != nil {
			b.Fatal(err)
		}
	}
	_, _ = io.Discard.Write(dst)
}
