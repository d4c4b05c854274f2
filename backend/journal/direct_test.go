package journal

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0`

func TestAReadThatFindsNothingEndsWithItsContextAndTheReaderStaysOfUse(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	for _, after := range []time.Duration{50 * time.Millisecond, 20 * time.Millisecond, time.Millisecond, 100 * time.Microsecond} { // some before it begins
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if err := each(ctx, r.read, endless, nil, func(record) bool { return true }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the read ended with %v", err)
		}
		cancel()
	}
	n := int64(0)
	if err := each(t.Context(), r.read, `SELECT 7`, nil, func(r record) bool { n = r.integer(0); return true }); n != 7 || err != nil {
		t.Errorf("after that 7 is %d: %v", n, err)
	}
}

func TestAReaderReadsWhatWasBoundAndCannotWrite(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	long := string(make([]byte, 200)) + "ä\x00ö"
	var texts []string
	read := func(r record) bool {
		texts = append(texts, r.text(0), r.text(1), r.text(2))
		if r.integer(3) != -1<<63 || r.null(3) || !r.null(4) || r.bytes(4) != nil {
			t.Errorf("the numbers are %d and %d", r.integer(3), r.integer(4))
		}
		return true
	}
	const statement = `SELECT ?, ?, ?, ?, ? UNION ALL SELECT 'b', '', '', -9223372036854775808, NULL`
	if err := each(t.Context(), r.read, statement, []any{long, "", "a", int64(-1 << 63), nil}, read); err != nil {
		t.Fatal(err)
	}
	if want := []string{long, "", "a", "b", "", ""}; !slices.Equal(texts, want) {
		t.Errorf("read %q, want %q", texts, want)
	}
	err := each(t.Context(), r.read, `DELETE FROM events`, nil, read)
	if wrong, ok := errors.AsType[coded](err); !ok || wrong.Code() != 8 { // SQLITE_READONLY
		t.Errorf("a reader wrote: %v", err)
	}
	if err := each(t.Context(), r.read, `SELECT nothing`, nil, read); err == nil {
		t.Error("a mistake in a statement isn't told")
	}
}
