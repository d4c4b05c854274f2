package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"tickertape/backend/event"
)

const (
	// maxLine bounds a line of an import, in bytes.
	maxLine = 64 << 20
	// importEvents and importBytes are how much is appended at once.
	importEvents = 256
	importBytes  = 1 << 20
)

// Imported is what became of the lines of an import.
type Imported struct {
	Stored     int
	Duplicates int // known already: nothing was done
	Bad        int // not understood
}

// Import stores the events of an export in NDJSON, in its order, under new ids,
// and returns when they are durable. Everything else of an event stays what it
// was. bad is told of each line that can't be understood, by its number from 1;
// the others are stored all the same.
//
// Importing the same again changes nothing. For that an event without a source
// id gets its old id as one, and what this journal gave an id to itself, and
// still has, is not stored again. After an error Imported counts what is
// durable.
func (j *Journal) Import(ctx context.Context, r io.Reader, bad func(line int, err error)) (Imported, error) {
	im := importer{journal: j}
	lines := lineReader{in: bufio.NewReaderSize(r, 64<<10), most: maxLine}
	var err error
	for err == nil && ctx.Err() == nil {
		var line []byte
		var wrong error
		if line, wrong, err = lines.next(); len(line) > 0 && wrong == nil {
			var e event.Event
			if e, wrong = event.ParseJSON(line); wrong == nil {
				if addErr := im.add(ctx, e); addErr != nil {
					err = addErr
				}
			}
		}
		if wrong != nil {
			im.done.Bad++
			bad(lines.number, wrong)
		}
	}
	if errors.Is(err, io.EOF) {
		err = im.flush(ctx)
	}
	if err == nil {
		err = ctx.Err()
	}
	// What was handed over is stored whatever ctx says: it is to be counted.
	waitErr := im.wait(context.WithoutCancel(ctx))
	im.done.Stored, im.done.Duplicates = int(im.stored.Load()), im.done.Duplicates+int(im.duplicates.Load())
	return im.done, errors.Join(err, waitErr)
}

// importer gathers events into batches.
type importer struct {
	journal *Journal
	batch   []event.Event
	size    int
	done    Imported

	stored, duplicates atomic.Int64 // counted by the writer
}

func (im *importer) add(ctx context.Context, e event.Event) error {
	if e.ID.Epoch == im.journal.epoch {
		_, err := im.journal.Event(ctx, e.ID.Seq)
		if err == nil {
			im.done.Duplicates++
			return nil
		}
		if !errors.Is(err, ErrNoEvent) {
			return err
		}
	}
	if e.SourceID == "" && e.ID.Epoch != "" {
		e.SourceID = e.ID.String()
	}
	if e.ReceivedAt.IsZero() {
		e.ReceivedAt = time.Now()
	}
	im.batch = append(im.batch, e)
	im.size += e.Size()
	if len(im.batch) < importEvents && im.size < importBytes {
		return nil
	}
	return im.flush(ctx)
}

func (im *importer) flush(ctx context.Context) error {
	b := Batch{Events: im.batch, Restored: true, Done: func(o Outcome) {
		im.duplicates.Add(int64(o.Duplicates))
		if o.Last > 0 {
			im.stored.Add(int64(o.Last - o.First + 1))
		}
	}}
	im.batch, im.size = nil, 0
	if err := im.journal.Append(ctx, b); err != nil {
		return fmt.Errorf("store events: %w", err)
	}
	return nil
}

// wait returns when what was appended is durable.
func (im *importer) wait(ctx context.Context) error {
	flushed := make(chan struct{})
	if err := im.journal.Append(ctx, Batch{Done: func(Outcome) { close(flushed) }}); err != nil {
		return err
	}
	select {
	case <-flushed:
		return nil
	case <-im.journal.closed:
		return ErrClosed
	}
}

// lineReader reads lines.
type lineReader struct {
	in     *bufio.Reader
	most   int // bytes a line
	buf    []byte
	number int // of the line that was read last
}

// next returns the next line without spaces around it; wrong says that it is
// too long, err that there are no more. The last line may come with io.EOF.
func (l *lineReader) next() (line []byte, wrong, err error) {
	l.buf = l.buf[:0]
	l.number++
	for {
		var part []byte
		part, err = l.in.ReadSlice('\n')
		if len(l.buf)+len(part) <= l.most {
			l.buf = append(l.buf, part...)
		} else {
			wrong = fmt.Errorf("it is longer than %d bytes", l.most)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	line = l.buf
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff")) // some editors begin a file so
	}
	return bytes.TrimSpace(line), wrong, err
}
