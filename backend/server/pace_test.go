package server

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
