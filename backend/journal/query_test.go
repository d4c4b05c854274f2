package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// varied makes events of a small vocabulary, so that random queries select
// some of them and not others.
func varied(n int) []event.Event {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	events := make([]event.Event, n)
	for i := range events {
		e := event.Event{
			Feed: pick("btc", "news", "News", "a b"), Type: pick("message", "Custom_event", "ticker"), SourceID: pick("", fmt.Sprint("id ", i)),
			Key: pick("", "BTC-USD", "Zürich", "k\x00x"), Title: pick("", "New York", "Café NEW", "中国新闻", "a\u0301b"), URL: pick("", "https://a.example/x"),
			Value:    pick("", "1", "1.0", "-2.5", "12345678901234567890", "12345678901234567891", "1e400", "0", "3e-320"),
			Severity: pick("", "debug", "warning", "critical"), ReceivedAt: time.Now().Add(-time.Duration(random.IntN(5)*60+30) * time.Minute),
		}
		if random.IntN(2) == 0 {
			e.SourceTime = e.ReceivedAt
		}
		e.Data = []byte(pick("", "new york, new york", "caf\u00e9 中国", "plain", "ünïcode 🚀 york", "true"))
		if random.IntN(2) == 0 {
			e.JSON = true
			e.Data = []byte(pick(`{"price":1.0,"user":{"name":"New York"}}`, `{"price":"1","tags":["new","caf\u00e9"]}`, `[{"price":2},{"price":[1,3]}]`,
				`{"user":{"name":"york\nnew"},"price":12345678901234567890}`, `"new"`, `1.0`, `true`, `{"中国":{"name":null}}`))
		}
		e.Text = pick("", string(e.Data), "york is new")
		events[i] = e
	}
	return events
}

// queries draws the text of a query.
func queries(depth int) *rapid.Generator[string] {
	terms := rapid.SampledFrom([]string{
		"new", "york", "NEW", "caf*", "cafe", `"new york"`, `"york new"`, `"new yo"*`, "中国", "国中", "🚀", "true", "1.0", "null", "ab", "message",
		"feed:btc", "feed:NEWS", "feed:news,btc", `feed:"a b"`, "feed:n*", "type:custom_event", "type:CUST*", "type:message,ticker", "key:btc-usd", "key:zürich", "key:ZÜRICH", "key:k", "key:k*", "key:BTC*,z*",
		`id:"id 3"`, "id:id*", "title:new", "title:york,中国", "title:caf*", "text:york", "data:york", "data:new,cafe", "url:https://a.example/x", "url:https*",
		"severity:debug,critical", "severity>=warning", "severity!=debug", "value=1", "value>12345678901234567890", "value>=12345678901234567890", "value<0", "value<=1e400", "value!=1", "value>0", "value<1e-300",
		"has:url", "has:text", "has:data", "has:json", "has:key", "has:value,severity", "has:time", "has:id", "has:title", "has:revises",
		"is:starred", "is:unread", "is:starred,unread",
		"since:1h", "before:2h", "since:2001-01-01", "until:2001-01-01", "after:3h", "/new/", "/[0-9]{3}/", "title:/^New/i", "key:/[a-z]/",
		"data.price=1", "data.price=1.00", "data.price:10e-1", "data.price>1", "data.price!=1", "data.user.name:york", "data.user.name:new*", `data.user.name="new york"`, "data.tags:café", "data.tags.0:new", "data.0.price:2", "has:data.user", "has:data.中国.name", "data.中国.name:null", "data.user.name:/New/",
	})
	if depth == 0 {
		return terms
	}
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(queries(depth-1), 1, 3).Draw(t, "parts")
		switch rapid.IntRange(0, 3).Draw(t, "join") {
		case 0:
			return "-(" + strings.Join(parts, " ") + ")"
		case 1:
			return "(" + strings.Join(parts, " OR ") + ")"
		case 2:
			return strings.Join(parts, " -")
		}
		return strings.Join(parts, " ")
	})
}

func TestTheDatabaseSelectsWhatMatchDoes(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: varied(200)})
	stored, err := r.ReadAfter(t.Context(), query.Filter{}, 0, r.Head(), MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != len(r.committed) {
		t.Fatalf("%d of %d events came back", len(stored), len(r.committed))
	}
	r.index(t, stored)
	for _, seq := range []uint64{3, 40, 41, 150, 199} {
		if err := r.Star(t.Context(), seq, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(r.SetSeen(t.Context(), "btc", 100), r.SetSeen(t.Context(), "news", 60)); err != nil {
		t.Fatal(err)
	}
	check := func(t *rapid.T) {
		text := queries(rapid.IntRange(0, 3).Draw(t, "depth")).Draw(t, "query")
		x, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		f := query.New(rapid.SampledFrom([][]string{nil, {"btc", "news"}}).Draw(t, "feeds"), nil).With(x).Marked(r.Journal)
		var live, want []uint64
		for i := range stored {
			if f.Match(&stored[i]) {
				want = append(want, stored[i].ID.Seq)
			}
			if f.Match(&r.committed[i]) {
				live = append(live, r.committed[i].ID.Seq)
			}
		}
		limit := rapid.SampledFrom([]int{40, MaxPage}).Draw(t, "limit")
		for name, got := range map[string][]uint64{
			"live": live, "after": r.walk(t, f, limit, false), "back": r.walk(t, f, limit, true),
		} {
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s, %s (-match +got):\n%s", text, name, d)
			}
		}
		for _, indexed := range []bool{false, true} {
			scope := query.Scope{After: 20, UpTo: 180, Indexed: indexed}
			r.agrees(t, text, f.SQL(scope), scope, want)
		}
	}
	rapid.Check(t, check)
}

// index makes a full-text index as query.Scope asks for.
func (r *running) index(t *testing.T, events []event.Event) {
	t.Helper()
	if _, err := r.write.ExecContext(t.Context(), `CREATE VIRTUAL TABLE words USING fts5(tokens, content='', tokenize='ascii')`); err != nil {
		t.Fatal(err)
	}
	var p piece
	for i := range events {
		p.add(&events[i])
	}
	start := 0
	for i, first := range p.firsts {
		if _, err := r.write.ExecContext(t.Context(), `INSERT INTO words (rowid, tokens) VALUES (?, ?)`, first, string(p.tokens[start:p.ends[i]])); err != nil {
			t.Fatal(err)
		}
		start = p.ends[i]
	}
}

// walk reads all that f selects, page by page, in rising seq.
func (r *running) walk(t *rapid.T, f query.Filter, limit int, back bool) (seqs []uint64) {
	for after, upTo := uint64(0), r.Head(); ; {
		read := r.ReadAfter
		if back {
			read = r.ReadBack
		}
		page, err := read(t.Context(), f, after, upTo, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			if back {
				slices.Reverse(seqs)
			}
			return seqs
		}
		for i := range page {
			seqs = append(seqs, page[i].ID.Seq)
		}
		if last := seqs[len(seqs)-1]; back {
			upTo = last - 1
		} else {
			after = last
		}
	}
}

// agrees checks a condition by itself: it holds for all that is selected in the
// scope, and when it is exact for nothing else.
func (r *running) agrees(t *rapid.T, text string, condition query.Condition, scope query.Scope, selected []uint64) {
	rows, err := r.write.QueryContext(t.Context(), `SELECT seq FROM events WHERE `+condition.SQL+` ORDER BY seq`, condition.Args...)
	if err != nil {
		t.Fatalf("%s is %s: %v", text, condition.SQL, err)
	}
	defer rows.Close()
	found := map[uint64]bool{}
	for rows.Next() {
		var seq uint64
		if err := rows.Scan(&seq); err != nil {
			t.Fatal(err)
		}
		found[seq] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for seq := scope.After + 1; seq <= scope.UpTo; seq++ {
		if want := slices.Contains(selected, seq); want != found[seq] && (want || condition.Exact) {
			t.Fatalf("%s is %s %v, indexed %t, exact %t: event %d is selected: %t, found: %t", text, condition.SQL, condition.Args, scope.Indexed, condition.Exact, seq, want, found[seq])
		}
	}
}

func TestTheLargestQueriesAreNotTooMuchForTheDatabase(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	r.append(t, Batch{Events: varied(100)})
	r.index(t, r.committed)
	nested := "york"
	for i := range 15 {
		nested = fmt.Sprintf("-(%s x%d)", nested, i)
	}
	for _, text := range []string{
		nested,
		"feed:btc" + strings.Repeat(",X*", 199),
		"key:a" + strings.Repeat(",b", 198) + " OR news",
		strings.Repeat("york new ", 100),
		strings.Repeat("york OR ", 199) + "new",
		strings.Repeat("-york OR ", 199) + "new",
		"title:new" + strings.Repeat(",york*", 199),
		`"` + strings.Repeat("中", 1300) + `"`,
		"data" + strings.Repeat(".user", 32) + ":new" + strings.Repeat(",york", 199),
	} {
		x, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%.40s: %v", text, err)
		}
		for _, indexed := range []bool{false, true} {
			condition := query.Filter{}.With(x).SQL(query.Scope{UpTo: r.Head(), Indexed: indexed})
			var n int
			if err := r.read.QueryRowContext(t.Context(), `SELECT count(*) FROM events WHERE `+condition.SQL, condition.Args...).Scan(&n); err != nil {
				t.Errorf("%.40s, indexed %t: %v", text, indexed, err)
			}
		}
	}
}

func TestASearchGoesOnUntilItHasFoundSomethingOrAllIsLookedAt(t *testing.T) {
	r := start(t, filepath.Join(t.TempDir(), "journal.db"))
	data := make([]string, 2*firstStep+100)
	for i := range data {
		data[i] = "hay"
	}
	data[4], data[len(data)-5] = "needle", "needle"
	r.append(t, Batch{Events: texts("f", data...)})
	first, last := uint64(5), uint64(len(data)-4)
	search := func(text string) query.Filter {
		x, err := query.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return query.Filter{}.With(x)
	}
	ctx := t.Context()
	one := func(events []event.Event, err error) uint64 {
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return 0
		}
		return events[0].ID.Seq
	}
	for _, tt := range []struct {
		name      string
		got, want uint64
	}{
		{"the oldest", one(r.ReadAfter(ctx, search("needle"), 0, 1<<63, 10)), first},
		{"after it", one(r.ReadAfter(ctx, search("needle"), first, r.Head(), 1)), last},
		{"the newest", one(r.ReadBack(ctx, search("needle"), 0, 1<<64-1, 10)), last},
		{"before it", one(r.ReadBack(ctx, search("needle"), 0, last-1, 10)), first},
		{"none between", one(r.ReadBack(ctx, search("needle"), first, last-1, 10)), 0},
		{"none at all", one(r.ReadAfter(ctx, search("nothing"), 0, r.Head(), 10)), 0},
		{"an empty range", one(r.ReadAfter(ctx, search("needle"), 10, 5, 10)), 0},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, tt.got, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.ReadAfter(ctx, search("nothing"), 0, r.Head(), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that nobody waits for: %v", err)
	}
}
