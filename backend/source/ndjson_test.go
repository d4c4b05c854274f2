package source

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNDJSONResumesByItsCursorWhereverItIsCut(t *testing.T) {
	const total = 40
	cut := 0
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next, _ := strconv.Atoi(r.URL.Query().Get("since"))
		var all strings.Builder
		for i := next + 1; i <= total; i++ {
			fmt.Fprintf(&all, "\n{\"id\":%d,\"message\":\"event %d\"}\n", i, i)
		}
		cut += 7 // everywhere in a line
		fmt.Fprint(w, all.String()[:min(150+cut, all.Len())])
		w.(http.Flusher).Flush()
		if next >= total {
			<-r.Context().Done()
		}
		if cut%2 == 0 {
			panic(http.ErrAbortHandler)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		net, _ := world(t, map[string]http.Handler{"a.example": handler})
		f := pollFeed(KindNDJSON, "http://a.example/json?since={{cursor}}")
		f.Cursor.Path = "id"
		s, into := superviseIn(t, net, f)
		advance(time.Hour)
		synctest.Wait()
		var want []string
		for i := range total {
			want = append(want, fmt.Sprintf(`{"id":%d,"message":"event %d"}`, i+1, i+1))
		}
		diff(t, "events", want, into.texts())
		if h := s.Health()[0]; h.Counts.Bad != 0 {
			t.Errorf("%d bad: %+v", h.Counts.Bad, s.Bad("x"))
		}
	})
}

func TestNDJSONSkipsWhatItCannotUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := "\n\x1e{\"a\":1}\r\n \nnot JSON\n\"" + strings.Repeat("x", 40<<10) + "\"\n{\"type\":\"ping\"}\n{\"a\":2}\nundefined\n{\"a\":3}"
		f := pollFeed(KindNDJSON, "http://a.example/json")
		f.MaxEvent, f.Heartbeat = 1024, "type=ping"
		s, into, _ := polling(t, f, time.Second/2, say(body, "Content-Type", "application/x-ndjson"))
		diff(t, "events", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}, into.texts())
		var reasons []string
		for _, bad := range s.Bad("x") {
			reasons = append(reasons, bad.Reason)
		}
		diff(t, "bad", []string{"A line is not JSON.", "A line has more than 1024 bytes.", "A line is not JSON."}, reasons)
		if h := s.Health()[0]; h.State != Retrying || h.Cause != "The server ended the stream." {
			t.Errorf("%s: %s", h.State, h.Cause)
		}
	})
}

func TestHalfANumberIsNoEvent(t *testing.T) {
	for name, abort := range map[string]bool{"cut": true, "ended": false} {
		synctest.Test(t, func(t *testing.T) {
			_, into, _ := polling(t, pollFeed(KindNDJSON, "http://a.example/json"), time.Second/2, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "12\n34")
				w.(http.Flusher).Flush()
				if abort {
					panic(http.ErrAbortHandler)
				}
			})
			diff(t, name, []string{"12"}, into.texts())
		})
	}
}

func TestWhatIsNotNDJSONIsExplained(t *testing.T) {
	for contentType, sentence := range map[string]string{
		"text/html": "web page", "text/event-stream": "choose the kind sse", "application/rss+xml": "application/rss+xml",
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _, _ := polling(t, pollFeed(KindNDJSON, "http://a.example/"), 0, say("x", "Content-Type", contentType))
			if h := s.Health()[0]; h.State != Failed || !strings.Contains(h.Cause, sentence) {
				t.Errorf("%s: %s %q", contentType, h.State, h.Cause)
			}
		})
	}
}

func FuzzLinesAreThoseOfTheStream(f *testing.F) {
	f.Add([]byte("a\nbb\r\n\nccc"), 3)
	f.Add([]byte(strings.Repeat("x", 100)+"\ny"), 20)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		limit = 1 + limit&63
		lines := lineReader{in: bufio.NewReaderSize(bytes.NewReader(data), 16), limit: limit}
		for want := range bytes.SplitSeq(data, []byte("\n")) {
			line, over, err := lines.next()
			if over != (len(bytes.TrimRight(want, "\r")) > limit) {
				t.Fatalf("%q: too long %v, limit %d", want, over, limit)
			}
			if !over && !bytes.Equal(line, want) {
				t.Fatalf("got %q, want %q", line, want)
			}
			if err != nil {
				break
			}
		}
	})
}
