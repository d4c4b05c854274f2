package journal

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// over are events received a minute apart, from a moment on.
func over(from time.Time, n int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		events[i] = event.Event{Feed: "f", Type: "message", Data: []byte("x"), ReceivedAt: from.Add(time.Duration(i) * time.Minute)}
	}
	return events
}

func parsed(t *testing.T, text string) query.Filter {
	t.Helper()
	x, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return query.Filter{}.With(x)
}

// all are the events that f selects.
func (r *running) all(t *testing.T, f query.Filter) (events []event.Event) {
	t.Helper()
	for after := uint64(0); ; after = events[len(events)-1].ID.Seq {
		page, err := r.ReadAfter(t.Context(), f, after, r.Head(), MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return events
		}
		events = append(events, page...)
	}
}

func TestASearchByTimeLooksOnlyAtWhatWasReceivedThen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	r := start(t, path)
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r.append(t, Batch{Events: over(began, 3*spanSize)})
	r.append(t, Batch{Events: over(began.AddDate(-1, 0, 0), 100)}) // imported: older, but stored later
	r.append(t, Batch{Events: over(began.Add(3*spanSize*time.Minute), spanSize)})
	r.stop()
	r = start(t, path)
	r.append(t, Batch{Events: over(began.Add(4*spanSize*time.Minute), 10)})

	stored := r.all(t, query.Filter{})
	if len(stored) != 4*spanSize+110 {
		t.Fatalf("%d events are stored, want %d", len(stored), 4*spanSize+110)
	}
	at := func(n int) string { return began.Add(time.Duration(n) * time.Minute).Format(time.RFC3339) }
	for _, text := range []string{
		fmt.Sprintf("before:%q", at(0)),
		fmt.Sprintf("before:%q since:%q", at(5000), at(4990)),
		fmt.Sprintf("since:%q", at(4*spanSize-3)),
		fmt.Sprintf("(before:%q OR since:%q)", at(3), at(4*spanSize)),
		fmt.Sprintf("-before:%q", at(4*spanSize+5)),
		`before:2020-01-01`, "since:2200-01-01",
	} {
		f := parsed(t, text)
		var want, got []uint64
		for i := range stored {
			if f.Match(&stored[i]) {
				want = append(want, stored[i].ID.Seq)
			}
		}
		for _, e := range r.all(t, f) {
			got = append(got, e.ID.Seq)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}

	// The newest before the second span's end are found without a look at what
	// came later, but for the span with the imported ones.
	f := parsed(t, fmt.Sprintf("before:%q", at(2*spanSize-10)))
	if _, upTo := r.spans.within(f, 0, r.Head(), true); upTo/spanSize != 3 {
		t.Errorf("searching back begins in span %d, want 3", upTo/spanSize)
	}
	if _, upTo := r.spans.within(f, 0, 3*spanSize-1, true); upTo != 2*spanSize-1 {
		t.Errorf("searching back goes on at %d, want %d", upTo, 2*spanSize-1)
	}
	f = parsed(t, fmt.Sprintf("since:%q", at(4*spanSize)))
	if after, _ := r.spans.within(f, 0, r.Head(), false); after != 4*spanSize-1 {
		t.Errorf("searching begins after %d, want %d", after, 4*spanSize-1)
	}
}
