package journal

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// indexed waits until everything is in the index.
func (r *running) indexed(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); r.Journal.index.upTo.Load() < r.Head(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("indexed up to %d of %d", r.Journal.index.upTo.Load(), r.Head())
		}
	}
}

func search(t *testing.T, r *running, text string) (seqs []uint64) {
	t.Helper()
	x, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for upTo := r.Head(); ; upTo = seqs[len(seqs)-1] - 1 { // on a busy machine a page may be short
		events, err := r.ReadBack(t.Context(), query.Filter{}.With(x), 0, upTo, MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return seqs
		}
		for i := range events {
			seqs = append(seqs, events[i].ID.Seq)
		}
	}
}

// inIndex counts the rows of the index that have a word.
func inIndex(t *testing.T, r *running, word string) (n int) {
	t.Helper()
	if err := r.read.QueryRowContext(t.Context(), `SELECT count(*) FROM words WHERE words MATCH ?`, word).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestASearchFindsWordsOfAnyScriptByTheIndexAndBeforeIt(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: texts("f",
		"The Café opens", "東京で地震がありました", "北京天气晴朗", "انقطاع التيار الكهربائي", "наводнение в городе", "THE CAFE CLOSES",
	)})
	searches := map[string][]uint64{
		"cafe": {6, 1}, "CAFÉ": {6, 1}, "東京": {2}, "地震": {2}, "天气": {3}, "التيار": {4}, "Наводнение": {5}, "the -opens": {6}, "caf*": {6, 1}, "nothing": nil,
	}
	for _, when := range []string{"at once", "from the index"} {
		for text, want := range searches {
			if got := search(t, r, text); !slices.Equal(got, want) {
				t.Errorf("%s: %q found %v, want %v", when, text, got, want)
			}
		}
		r.indexed(t)
	}
	if inIndex(t, r, "cafe") == 0 || inIndex(t, r, "absent") != 0 {
		t.Error("the index doesn't have the words: the test proves nothing")
	}
}

func TestTheIndexCatchesUpAfterARestartAndIsMadeAnewWhenItIsNotOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	r.append(t, Batch{Events: texts("f", "first words")})
	r.indexed(t)
	r.append(t, Batch{Events: texts("f", "second words")})
	r.stop()
	for name, spoil := range map[string]func() error{
		"as it was":   func() error { return nil },
		"missing":     func() error { return os.Remove(path + indexSuffix) },
		"no database": func() error { return os.WriteFile(path+indexSuffix, []byte(strings.Repeat("nonsense", 1000)), 0o600) },
		"of another journal": func() error {
			db, err := sql.Open("sqlite", path+indexSuffix)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.ExecContext(t.Context(), `UPDATE meta SET value = 'other 1' WHERE name = 'id'`)
			return err
		},
	} {
		if err := spoil(); err != nil {
			t.Fatal(name, err)
		}
		r = start(t, path)
		r.indexed(t)
		if got := search(t, r, "words"); !slices.Equal(got, []uint64{2, 1}) || inIndex(t, r, "words") == 0 {
			t.Errorf("%s: found %v, the index has %d rows", name, got, inIndex(t, r, "words"))
		}
		r.stop()
	}
}

func TestTheIndexTakesWhatIsLeftAfterAPageThoughNothingMoreComes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	var words []string
	for range 500 {
		words = append(words, "word")
	}
	for range indexPage/500 + 1 {
		r.append(t, Batch{Events: texts("f", words...)})
	}
	r.stop()
	if err := os.Remove(path + indexSuffix); err != nil {
		t.Fatal(err)
	}
	r = start(t, path)
	r.indexed(t)
}

func TestASearchIsExactWhileTheIndexTrails(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	const batches, each = 12, 250
	for i := range batches {
		events := make([]event.Event, each)
		for n := range events {
			word := "common"
			if n == 0 {
				word = "common rare"
			}
			events[n] = texts("f", fmt.Sprintf("%s %d", word, i))[0]
		}
		r.append(t, Batch{Events: events})
		if got := search(t, r, "rare"); len(got) != i+1 {
			t.Fatalf("after batch %d: %d found", i, len(got))
		}
		if got := search(t, r, fmt.Sprintf("common %d", i)); len(got) != each {
			t.Fatalf("after batch %d: %d of it found", i, len(got))
		}
	}
}
