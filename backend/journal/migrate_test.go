package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tickertape/backend/query"
)

// Each schema that was ever released has a database in testdata, versionN.db,
// with the same 60 events: of three feeds in turns, as the program of that time
// stored them.
func TestAJournalOfAnyVersionIsBroughtUpToDateWithAllThatIsInIt(t *testing.T) {
	for _, version := range []int{1} {
		path := filepath.Join(t.TempDir(), "journal.db")
		data, err := os.ReadFile(fmt.Sprintf("testdata/version%d.db", version))
		if err != nil {
			t.Fatal(err) // make one with the program before the change
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := start(t, path)
		events, err := r.ReadAfter(t.Context(), query.Filter{}, 0, r.Head(), MaxPage)
		if err != nil || len(events) != 60 {
			t.Fatalf("version %d: %d events, %v", version, len(events), err)
		}
		for i, e := range events {
			at, n := time.Unix(1_700_000_000+int64(i), 0).UTC(), fmt.Sprint(i)
			want := []string{"clock", "event " + n, "event " + n, "", "", ""}
			switch i % 3 {
			case 1:
				want = []string{"news", "event " + n, "event " + n, "Title " + n, "item " + n, ""}
			case 2:
				want = []string{"prices", `{"price":` + n + `.50}`, "", "", "", n + ".50"}
			}
			if got := []string{e.Feed, string(e.Data), e.Text, e.Title, e.SourceID, e.Value}; fmt.Sprint(got) != fmt.Sprint(want) || !e.ReceivedAt.Equal(at) || e.ID.Seq != uint64(i+1) {
				t.Errorf("version %d: event %d is %+v", version, i, e)
			}
		}
		r.counted(t)
		if token, err := r.Resume(t.Context(), "news:origin"); token != "58" || err != nil {
			t.Errorf("version %d: resume token %q, %v", version, token, err)
		}
		if seen, unread := r.Unread("news"); seen != 0 || unread != 0 {
			t.Errorf("version %d: seen to %d, %d unread", version, seen, unread)
		}
		again := events[1]
		if got := r.append(t, Batch{Events: events[1:2]}); got.Duplicates != 1 || got.Known != again.ID.Seq {
			t.Errorf("version %d: the same again: %+v", version, got)
		}
		r.indexed(t)
		if got := search(t, r, "title"); len(got) != 20 {
			t.Errorf("version %d: a search finds %v", version, got)
		}
		r.SetRetention(Retention{All: Limits{Events: 30}})
		r.settled(t)
		r.counted(t)
		var mode int
		if err := r.read.QueryRowContext(t.Context(), `PRAGMA auto_vacuum`).Scan(&mode); err != nil || mode != 2 {
			t.Errorf("version %d: auto_vacuum is %d, %v", version, mode, err)
		}
		r.stop()
		if again := start(t, path); again.Head() != 60 || again.Damaged() != "" {
			t.Errorf("version %d: opened again: %d, %s", version, again.Head(), again.Damaged())
		}
	}
}
