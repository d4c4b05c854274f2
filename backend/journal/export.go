package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// The formats of an export.
const (
	NDJSON = "ndjson" // one event a line, as JSON; Import reads it
	CSV    = "csv"    // for spreadsheets; see event.AppendCSV
)

// Selection is what of a journal to export.
type Selection struct {
	Feeds, Types []string // these only; empty: all
	Query        query.Expr

	// IDs, where there are any, are the events alone, or ranges of them with both
	// their ends: first..last. At most MaxListed.
	IDs []string

	// From and To bound it: events from From on, before To. Each is an event's
	// id, or a time of receipt as since: in a query takes it; "" is no bound.
	From, To string
}

// BoundError says that a bound of a Selection can't be understood.
type BoundError struct{ Bound, Problem string }

func (e *BoundError) Error() string { return fmt.Sprintf("%q %s", e.Bound, e.Problem) }

// Progress is how far an export has come.
type Progress struct {
	Events int     `json:"events"` // written
	Bytes  int64   `json:"bytes"`
	Share  float64 `json:"share"` // of the journal that has been gone through, from 0 to 1
}

// Export is one that is ready to be written: of the events that were durable
// when it was made.
type Export struct {
	// Progress, if set, is told after each page how far it has come, and at the
	// end.
	Progress func(Progress)

	journal   *Journal
	filter    query.Filter
	format    string
	stretches []stretch
	encoded   []byte // of the last event, to be used again
}

// Export prepares one, in a format: NDJSON or CSV. A bound or an id that can't
// be understood is a *BoundError.
func (j *Journal) Export(s Selection, format string) (*Export, error) {
	x := &Export{journal: j, format: format}
	if format != NDJSON && format != CSV {
		return nil, &BoundError{format, "is no format: use ndjson or csv"}
	}
	from, since, err := j.bound(s.From, "since:")
	if err != nil {
		return nil, err
	}
	to, before, err := j.bound(s.To, "before:")
	if err != nil {
		return nil, err
	}
	within := stretch{max(from, 1) - 1, j.Head()}
	if to > 0 {
		within.upTo = min(within.upTo, to-1)
	}
	if x.stretches, err = j.listed(s.IDs, within); err != nil {
		return nil, err
	}
	x.filter = query.New(s.Feeds, s.Types).With(s.Query.And(since).And(before))
	return x, nil
}

// bound reads a bound: an id's seq, or a condition.
func (j *Journal) bound(text, field string) (seq uint64, x query.Expr, err error) {
	if text == "" {
		return 0, x, nil
	}
	if _, err := event.ParseID(text); err == nil {
		seq, err = j.ownID(text)
		return seq, x, err
	}
	if !strings.ContainsAny(text, "\"\\ ") {
		if x, err = query.Parse(field + `"` + text + `"`); err == nil {
			return 0, x, nil
		}
	}
	return 0, x, &BoundError{text, "is neither an event's id nor a time: write it like 2h, 2026-11-01, 2026-11-01T08:30 or 2026-11-01T08:30:00Z"}
}

// Write writes the export, a page in memory at a time, and returns how many
// events that were. When ctx ends or reading fails, what was begun is complete:
// the last event is whole.
func (x *Export) Write(ctx context.Context, w io.Writer) (events int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	var done Progress
	if x.format == CSV {
		n, _ := out.WriteString(strings.Join(event.Columns, ",") + "\r\n") // Flush tells
		done.Bytes = int64(n)
	}
	for _, part := range x.stretches {
		if err := x.writeStretch(ctx, out, part, &done); err != nil {
			_ = out.Flush() // err says more
			return done.Events, err
		}
	}
	done.Share = 1
	x.tell(done)
	return done.Events, out.Flush()
}

// writeStretch writes what is selected of a stretch, and counts it in done.
func (x *Export) writeStretch(ctx context.Context, out *bufio.Writer, part stretch, done *Progress) error {
	began := done.Share
	weight := float64(part.upTo-part.after) / float64(x.size())
	for after := part.after; after < part.upTo; {
		page, err := x.journal.ReadAfter(ctx, x.filter, after, part.upTo, MaxPage)
		if err != nil {
			if ctx.Err() != nil {
				err = ctx.Err() // rather than what SQLite calls it
			}
			return err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			x.encoded = x.appendEvent(x.encoded[:0], &page[i])
			if _, err := out.Write(x.encoded); err != nil {
				return fmt.Errorf("write the export: %w", err)
			}
			done.Bytes += int64(len(x.encoded))
		}
		done.Events += len(page)
		after = page[len(page)-1].ID.Seq
		done.Share = began + weight*float64(after-part.after)/float64(part.upTo-part.after)
		x.tell(*done)
	}
	done.Share = began + weight
	return nil
}

// size is how many seqs it goes through.
func (x *Export) size() (seqs uint64) {
	for _, part := range x.stretches {
		seqs += part.upTo - part.after
	}
	return seqs
}

func (x *Export) tell(p Progress) {
	if x.Progress != nil {
		x.Progress(p)
	}
}

// PartialSuffix names the file of an export that isn't complete.
const PartialSuffix = ".partial"

// Save writes the export to a file, which is seen when it is complete. When ctx
// ends, what was written so far stays under the name with PartialSuffix; after
// any other failure nothing does.
func (x *Export) Save(ctx context.Context, path string) error {
	partial := path + PartialSuffix
	file, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("make the export: %w", err)
	}
	defer file.Close() // again, where it failed before
	_, err = x.Write(ctx, file)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(partial, path)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(partial))
	}
	return err
}

func (x *Export) appendEvent(dst []byte, e *event.Event) []byte {
	if x.format == CSV {
		return e.AppendCSV(dst)
	}
	return append(e.AppendJSON(dst), '\n')
}
