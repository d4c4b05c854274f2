package journal

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// A commit is in the system's hands when readers hear of it: it survives the
// end of this process, however that comes. The disk has it a little later:
// waiting for that would cost an event more than all the rest of its way. So a
// power cut can take the last moments; power.go has what is done about that.

const (
	// flushEvery is how long commits are gathered before the disk is made to
	// have them.
	flushEvery = 200 * time.Millisecond
	// flushLimit is how far the disk may be behind the commits before the next
	// one waits for it.
	flushLimit = 800 * time.Millisecond
)

// flusher makes the disk have what was committed.
type flusher struct {
	file  *os.File      // the database's log (WAL)
	dirty chan struct{} // there is something to flush
	done  chan struct{} // a flush has ended
	fault atomic.Pointer[error]

	// When the oldest commit was made that no flush has begun for, and that of
	// those that the flush under way is for, in nanoseconds since 1970; 0 for
	// none.
	since, under atomic.Int64
}

// openFlusher opens the log of a database that was written to.
func openFlusher(database string) (*flusher, error) {
	file, err := os.OpenFile(database+"-wal", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the journal's log: %w", err)
	}
	return &flusher{file: file, dirty: make(chan struct{}, 1), done: make(chan struct{}, 1)}, nil
}

// run flushes what is committed until ctx ends. What comes then is flushed when
// the journal is closed.
func (f *flusher) run(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case <-f.dirty:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(flushEvery):
		case <-ctx.Done():
			return
		}
		if err := f.flush(); err != nil {
			log.Error("the disk doesn't take the journal; trying again", "err", err)
			f.committed()
		}
	}
}

// committed tells that there is something new to flush.
func (f *flusher) committed() {
	f.since.CompareAndSwap(0, time.Now().UnixNano())
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}

// flush returns when the disk has everything that was committed before.
func (f *flusher) flush() (err error) {
	oldest := f.since.Swap(0)
	f.under.Store(oldest)
	if err = f.file.Sync(); err != nil {
		err = fmt.Errorf("write the journal to the disk: %w", err)
		f.fault.Store(&err)
		f.since.Store(oldest) // it is as old when it is tried again
	} else {
		f.fault.Store(nil)
	}
	f.under.Store(0)
	select {
	case f.done <- struct{}{}:
	default:
	}
	return err
}

// wait returns when the disk isn't too far behind any more, or ctx has ended.
func (f *flusher) wait(ctx context.Context) {
	for f.late() {
		select {
		case <-f.done:
		case <-ctx.Done():
			return
		}
	}
}

// late reports whether the disk is too far behind.
func (f *flusher) late() bool {
	oldest := f.under.Load()
	if oldest == 0 {
		oldest = f.since.Load()
	}
	return oldest != 0 && time.Since(time.Unix(0, oldest)) > flushLimit
}

// close gives the file back, unflushed.
func (f *flusher) close() error { return f.file.Close() }
