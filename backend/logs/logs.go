package logs

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
)

const (
	// maxTail is how many of the last lines are kept in memory.
	maxTail = 200
	// maxTailLine bounds each of them, in bytes.
	maxTailLine = 1000
)

// Config is what a File needs.
type Config struct {
	Path string
	Size int64 // the file is put aside before it is larger, in bytes; 0 means 4 MiB
	Keep int   // how many old files are kept, as Path.1 (the newest) and so on; 0 means 3
}

// File is a log file. Its methods may be called from any goroutine.
type File struct {
	cfg   Config
	level slog.LevelVar

	mu   sync.Mutex
	file *os.File // nil after Close, and while it can't be opened
	size int64
	tail []string
}

// Open opens the file, behind what is in it already.
func Open(cfg Config) (*File, error) {
	if cfg.Size == 0 {
		cfg.Size = 4 << 20
	}
	if cfg.Keep == 0 {
		cfg.Keep = 3
	}
	f := &File{cfg: cfg}
	err := f.open()
	return f, err
}

func (f *File) open() error {
	file, err := os.OpenFile(f.cfg.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return fmt.Errorf("open the log: %w", err)
	}
	f.file, f.size = file, info.Size()
	return nil
}

// Close lets the file go. What is logged afterwards is kept in the tail only.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// Handler writes records to the file, from its level on.
func (f *File) Handler() slog.Handler {
	return slog.NewTextHandler(writer{f}, &slog.HandlerOptions{Level: &f.level})
}

// Level is the least that is written.
func (f *File) Level() slog.Level { return f.level.Level() }

// SetLevel changes what is written from now on.
func (f *File) SetLevel(level slog.Level) { f.level.Set(level) }

// Tail is the last lines, the newest last, without line breaks.
func (f *File) Tail() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tail)
}

// writer is a File for its handler, which writes a line at a time.
type writer struct{ f *File }

func (w writer) Write(line []byte) (int, error) {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remember(line)
	if f.file == nil {
		return len(line), nil
	}
	if f.size > 0 && f.size+int64(len(line)) > f.cfg.Size {
		if err := f.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := f.file.Write(line)
	f.size += int64(n)
	return n, err
}

var _ io.Writer = writer{}

func (f *File) remember(line []byte) {
	text := string(bytes.TrimSpace(line))
	if len(text) > maxTailLine {
		text = strings.ToValidUTF8(text[:maxTailLine], "") + "…"
	}
	if f.tail = append(f.tail, text); len(f.tail) > maxTail {
		f.tail = slices.Delete(f.tail, 0, 1)
	}
}

// rotate puts the file aside and begins a new one. Files that are in somebody's
// way stay where they are: then the log goes on in what there is.
func (f *File) rotate() error {
	_ = f.file.Close() // everything is written
	f.file = nil
	old := func(n int) string { return fmt.Sprintf("%s.%d", f.cfg.Path, n) }
	for n := f.cfg.Keep - 1; n > 0; n-- {
		_ = os.Rename(old(n), old(n+1)) // there may be none yet
	}
	_ = os.Rename(f.cfg.Path, old(1))
	return f.open()
}
