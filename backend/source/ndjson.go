package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// ndjson reads one JSON value a line from a long answer (also RFC 7464, whose
// texts begin with a record separator). Blank lines are keep-alives. It resumes
// by a cursor, where the feed has one.
type ndjson struct {
	feed  Feed
	agent string
	world network
}

// kindError is an answer of another kind than the feed's.
type kindError struct{ contentType string }

func (e *kindError) Error() string { return "the answer is " + e.contentType }

func (d ndjson) Run(ctx context.Context, resume string, emit *Emitter) error {
	c, err := newClient(d.feed, d.agent, d.world)
	if err != nil {
		return err
	}
	defer c.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, err := c.get(ctx, d.feed.URL, resume, "application/x-ndjson, application/json;q=0.9, */*;q=0.5", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); {
	case kind == "text/html", kind == "text/event-stream", strings.HasSuffix(kind, "xml"):
		return &kindError{kind}
	}
	emit.Live()
	return d.read(ctx, &countingReader{resp.Body, emit}, emit)
}

func (d ndjson) read(ctx context.Context, body io.Reader, emit *Emitter) error {
	lines := lineReader{in: bufio.NewReaderSize(body, 16<<10), limit: d.feed.maxEvent()}
	reading := newReading(d.feed)
	for {
		line, over, err := lines.next()
		emit.whole()
		line = bytes.Trim(line, " \t\r\x1e")
		// A line that the end of the stream has cut may by chance be JSON: the
		// first half of a number is one, the first half of an object never is.
		cut := err != nil && (!errors.Is(err, io.EOF) || !gjson.ParseBytes(line).IsObject())
		switch {
		case over:
			emit.Bad(fmt.Sprintf("A line has more than %d bytes.", lines.limit), line)
		case len(line) == 0 || cut:
		case !gjson.ValidBytes(line):
			if err == nil {
				emit.Bad("A line is not JSON.", line)
			}
		default:
			if err := emit.message(ctx, reading.read("", line), event.Raw{ReceivedAt: time.Now()}); err != nil {
				return err
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return io.EOF
			}
			return fmt.Errorf("read the stream: %w", err)
		}
	}
}

// lineReader cuts a stream into lines that may be kept.
type lineReader struct {
	in       *bufio.Reader
	limit    int
	dropping bool // the rest of a line that was too long
}

// next returns the next line, whether it was too long, and what ended the
// stream behind it, if that has. Of a line that is too long it returns the start,
// without waiting for its end.
func (r *lineReader) next() (line []byte, over bool, err error) {
	if err := r.skip(); err != nil {
		return nil, false, err
	}
	var long sse.Gather
	defer long.Drop()
	for {
		part, err := r.in.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if size := long.Len() + len(bytes.TrimRight(part, "\r\n")); size > r.limit {
			if r.dropping = more; more {
				err = nil
			}
			long.Add(part[:min(len(part), sampleSize)])
			return long.Start(min(size, sampleSize)), true, err
		}
		long.Add(part)
		if !more {
			return bytes.TrimRight(long.Take(), "\n"), false, err
		}
	}
}

// skip reads to the end of a line that was too long.
func (r *lineReader) skip() error {
	for skipped := 0; r.dropping; {
		part, err := r.in.ReadSlice('\n')
		r.dropping = errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !r.dropping {
			return err
		}
		if skipped += len(part); skipped > mostSkipped(r.limit) {
			return &endlessError{}
		}
	}
	return nil
}

// countingReader tells the feed of all bytes that pass.
type countingReader struct {
	src  io.Reader
	emit *Emitter
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if n > 0 {
		r.emit.Bytes(n)
		r.emit.piece(n)
	}
	return n, err
}
