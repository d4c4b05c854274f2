package journal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// exported is an export of everything.
func exported(t testing.TB, j *Journal, s Selection, format string) string {
	t.Helper()
	x, err := j.Export(s, format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := x.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// imported imports lines and fails on bad ones.
func imported(t testing.TB, j *Journal, lines string) Imported {
	t.Helper()
	done, err := j.Import(t.Context(), strings.NewReader(lines), func(line int, err error) { t.Errorf("line %d: %v", line, err) })
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// withoutIDs are the lines of an export without what a new journal numbers
// anew. An event without a source id has its id in that place, as an import
// gives it.
func withoutIDs(t testing.TB, export string) []map[string]json.RawMessage {
	t.Helper()
	var events []map[string]json.RawMessage
	for line := range strings.Lines(export) {
		var e map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e["sourceId"] == nil {
			e["sourceId"] = e["id"]
		}
		if e["revises"] != nil {
			e["revises"] = json.RawMessage("another")
		}
		delete(e, "id")
		delete(e, "seq")
		events = append(events, e)
	}
	return events
}

// drawEvent makes any event that a feed may bring.
func drawEvent(t *rapid.T) event.Event {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "", "=1+1", "a\nb", "a\r\nb", `"q"`, "\xff\xfe", "é漢\u2028\x00", "-1", `{"half":`}), rapid.String())
	data := rapid.OneOf(
		rapid.Map(text, func(s string) event.Event { return event.Event{Data: []byte(s)} }),
		rapid.SampledFrom([]event.Event{
			{Data: []byte(`{"n":12345678901234567890.10,"a":[null,{"é":"\ud800"}]}`), JSON: true},
			{Data: []byte("{\r\n \"pretty\" : 1 }"), JSON: true},
			{Data: []byte(`"a string"`), JSON: true},
			{Data: []byte(`""`), JSON: true},
			{Data: []byte(` -0.0 `), JSON: true},
			{Data: []byte(strings.Repeat("[", 2000) + strings.Repeat("]", 2000)), JSON: true},
		}),
	)
	e := data.Draw(t, "data")
	e.Feed = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "feed")
	e.Type = rapid.SampledFrom([]string{"message", "t\nx", "=t"}).Draw(t, "type")
	e.SourceID = rapid.SampledFrom([]string{"", "", "1", "2", "@x"}).Draw(t, "sourceId")
	e.Key, e.Title, e.Text, e.URL = text.Draw(t, "key"), text.Draw(t, "title"), text.Draw(t, "text"), text.Draw(t, "url")
	e.Value = rapid.SampledFrom([]string{"", "-1.50", "1e400"}).Draw(t, "value")
	e.Severity = rapid.SampledFrom(append([]string{""}, event.Severities...)).Draw(t, "severity")
	at := rapid.Int64Range(-1e15, 4e15)
	e.ReceivedAt = time.UnixMicro(at.Draw(t, "receivedAt"))
	if rapid.Bool().Draw(t, "timed") {
		e.SourceTime = time.UnixMicro(at.Draw(t, "sourceTime"))
	}
	return e
}

func TestAnExportIsTheSameAfterAnImport(t *testing.T) {
	dir := t.TempDir()
	from, to := start(t, filepath.Join(dir, "from.db")), start(t, filepath.Join(dir, "to.db"))
	for _, e := range rapid.SliceOfN(rapid.Custom(drawEvent), 300, 300).Example(1) {
		from.append(t, Batch{Events: []event.Event{e}})
	}
	first := exported(t, from.Journal, Selection{}, NDJSON)
	total := strings.Count(first, "\n")
	if total < 200 {
		t.Fatalf("only %d events: the rest were duplicates", total)
	}
	diff(t, "the first import", Imported{Stored: total}, imported(t, to.Journal, first))
	second := exported(t, to.Journal, Selection{}, NDJSON)
	diff(t, "exported again", withoutIDs(t, first), withoutIDs(t, second))
	diff(t, "imported again", Imported{Duplicates: total}, imported(t, to.Journal, first))
	diff(t, "into its own journal", Imported{Duplicates: total}, imported(t, from.Journal, first))

	records, err := csv.NewReader(strings.NewReader(exported(t, from.Journal, Selection{}, CSV))).ReadAll()
	if err != nil || len(records) != total+1 {
		t.Fatalf("%d records, %v, want %d", len(records), err, total+1)
	}
	diff(t, "columns", event.Columns, records[0])
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestAnExportHoldsWhatIsSelected(t *testing.T) {
	j := start(t, filepath.Join(t.TempDir(), "journal.db"))
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for i := range 10 {
		e := event.Event{Feed: []string{"a", "b"}[i%2], Type: "message", Data: fmt.Appendf(nil, "n%d", i+1), ReceivedAt: at.Add(time.Duration(i) * time.Hour)}
		j.append(t, Batch{Events: []event.Event{e}})
	}
	id := func(seq uint64) string { return event.ID{Epoch: j.Epoch(), Seq: seq}.String() }
	word, err := query.Parse("n4 OR n6 OR n7")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		s    Selection
		want string
	}{
		{"all", Selection{}, "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10"},
		{"ids", Selection{From: id(3), To: id(5)}, "n3 n4"},
		{"times", Selection{From: "2026-11-22T15:00:00Z", To: "2026-11-22T17:00:00Z"}, "n8 n9"},
		{"feeds and a query", Selection{Feeds: []string{"b"}, Query: word}, "n4 n6"},
		{"a query and both bounds", Selection{Query: word, From: id(5), To: "2026-11-22T14:00:00Z"}, "n6"},
		{"nothing", Selection{From: id(9), To: id(2)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for line := range strings.Lines(exported(t, j.Journal, tt.s, NDJSON)) {
				e, err := event.ParseJSON([]byte(line))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(e.Data))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, bad := range []Selection{{From: "noon"}, {To: "other-3"}, {From: `1h" OR "x`}} {
		if _, err := j.Export(bad, NDJSON); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if _, err := j.Export(Selection{}, "xml"); err == nil {
		t.Error("xml was taken")
	}
}

func TestAnExportThatIsCancelledEndsWithAWholeLine(t *testing.T) {
	j := start(t, filepath.Join(t.TempDir(), "journal.db"))
	events := make([]event.Event, 3*MaxPage)
	for i := range events {
		events[i] = event.Event{Feed: "a", Type: "message", Data: []byte("x"), ReceivedAt: time.Now()}
	}
	j.append(t, Batch{Events: events})
	x, err := j.Export(Selection{}, NDJSON)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	x.Progress = func(p Progress) {
		events, share := p.Events, p.Share
		if events != MaxPage || share < 0.3 || share > 0.4 {
			t.Errorf("progress: %d events, %v", events, share)
		}
		cancel()
	}
	var out bytes.Buffer
	n, err := x.Write(ctx, &out)
	if !errors.Is(err, context.Canceled) || n != MaxPage || strings.Count(out.String(), "\n") != n || !strings.HasSuffix(out.String(), "}\n") {
		t.Errorf("%d events, %d lines, %v", n, strings.Count(out.String(), "\n"), err)
	}
}

func TestAnImportGoesOnAfterBadLines(t *testing.T) {
	j := start(t, filepath.Join(t.TempDir(), "journal.db"))
	lines := "\ufeff{\"feed\":\"a\",\"data\":1}\n\nnonsense\r\n{\"feed\":\"a\",\"data\":2}\r\n[]\n{\"feed\":\"a\",\"data\":3}"
	var bad []int
	done, err := j.Import(t.Context(), strings.NewReader(lines), func(line int, _ error) { bad = append(bad, line) })
	if want := (Imported{Stored: 3, Bad: 2}); err != nil || done != want {
		t.Errorf("%+v, %v, want %+v", done, err, want)
	}
	if diff := cmp.Diff([]int{3, 5}, bad); diff != "" {
		t.Error(diff)
	}
}

func TestALineThatIsTooLongIsPassedOver(t *testing.T) {
	lines := lineReader{in: bufio.NewReaderSize(strings.NewReader("a\n"+strings.Repeat("x", 100)+"\n"+strings.Repeat("y", 40)), 16), most: 50}
	for _, want := range []string{"a", "", strings.Repeat("y", 40)} {
		line, wrong, err := lines.next()
		if (wrong != nil) != (want == "") || (wrong == nil && string(line) != want) {
			t.Errorf("%q, %v, %v, want %q", line, wrong, err, want)
		}
	}
}

func TestAnArchiveIsReadWithAWriterAndWithoutOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if _, err := OpenArchive(t.Context(), path); !errors.Is(err, ErrNoJournal) {
		t.Errorf("no file: %v", err)
	}
	j := start(t, path)
	j.append(t, Batch{Events: []event.Event{{Feed: "a", Type: "message", Data: []byte("one"), ReceivedAt: time.Now()}}})
	open := func() Archive {
		a, err := OpenArchive(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	beside := open()
	j.append(t, Batch{Events: []event.Event{{Feed: "a", Type: "message", Data: []byte("two"), ReceivedAt: time.Now()}}})
	if err := beside.Refresh(t.Context()); err != nil || beside.Head() != 2 {
		t.Errorf("head %d, %v", beside.Head(), err)
	}
	if err := beside.Close(); err != nil {
		t.Error(err)
	}
	want := exported(t, j.Journal, Selection{}, NDJSON)
	j.stop()
	after := open()
	defer after.Close()
	if diff := cmp.Diff(want, exported(t, after.Journal, Selection{}, NDJSON)); diff != "" {
		t.Error(diff)
	}
	word, _ := query.Parse("two")
	if got := exported(t, after.Journal, Selection{Query: word}, NDJSON); strings.Count(got, "\n") != 1 || after.index.upTo.Load() > 2 {
		t.Errorf("a search found %s", got)
	}
}

// 200,000 events; heap-MB is the most that was in use while they were written.
func BenchmarkExport(b *testing.B) {
	j := start(b, filepath.Join(b.TempDir(), "journal.db"))
	batch := make([]event.Event, 1000)
	for range 200 {
		for i := range batch {
			batch[i] = event.Event{Feed: "a", Type: "message", Data: []byte(`{"price":"64123.55","product_id":"BTC-USD","side":"buy"}`), JSON: true, ReceivedAt: time.Now()}
		}
		j.append(b, Batch{Events: slices.Clone(batch)})
	}
	j.committed = nil
	a, err := OpenArchive(b.Context(), j.cfg.Path)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	runtime.GC()
	var most uint64
	for b.Loop() {
		x, err := a.Export(Selection{}, NDJSON)
		if err != nil {
			b.Fatal(err)
		}
		x.Progress = func(Progress) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		if n, err := x.Write(b.Context(), io.Discard); n != 200_000 || err != nil {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "heap-MB")
	b.ReportMetric(200_000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
