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

// lineReader cuts a stream into lines that may be kept. Of one that is too long
// it keeps the start.
type lineReader struct {
	in    *bufio.Reader
	limit int
}

// next returns the next line, whether it was too long, and what ended the
// stream behind it, if that has.
func (r *lineReader) next() (line []byte, over bool, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		if !over {
			line = append(line, part...)
		}
		if len(bytes.TrimRight(line, "\r\n")) > r.limit {
			line, over = bytes.Clone(line[:min(len(line), sampleSize)]), true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\n"), over, err
		}
	}
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
	}
	return n, err
}
