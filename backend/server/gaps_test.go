package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryReaderIsToldWhatIsNoLongerKept(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	// a 1, b 1, a 2, b 2, …
	for i := 1; i <= 300; i++ {
		r.add(t, append(count("a", i, i), count("b", i, i)...)...)
	}
	r.keep(t, "a", 100) // a 200 is 399
	for _, query := range []string{"format=raw", "format=json", "format=json&batch=1", "format=json&status=1"} {
		for _, row := range []struct {
			query        string
			after        uint64
			from, to, at uint64 // of the gap; to is 0 for none
			first        string
		}{
			{"", 10, 10, 399, 11, "b 6"}, // a 6 is gone
			{"&feed=a", 10, 10, 399, 399, "a 201"},
			{"&feed=b", 10, 0, 0, 0, "b 6"},
			{"", 399, 0, 0, 0, "b 200"},
		} {
			stream := r.read(t, ask{path: fmt.Sprintf("/event_stream?after=%s&%s%s", r.id(row.after), query, row.query)})
			e := stream.next(t)
			for e.Type == "status" {
				e = stream.next(t)
			}
			if row.to > 0 {
				var missing gap
				must(t, json.Unmarshal([]byte(e.Data), &missing))
				if e.Type != "gap" || missing.From != r.id(row.from) || missing.To != r.id(row.to) || e.LastEventID != r.id(row.at) || !strings.Contains(missing.Reason, "those of a.") {
					t.Errorf("%s%s after %d: %+v", query, row.query, row.after, e)
				}
				e = stream.next(t)
			}
			if !strings.Contains(e.Data, row.first) || e.Type == "gap" {
				t.Errorf("%s%s after %d: goes on with %+v", query, row.query, row.after, e)
			}
			stream.Close()
		}
	}
}

func TestAPageOfHistorySaysWhatIsMissingInIt(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	r.add(t, slices.Concat(count("a", 1, 10), count("b", 11, 20), count("a", 21, 30))...)
	r.keep(t, "a", 5)
	for _, row := range []struct{ query, from, to string }{
		{"limit=5", "", ""},
		{"limit=6", r.id(19), r.id(25)},
		{"limit=100", r.id(10), r.id(25)}, // what is before b 11 is asked for next
		{"limit=100&before=" + r.id(11), r.id(0), r.id(10)},
		{"limit=3&after=" + r.id(0), r.id(0), r.id(13)},
		{"limit=100&after=" + r.id(25), "", ""},
		{"limit=100&feed=b", "", ""},
	} {
		var page struct{ Gaps []gap }
		r.get(t, ask{path: "/events?" + row.query}, &page)
		var want []gap
		if row.to != "" {
			want = []gap{{row.from, row.to, r.missingReason("a")}}
		}
		if d := cmp.Diff(want, page.Gaps); d != "" {
			t.Errorf("%s: %s", row.query, d)
		}
	}
}

func (r *rig) missingReason(feed string) string {
	return reads{Server: r.Server}.missing(0, 0, []string{feed}).Reason
}
