package source

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnEventWithoutAnEndIsNamedAtOnceAndEndsTheConnection(t *testing.T) {
	part := strings.Repeat("and so on ", 4000)
	endless := func(contentType, start, part string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, err := fmt.Fprint(w, start)
			for err == nil {
				_, err = fmt.Fprint(w, part)
			}
		}
	}
	for name, tt := range map[string]struct {
		kind    string
		handler http.HandlerFunc
		bad     int64
	}{
		"a line of JSON":          {KindNDJSON, endless("application/x-ndjson", `{"text":"`, part), 1},
		"a line of an event":      {KindSSE, endless("text/event-stream", "data: x\n\ndata: ", part), 1},
		"many lines of an event":  {KindSSE, endless("text/event-stream", "data: x\n\n", "data: "+part+"\n"), 1},
		"a line of no known name": {KindSSE, endless("text/event-stream", "", part), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			net, _ := world(t, map[string]http.Handler{"a.example": tt.handler})
			f := pollFeed(tt.kind, "http://a.example/")
			f.MaxEvent = 50_000
			s, _ := superviseIn(t, net, f)
			advance(time.Minute)
			synctest.Wait()
			h := s.Health()[0]
			if h.State != Retrying || !strings.Contains(h.Cause, "the end of an event doesn't come") || time.Until(h.NextAttempt) < 30*time.Second {
				t.Errorf("%s: %s %q, next attempt in %v", name, h.State, h.Cause, time.Until(h.NextAttempt))
			}
			if h.Counts.Bad != tt.bad || h.Counts.Bytes > 4<<20 {
				t.Errorf("%s: %+v: %v", name, h.Counts, s.Bad("x"))
			}
		})
	}
}
