package server

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/hub"
	"tickertape/backend/settings"
	"tickertape/backend/sse"
)

// advance lets the bubble's clock run.
func advance(d time.Duration) { <-time.After(d) }

// arrival is a frame, and when it came after the start of its recording.
type arrival struct {
	at   time.Duration
	what string
}

// arrivals reads a stream for a while, and the names of what comes.
func arrivals(t *testing.T, body io.ReadCloser, d time.Duration) (got []arrival) {
	t.Helper()
	began := time.Now()
	end := time.AfterFunc(d, func() { body.Close() })
	defer end.Stop()
	comment := func(b []byte) {
		got = append(got, arrival{time.Since(began).Round(time.Millisecond), "comment " + string(b)})
	}
	for decoder := sse.NewDecoder(body, sse.DecoderConfig{Comment: comment}); ; {
		e, err := decoder.Next()
		if err != nil {
			return got
		}
		got = append(got, arrival{time.Since(began).Round(time.Millisecond), strings.TrimSpace(e.Type + " " + e.Data)})
	}
}

func TestAnIdleStreamShowsThatItLivesEach15Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes()}.run(t)
		for query, beat := range map[string]string{
			"": "comment ", "?format=json": "heartbeat {}", "?format=json&batch=16": "heartbeat {}",
		} {
			stream := r.open(t, ask{path: "/event_stream" + query})
			advance(time.Millisecond)
			time.AfterFunc(20*time.Second, func() { r.hand(t, count("a", 1, 1)) })
			got := arrivals(t, stream, 55*time.Second)
			if len(got) != 5 {
				t.Fatalf("%q: %v", query, got)
			}
			diff(t, query, "comment Tickertape", got[0].what)
			for i, at := range []time.Duration{1: 15, 2: 20, 3: 35, 4: 50} { // 15 s after the last write
				if i == 0 {
					continue
				}
				if i != 2 && got[i].what != beat || (got[i].at-at*time.Second).Abs() > 10*time.Millisecond {
					t.Errorf("%q: %v, want %q after %d s", query, got[i], beat, at)
				}
			}
		}
	})
}

func TestStatusComesAtOnceAndOnEachChangeAndEachSecondWhileCountsDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feeds := `{"id": "clock", "name": "Clock", "kind": "clock", "interval": "200ms", "color": 3}`
		r := build{feeds: feeds, pipes: newPipes()}.run(t)
		stream := r.open(t, ask{path: "/event_stream?format=json&status=1"})
		time.AfterFunc(10250*time.Millisecond, func() { r.change(t, func(f *settings.Feed) { f.Paused = true }) })
		var statuses, beats []time.Duration
		var last statusFrame
		for _, a := range arrivals(t, stream, 110*time.Second) {
			data, isStatus := strings.CutPrefix(a.what, "status ")
			if a.what == "heartbeat {}" {
				beats = append(beats, a.at)
			}
			if !isStatus {
				continue
			}
			statuses = append(statuses, a.at)
			last = statusFrame{}
			must(t, json.Unmarshal([]byte(data), &last))
		}
		if statuses[0] != 0 {
			t.Errorf("the first status came after %s", statuses[0])
		}
		// 10 s of counting, and then a minute in which the rate falls.
		if n := len(statuses); n < 60 || n > 80 {
			t.Errorf("%d statuses", n)
		}
		atOnce := false
		for _, at := range statuses {
			atOnce = atOnce || at == 10250*time.Millisecond
		}
		if !atOnce {
			t.Errorf("no status when the state changed: %v", statuses)
		}
		if n := statuses[len(statuses)-1]; n > 75*time.Second {
			t.Errorf("a status %s after the start, when nothing changes any more", n)
		}
		if len(beats) != 2 {
			t.Errorf("heartbeats at %v, want two in the half minute of silence at the end", beats)
		}
		if f := last.Feeds[0]; len(last.Feeds) != 1 || f["state"] != "paused" || f["color"] != 3.0 || f["rate"] != 0.0 || last.Settings < 2 {
			t.Errorf("last: %+v", last)
		}
	})
}

func TestAStreamThatIsNeverIdleHasItsStatusAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feeds := `{"id": "clock", "name": "Clock", "kind": "clock", "interval": "100ms"}`
		r := build{feeds: feeds, pipes: newPipes()}.run(t)
		stream := r.open(t, ask{path: "/event_stream?format=json&batch=500&status=1"})
		events, statuses := 0, 0
		for _, a := range arrivals(t, stream, 20*time.Second) {
			if strings.HasPrefix(a.what, "status ") {
				statuses++
			}
			events += strings.Count(a.what, `"seq":`)
		}
		if statuses < 15 || statuses > 25 || events < 180 {
			t.Errorf("%d statuses and %d events in 20 s", statuses, events)
		}
	})
}

type statusFrame struct {
	Feeds    []map[string]any
	Settings int
}

func TestAReaderWhoNeverReadsDelaysNobodyAndIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes()}.run(t)
		for range 3 {
			conn, err := r.pipes.dial(t.Context())
			must(t, err)
			t.Cleanup(func() { conn.Close() })
			fmt.Fprintf(conn, "GET /event_stream HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n")
		}
		reader := r.read(t, ask{path: "/event_stream"})
		began := time.Now()
		for i := range 100 {
			r.add(t, count("a", i, i)...)
			if e := reader.next(t); e.Data != fmt.Sprintf("a %d", i) {
				t.Fatalf("%+v", e)
			}
		}
		if took := time.Since(began); took > 100*coalesce {
			t.Errorf("100 events took %s", took)
		}
		synctest.Wait()
		if n := r.streams.Load(); n != 4 {
			t.Errorf("%d streams are open, want 4", n)
		}
		advance(writeTimeout)
		synctest.Wait()
		if n := r.streams.Load(); n != 1 {
			t.Errorf("after %s %d streams are open, want 1", writeTimeout, n)
		}
	})
}

func TestADoorClosesWithinTheDrainTimeWhateverItsReadersDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes()}.run(t)
		conn, err := r.pipes.dial(t.Context()) // one who never reads
		must(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "GET /event_stream HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n")
		half, err := r.pipes.dial(t.Context()) // and one who never ends his request
		must(t, err)
		defer half.Close()
		fmt.Fprintf(half, "GET /feeds HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n")
		synctest.Wait()
		began := time.Now()
		r.Close()
		if took := time.Since(began); took > drainTime {
			t.Errorf("closing took %s", took)
		}
		if n := r.streams.Load(); n != 0 {
			t.Errorf("%d streams are open: Close must wait for their goroutines", n)
		}
	})
}

func TestAnAnswerThatNobodyTakesIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes()}.run(t)
		r.add(t, count("a", 1, 1000)...)
		conn, err := r.pipes.dial(t.Context())
		must(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "GET /events?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n")
		advance(writeTimeout + time.Second)
		got, _ := io.ReadAll(conn) // what net/http had in its buffers
		if strings.Contains(string(got), "a 1\"") {
			t.Errorf("all of it is still there after %s", writeTimeout)
		}
	})
}

// pacedFrame is a frame of a paced stream.
type pacedFrame struct {
	Left   map[string]int
	Events []struct {
		Feed string
		Seq  int
	}
	Next string
}

func TestAPacedStreamSendsTheNewestAndCountsTheRest(t *testing.T) {
	r := build{feeds: paused("a", "b")}.run(t)
	r.add(t, append(count("a", 1, 900), count("b", 901, 1200)...)...)
	stream := r.read(t, ask{path: "/event_stream?format=json&batch=1&most=50&after=" + r.id(0)})
	seen, total := 0, map[string]int{}
	for seen < 1200 {
		var f pacedFrame
		must(t, json.Unmarshal([]byte(stream.next(t).Data), &f))
		if len(f.Events) == 0 || len(f.Events) > 50 {
			t.Fatalf("%d events in a frame", len(f.Events))
		}
		for feed, n := range f.Left {
			seen += n
			total[feed] += n
		}
		for _, e := range f.Events { // what was left out came before them
			if seen++; e.Seq != seen {
				t.Fatalf("event %d comes as number %d", e.Seq, seen)
			}
			total[e.Feed]++
		}
		if f.Next != r.id(uint64(seen)) {
			t.Errorf("%s follows %d events", f.Next, seen)
		}
	}
	if total["a"] != 900 || total["b"] != 300 || len(total) != 2 {
		t.Errorf("of each feed: %v", total)
	}
}

func TestALargeEventIsSentOnAPacedStream(t *testing.T) {
	g := gathered{most: 5, max: 10, left: map[string]int{}}
	line := func(feed string, size int) string {
		return `{"id":"e-1","seq":1,"feed":"` + feed + `","x":"` + strings.Repeat("x", size) + "\"}\n"
	}
	g.take(hub.Frames{Bytes: []byte(line("a", 1) + line("b", 100)), Last: 2})
	g.take(hub.Frames{Bytes: []byte(line("c", 5000)), Last: 3})
	if len(g.lines) != 1 || len(g.lines[0]) < 5000 || g.left["a"] != 1 || g.left["b"] != 1 || g.last != 3 {
		t.Errorf("%d lines, left %v, last %d", len(g.lines), g.left, g.last)
	}
}

func TestAPacedStreamIsNeverFasterThanItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build{feeds: paused("a"), pipes: newPipes()}.run(t)
		stream := r.open(t, ask{path: "/event_stream?format=json&batch=500&most=10"})
		advance(time.Millisecond)
		go func() {
			for i := range 40 {
				r.hand(t, count("a", 10*i+1, 10*i+10))
				advance(50 * time.Millisecond)
			}
		}()
		var last time.Duration
		events := 0
		for _, a := range arrivals(t, stream, 5*time.Second) {
			_, data, _ := strings.Cut(a.what, " ")
			var f pacedFrame
			if json.Unmarshal([]byte(data), &f) != nil || len(f.Events) == 0 {
				continue
			}
			if events > 0 && a.at-last < 500*time.Millisecond {
				t.Errorf("a frame after %v", a.at-last)
			}
			last = a.at
			events += len(f.Events) + f.Left["a"]
		}
		if events != 400 {
			t.Errorf("%d of 400 events are accounted for", events)
		}
	})
}
