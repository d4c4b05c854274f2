package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// log is a history in memory.
type log struct {
	mu     sync.Mutex
	events []event.Event
	reads  int

	trimmed map[string]uint64 // by feed
	onRead  func()            // before each read, with the lock held
}

// trim removes the events of a feed up to a seq. The lock is held.
func (l *log) trim(feed string, upTo uint64) {
	if l.trimmed == nil {
		l.trimmed = map[string]uint64{}
	}
	l.trimmed[feed] = upTo
}

func (l *log) gone(e *event.Event) bool { return e.ID.Seq <= l.trimmed[e.Feed] }

func (l *log) read() {
	l.reads++
	if l.onRead != nil {
		l.onRead()
	}
}

func (l *log) Missing(f query.Filter, after, upTo uint64) map[string]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	missing := map[string]uint64{}
	for feed, to := range l.trimmed {
		if to > after && (len(f.Feeds) == 0 || slices.Contains(f.Feeds, feed)) {
			missing[feed] = min(to, upTo)
		}
	}
	return missing
}

func (l *log) add(feed string, n int) []event.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		l.events = append(l.events, event.Event{ID: event.ID{Epoch: "e", Seq: uint64(len(l.events) + 1)}, Feed: feed, Type: "message"})
	}
	return l.events[len(l.events)-n:]
}

// EachAfter gives what it lends to the next event when take is done with it, as
// the journal does.
func (l *log) EachAfter(_ context.Context, f query.Filter, after, upTo uint64, take func(*event.Event) (more bool)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read()
	var lent event.Event
	for i := int(after); i < min(int(upTo), len(l.events)); i++ { // event i has the seq i+1
		if lent = l.events[i]; f.Match(&lent) && !l.gone(&lent) && !take(&lent) {
			break
		}
	}
	return nil
}

func (l *log) ReadBack(_ context.Context, f query.Filter, after, upTo uint64, limit int) ([]event.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read()
	var out []event.Event
	for i := len(l.events) - 1; i >= 0; i-- {
		if e := &l.events[i]; e.ID.Seq > after && e.ID.Seq <= upTo && f.Match(e) && !l.gone(e) && len(out) < limit {
			out = append(out, *e)
		}
	}
	return out, nil
}

var numbers = Format{"numbers", func(dst []byte, e *event.Event) []byte { return fmt.Appendf(dst, "%d ", e.ID.Seq) }}

// read takes frames until the reader has everything up to seq.
func read(t *testing.T, r *Reader, upTo uint64, limit int) string {
	t.Helper()
	var got strings.Builder
	for r.After() < upTo {
		frames, err := r.Next(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(frames.Bytes)
	}
	return got.String()
}

func count(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "%d ", i)
	}
	return b.String()
}

func TestNextResumesWithoutGapOrRepeatWhereverTheReaderStands(t *testing.T) {
	history := &log{}
	history.add("a", 100) // before this hub began
	h := New(Config{History: history, Head: 100, Ring: 64 << 10})
	keep := h.Read(query.Filter{}, numbers, 100)
	defer keep.Close()
	h.Publish(history.add("a", 25_000)) // several times the ring
	for _, after := range []uint64{0, 50, 99, 100, 101, 20_000, 25_099, 25_100} {
		r := h.Read(query.Filter{}, numbers, after)
		if got, want := read(t, r, 25_100, 1000), count(int(after)+1, 25_100); got != want {
			t.Errorf("after %d: got %d bytes, want %d", after, len(got), len(want))
		}
		r.Close()
	}
	if reads := history.reads; reads == 0 {
		t.Error("the ring never ended: the test proves nothing")
	}
}

func TestReadersAreFedWhilePublishingRunsAndTheRingTurns(t *testing.T) {
	history := &log{}
	h := New(Config{History: history, Ring: 2 * segmentBytes})
	const total = 10_000
	var readers sync.WaitGroup
	for i := range 8 {
		f, format := query.Filter{}, numbers
		if i%2 == 1 {
			f = query.New([]string{"odd"}, nil)
		}
		r := h.Read(f, format, 0)
		readers.Go(func() {
			defer r.Close()
			var last uint64
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for last < total {
				frames, err := r.Next(t.Context(), 1+random.IntN(4000))
				if err != nil {
					t.Error(err)
					return
				}
				for field := range strings.FieldsSeq(string(frames.Bytes)) {
					var seq uint64
					if _, err := fmt.Sscan(field, &seq); err != nil {
						t.Error(err)
						return
					}
					step := uint64(1 + i%2) // the odd feed has every second event
					if seq != last+step {
						t.Errorf("reader %d: %d after %d", i, seq, last)
						return
					}
					last = seq
				}
				if frames.Last != last {
					t.Errorf("Last is %d, the frames end with %d", frames.Last, last)
				}
			}
		})
	}
	for i := 0; i < total; i += 2 {
		h.Publish(append(history.add("even", 1), history.add("odd", 1)...))
	}
	readers.Wait()
}

func TestEventsAreEncodedOnceForAllReadersOfAStream(t *testing.T) {
	encoded := 0
	format := Format{"counting", func(dst []byte, _ *event.Event) []byte { encoded++; return append(dst, 'x') }}
	history := &log{}
	h := New(Config{History: history})
	var readers []*Reader
	for range 100 {
		readers = append(readers, h.Read(query.New([]string{"a"}, nil), format, 0))
	}
	h.Publish(history.add("a", 3))
	h.Publish(history.add("b", 3)) // nobody wants these
	for _, r := range readers {
		if got := read(t, r, 3, 1000); got != "xxx" {
			t.Fatalf("got %q", got)
		}
		r.Close()
	}
	if encoded != 3 {
		t.Errorf("encoded %d times, want 3", encoded)
	}
}

func TestReadersWhoComeBackAtOnceReadTheJournalOnce(t *testing.T) {
	history := &log{}
	for range 1000 {
		history.add("a", 1)
		history.add("b", 1)
	}
	h := New(Config{History: history, Head: 2000})
	var readers sync.WaitGroup
	for i := range uint64(100) {
		r := h.Read(query.New([]string{"b"}, nil), numbers, 2000-10*i)
		readers.Go(func() {
			defer r.Close()
			var want strings.Builder
			for seq := 2000 - 10*i + 2; seq <= 2000; seq += 2 {
				fmt.Fprintf(&want, "%d ", seq)
			}
			if i == 0 {
				return // has everything
			}
			if got := read(t, r, 2000, 300); got != want.String() {
				t.Errorf("reader %d got %d bytes, want %d", i, len(got), want.Len())
			}
		})
	}
	readers.Wait()
	if reads := history.reads; reads > 3 { // the pages, each once
		t.Errorf("the journal was read %d times", reads)
	}
	h.Publish(history.add("b", 1)) // goes on top
	r := h.Read(query.New([]string{"b"}, nil), numbers, 1996)
	defer r.Close()
	if got := read(t, r, 2001, 300); got != "1998 2000 2001 " {
		t.Errorf("got %q", got)
	}
}

func TestFillTakesNoMoreThanHalfOfTheRingAndTheRestIsReadBySelf(t *testing.T) {
	history := &log{}
	history.add("a", 9000)
	h := New(Config{History: history, Head: 9000, Ring: 16 << 10})
	r := h.Read(query.Filter{}, numbers, 10)
	defer r.Close()
	if got, want := read(t, r, 9000, 1000), count(11, 9000); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	if _, room := r.stream.below(); room > 0 || room < -8<<10 {
		t.Errorf("room for %d bytes", room)
	}
}

func TestReadersWaitForWhatTheyWantAndEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history := &log{}
		h := New(Config{History: history})
		r := h.Read(query.New([]string{"a"}, nil), numbers, 7) // beyond the head
		defer r.Close()
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 1)
		next := func() {
			_, err := r.Next(ctx, 1000)
			got <- err
		}
		go next()
		synctest.Wait()
		h.Publish(history.add("b", 1))
		synctest.Wait()
		select {
		case <-got:
			t.Fatal("woken for an event of another feed")
		default:
		}
		h.Publish(history.add("a", 1))
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		go next()
		synctest.Wait()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("Next ended with %v", err)
		}
	})
}

func TestAStreamWithoutReadersIsDroppedAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history := &log{}
		h := New(Config{History: history})
		h.Read(query.Filter{}, numbers, 0).Close()
		h.Publish(history.add("a", 1))
		if len(h.streams) != 1 {
			t.Fatal("the stream didn't linger")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*linger)
		defer cancel()
		<-ctx.Done()
		h.Publish(history.add("a", 1))
		if len(h.streams) != 0 {
			t.Error("the stream is still there")
		}
	})
}

func TestAllRingsTogetherAreBoundedHoweverManySelectionsThereAre(t *testing.T) {
	history := &log{}
	h := New(Config{History: history})
	payload := strings.Repeat("x", 1000)
	format := Format{"x", func(dst []byte, _ *event.Event) []byte { return append(dst, payload...) }}
	const selections = 200
	for i := range selections {
		t.Cleanup(h.Read(query.New([]string{"a", fmt.Sprint("b", i)}, nil), format, 0).Close)
	}
	for range 2 * maxIdle { // and those whose reader has gone
		h.Read(query.New([]string{"a", fmt.Sprint("c", len(h.streams))}, nil), format, 0).Close()
	}
	for range 1000 {
		h.Publish(history.add("a", 1))
	}
	total := 0
	for _, s := range h.streams {
		total += s.size
	}
	if most := maxRings + len(h.streams)*(segmentBytes+len(payload)); total > most {
		t.Errorf("%d streams keep %d bytes, more than %d", len(h.streams), total, most)
	}
	if len(h.streams) > selections+maxIdle {
		t.Errorf("%d streams are kept", len(h.streams))
	}
}

func BenchmarkPublishAndRead(b *testing.B) {
	history := &log{}
	h := New(Config{History: history})
	payload := strings.Repeat("x", 200)
	format := Format{"x", func(dst []byte, _ *event.Event) []byte { return append(dst, payload...) }}
	r := h.Read(query.Filter{}, format, 0)
	defer r.Close()
	events := []event.Event{{Feed: "a"}}
	seq := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		events[0].ID.Seq = seq
		h.Publish(events)
		if _, err := r.Next(b.Context(), 64<<10); err != nil {
			b.Fatal(err)
		}
	}
}
