package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickertape/backend/sse"
)

// flow appends numbered events of feed a in bursts of random sizes.
func (r *rig) flow(t *testing.T, from, to int) {
	for from <= to {
		burst := min(1+rand.IntN(60), to-from+1)
		r.hand(t, count("a", from, from+burst-1))
		from += burst
	}
}

// numbersIn are the numbers of the events in a frame of any format.
func numbersIn(t *testing.T, data string) (numbers []int) {
	var page struct {
		Events []struct{ Text string }
		Text   string
	}
	if strings.HasPrefix(data, "{") {
		must(t, json.Unmarshal([]byte(data), &page))
	} else {
		page.Text = data
	}
	texts := []string{page.Text}
	if page.Events != nil {
		texts = nil
		for _, e := range page.Events {
			texts = append(texts, e.Text)
		}
	}
	for _, text := range texts {
		var n int
		_, err := fmt.Sscanf(text, "a %d", &n)
		must(t, err)
		numbers = append(numbers, n)
	}
	return numbers
}

// watcher is a client that is cut off again and again and always resumes.
type watcher struct {
	query  string
	most   int64 // bytes that a connection lives
	lastID string
	seen   []int
	cuts   int
}

// watch makes one connection, which breaks after a random number of bytes.
func (w *watcher) watch(t *testing.T, r *rig, upTo int) {
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.frontURL()+"/event_stream?"+w.query, http.NoBody)
	must(t, err)
	request.Header.Set("Last-Event-ID", w.lastID)
	response, err := r.client.Do(request)
	must(t, err)
	defer response.Body.Close()
	w.cuts++
	short := io.LimitReader(response.Body, 100+rand.Int64N(w.most))
	decoder := sse.NewDecoder(short, sse.DecoderConfig{LastEventID: w.lastID})
	for len(w.seen) == 0 || w.seen[len(w.seen)-1] < upTo {
		e, err := decoder.Next()
		if err != nil {
			return // cut, in the middle of something
		}
		if e.Type == "gap" {
			t.Errorf("%s: a gap: %s", w.query, e.Data)
		}
		w.seen = append(w.seen, numbersIn(t, e.Data)...)
		w.lastID = e.LastEventID
	}
}

func TestAReaderWhoIsCutOffResumesWithoutGapOrRepeat(t *testing.T) {
	const before, total = 500, 3000
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, before)...)
	var all sync.WaitGroup
	for query, most := range map[string]int64{
		"format=raw": 8 << 10, "type=message": 8 << 10, "format=json": 32 << 10,
		"format=json&batch=1": 128 << 10, "format=json&batch=16&feed=a": 128 << 10,
	} {
		all.Go(func() {
			w := &watcher{query: query, most: most, lastID: r.id(0)}
			for len(w.seen) == 0 || w.seen[len(w.seen)-1] < total {
				w.watch(t, r, total)
			}
			for i, n := range w.seen {
				if want := 1 + i; n != want {
					t.Errorf("%s: after %d cuts, event %d where %d should be", query, w.cuts, n, want)
					return
				}
			}
			if w.cuts < 3 {
				t.Errorf("%s: cut only %d times", query, w.cuts)
			}
		})
	}
	r.flow(t, before+1, total)
	all.Wait()
}

func TestHistoryHandsOverToTheStreamWithoutGapOrRepeat(t *testing.T) {
	const total = 1500
	r := build{feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	var writer sync.WaitGroup
	writer.Go(func() { r.flow(t, 2, total) })
	for newest := 0; newest < total; {
		var page struct{ Events []struct{ ID, Text string } }
		r.get(t, ask{path: "/events?limit=1"}, &page)
		newest = numbersIn(t, page.Events[0].Text)[0]
		if newest == total {
			break
		}
		// What history has shown, a stream knows: no gap, and nothing twice.
		stream := r.read(t, ask{path: "/event_stream", header: map[string]string{"Last-Event-ID": page.Events[0].ID}})
		if e := stream.next(t); e.Type == "gap" || numbersIn(t, e.Data)[0] != newest+1 {
			t.Errorf("after %d came %+v", newest, e)
		}
		stream.Close()
	}
	writer.Wait()
}

func TestStreamsEndBetweenTwoEventsWhenTheDoorCloses(t *testing.T) {
	r := build{window: true, feeds: paused("a")}.run(t)
	r.add(t, count("a", 1, 1)...)
	var streams []*reading
	for _, query := range []string{"", "&format=json", "&format=json&batch=1", "&format=json&batch=1&status=1"} {
		streams = append(streams, r.open(t, ask{path: "/event_stream?last=1" + query}), r.open(t, ask{private: true, path: "/event_stream?last=1" + query}))
	}
	flowing, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for i := 2; flowing.Err() == nil; i += 10 {
			r.add(t, count("a", i, i+9)...) //nolint:contextcheck // what was begun is finished
		}
	})
	begun := make(chan struct{}, len(streams))
	for _, stream := range streams {
		all.Go(func() {
			head := make([]byte, 20_000)
			_, err := io.ReadFull(stream, head)
			begun <- struct{}{}
			rest, restErr := io.ReadAll(stream)
			if err != nil || restErr != nil {
				t.Errorf("cut: %v, %v", err, restErr)
			}
			if all := slices.Concat(head, rest); !bytes.HasSuffix(all, []byte("\n\n")) {
				t.Errorf("ends inside an event: …%q", all[len(all)-60:])
			}
		})
	}
	for range streams {
		<-begun
	}
	at := time.Now()
	r.Close()
	if took := time.Since(at); took > drainTime {
		t.Errorf("closing took %s", took)
	}
	stop()
	all.Wait()
	if r.Front() != (DoorState{State: DoorClosed}) {
		t.Errorf("the door is %+v", r.Front())
	}
}
