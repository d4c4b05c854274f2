package hub

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"tickertape/backend/query"
)

// told reads up to a seq and writes down gaps among the frames.
func told(t *testing.T, r *Reader, upTo uint64, limit int) string {
	t.Helper()
	var got strings.Builder
	for r.After() < upTo {
		frames, err := r.Next(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		if g := frames.Gap; g != nil {
			fmt.Fprintf(&got, "[%d-%d of %s, at %d] ", g.From, g.To, strings.Join(g.Feeds, ","), g.After)
		}
		got.Write(frames.Bytes)
	}
	return got.String()
}

// interleaved is a history of a, b, b, a, b, b, …
func interleaved(n int) *log {
	history := &log{}
	for len(history.events) < n {
		history.add("a", 1)
		history.add("b", 2)
	}
	return history
}

func TestAReaderIsToldWhatIsNoLongerKeptAndGetsWhatIsLeft(t *testing.T) {
	history := interleaved(30)
	history.trim("a", 10)
	a, b := query.New([]string{"a"}, nil), query.New([]string{"b"}, nil)
	for _, row := range []struct {
		rule  string
		f     query.Filter
		after uint64
		want  string
	}{
		{"of all, from the beginning", query.Filter{}, 0, "[0-10 of a, at 1] 2 3 5 6 8 9 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 "},
		{"of all, within", query.Filter{}, 8, "[8-10 of a, at 8] 9 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 "},
		{"of all, after the last", query.Filter{}, 10, count(11, 30)},
		{"of the feed", a, 0, "[0-10 of a, at 10] 13 16 19 22 25 28 "},
		{"of the feed, right before the last", a, 9, "[9-10 of a, at 10] 13 16 19 22 25 28 "},
		{"of the feed, after the last", a, 10, "13 16 19 22 25 28 "},
		{"of another feed", b, 0, "2 3 5 6 8 9 11 12 14 15 17 18 20 21 23 24 26 27 29 30 "},
	} {
		h := New(Config{History: history, Head: 30})
		for _, limit := range []int{1, 20, 1000} { // the later ones find the ring filled
			r := h.Read(row.f, numbers, row.after)
			if got := told(t, r, 28, limit); !strings.HasPrefix(row.want, got) || len(got) < len(row.want)-6 {
				t.Errorf("%s, by %d bytes:\ngot  %s\nwant %s", row.rule, limit, got, row.want)
			}
			r.Close()
		}
	}
}

func TestAReaderIsToldWhatIsTrimmedWhileItReads(t *testing.T) {
	history := interleaved(30_000)
	h := New(Config{History: history, Head: 30_000})
	for range maxAhead { // others read ahead, so that this one reads when it is asked
		h.aheads <- struct{}{}
	}
	r := h.Read(query.Filter{}, numbers, 0)
	defer r.Close()
	first := told(t, r, 6, 12)
	if first != count(1, 6) {
		t.Fatalf("before: %s", first)
	}
	for _, row := range []struct {
		feed string
		to   uint64
		want string
	}{
		{"a", 100, "[%d-100 of a,"},
		{"a", 20_000, "[100-20000 of a,"}, // what it knows isn't told again
		{"b", 15_000, "[%d-15000 of b,"},
		{"b", 29_000, "[%d-29000 of b,"},
	} {
		history.trim(row.feed, row.to)
		want := strings.ReplaceAll(row.want, "%d", fmt.Sprint(r.After()))
		if got := told(t, r, r.After()+1, 12); !strings.HasPrefix(got, want) {
			t.Errorf("%s to %d: got %s, want %s", row.feed, row.to, got, want)
		}
	}
	if got := told(t, r, 30_000, 1<<20); !strings.HasSuffix(got, count(29_001, 30_000)) || strings.Contains(got, "[") {
		t.Errorf("the rest: %.60s", got)
	}
}

func TestWhatIsInMemoryIsNoGapUntilItIsForgotten(t *testing.T) {
	history := &log{}
	h := New(Config{History: history})
	keep := h.Read(query.Filter{}, numbers, 0)
	defer keep.Close()
	h.Publish(history.add("a", 10))
	history.trim("a", 8)
	r := h.Read(query.Filter{}, numbers, 2)
	defer r.Close()
	if got := told(t, r, 10, 1000); got != count(3, 10) {
		t.Errorf("in memory: %s", got)
	}
	h.Forget()
	if got := told(t, keep, 10, 1000); got != "[0-8 of a, at 8] 9 10 " {
		t.Errorf("forgotten: %s", got)
	}
	h.Publish(history.add("a", 1))
	if got := told(t, r, 11, 1000); got != "11 " {
		t.Errorf("live goes on: %s", got)
	}
}

// Whatever is trimmed and whenever, a reader gets each event, or is told that
// it may be missing, in order and once.
func TestNothingIsSkippedSilentlyHoweverHistoryIsTrimmed(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		history := interleaved(3000 + random.IntN(20_000))
		h := New(Config{History: history, Head: uint64(len(history.events)), Ring: segmentBytes << random.IntN(3)})
		var mu sync.Mutex
		trimming := rand.New(rand.NewPCG(seed, 2)) // guarded by mu
		history.onRead = func() {                  // while readers read
			mu.Lock()
			defer mu.Unlock()
			feed := []string{"a", "b"}[trimming.IntN(2)]
			if at := history.trimmed[feed]; trimming.IntN(3) == 0 {
				history.trim(feed, min(at+trimming.Uint64N(1500), uint64(len(history.events))))
			}
		}
		const more = 4000
		total := uint64(len(history.events) + more)
		var readers sync.WaitGroup
		for _, f := range []query.Filter{{}, query.New([]string{"a"}, nil), query.New([]string{"b"}, nil)} {
			for range 2 {
				r := h.Read(f, numbers, random.Uint64N(total-more))
				readers.Go(func() {
					defer r.Close()
					follow(t, history, r, total)
				})
			}
		}
		for range more / 20 {
			feed := []string{"a", "b"}[random.IntN(2)]
			h.Publish(history.add(feed, 20))
		}
		h.Publish(history.add("a", 1))
		h.Publish(history.add("b", 1))
		readers.Wait()
	}
}

// follow reads up to about a seq and checks that nothing is left out silently.
func follow(t *testing.T, history *log, r *Reader, upTo uint64) {
	have, covered, after := r.After(), map[string]uint64{}, uint64(0)
	for have < upTo {
		frames, err := r.Next(t.Context(), 700)
		if err != nil {
			t.Error(err)
			return
		}
		if g := frames.Gap; g != nil {
			for _, feed := range g.Feeds {
				covered[feed] = max(covered[feed], g.To)
			}
			if g.After < after || g.From > g.To {
				t.Errorf("after %d: a gap %+v", after, *g)
			}
		}
		for text := range strings.FieldsSeq(string(frames.Bytes)) {
			var seq uint64
			_, _ = fmt.Sscan(text, &seq) // ours
			if seq <= have {
				t.Errorf("%d comes after %d", seq, have)
				return
			}
			history.mu.Lock()
			for i := have + 1; i < seq; i++ {
				if e := &history.events[i-1]; r.stream.filter.Match(e) && i > covered[e.Feed] {
					t.Errorf("%d of %s is left out silently", i, e.Feed)
					history.mu.Unlock()
					return
				}
			}
			history.mu.Unlock()
			have = seq
		}
		after = r.After()
	}
}
