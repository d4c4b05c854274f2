package logs

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T, cfg Config) *File {
	t.Helper()
	f, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestFilesStaySmallAndSoManyAreKept(t *testing.T) {
	cfg := Config{Path: filepath.Join(t.TempDir(), "x.log"), Size: 2000, Keep: 2}
	log := slog.New(open(t, cfg).Handler())
	var writing sync.WaitGroup
	for w := range 4 {
		writing.Go(func() {
			for i := range 50 {
				log.Info("a line", "writer", w, "number", i)
			}
		})
	}
	writing.Wait()
	lines := 0
	for _, name := range []string{"x.log", "x.log.1", "x.log.2"} {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(cfg.Path), name))
		if err != nil || len(data) == 0 || len(data) > 2000 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "\n") {
				t.Errorf("%s has a torn line: %q", name, line)
			}
			lines++
		}
	}
	if files, _ := filepath.Glob(cfg.Path + "*"); len(files) != 3 || lines < 40 {
		t.Errorf("%d lines in %v", lines, files)
	}
	if info, err := os.Stat(cfg.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
}

func TestTheLevelChangesWhileItIsWritten(t *testing.T) {
	f := open(t, Config{Path: filepath.Join(t.TempDir(), "x.log")})
	log := slog.New(f.Handler())
	log.Debug("one")
	f.SetLevel(slog.LevelDebug)
	log.Debug("two")
	f.SetLevel(slog.LevelError)
	log.Warn("three")
	if tail := f.Tail(); len(tail) != 1 || !strings.Contains(tail[0], "msg=two") {
		t.Errorf("%q", tail)
	}
}

func TestTheTailIsBounded(t *testing.T) {
	f := open(t, Config{Path: filepath.Join(t.TempDir(), "x.log")})
	log := slog.New(f.Handler())
	for i := range 3 * maxTail {
		log.Info("line", "number", i, "large", strings.Repeat("é", 5000))
	}
	tail := f.Tail()
	if len(tail) != maxTail || len(tail[0]) > maxTailLine+10 || !strings.Contains(tail[maxTail-1], fmt.Sprintf("number=%d ", 3*maxTail-1)) {
		t.Errorf("%d lines, the last is %.80q", len(tail), tail[len(tail)-1])
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	log.Info("after its end") // is no mistake
}
