package source

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsGotOverIsCountedAndNamedOnce(t *testing.T) {
	stream := func(event string, pieces bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 3 {
				for i := range len(event) {
					fmt.Fprint(w, event[i:i+1])
					if pieces {
						w.(http.Flusher).Flush()
					}
				}
			}
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}
	const bomb = `<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><guid>%d</guid><title>&a;</title></item></channel></rss>`
	for name, tt := range map[string]struct {
		feed  Feed
		first http.HandlerFunc
		next  []http.HandlerFunc
		odd   int64
		says  string // "" for nothing
	}{
		"good":        {sseFeed("http://a.example/"), stream("id: 1\ndata: a \uFFFD\n\n", false), nil, 0, ""},
		"bytes":       {sseFeed("http://a.example/"), stream("data: a\xFF\n\n", false), nil, 3, "not UTF-8"},
		"ids":         {sseFeed("http://a.example/"), stream("id: 1\x00\ndata: a\n\n", false), nil, 3, "a NUL into ids"},
		"pieces":      {sseFeed("http://a.example/"), stream("data: "+strings.Repeat("a", 40)+"\n\n", true), nil, 2, "very small pieces"},
		"slow":        {sseFeed("http://a.example/"), slowly("data: " + strings.Repeat("a", 40)), nil, 0, ""},
		"signs":       {sseFeed("http://a.example/"), stream(strings.Repeat(":\n", 40)+"data: 1\n\n", true), nil, 0, ""},
		"lines":       {pollFeed(KindNDJSON, "http://a.example/"), stream(strings.Repeat("\n", 40)+"{}\n", true), nil, 0, ""},
		"line pieces": {pollFeed(KindNDJSON, "http://a.example/"), stream(`"`+strings.Repeat("a", 40)+"\"\n", true), nil, 2, "very small pieces"},
		"entities":    {pollFeed(KindRSS, "http://a.example/"), say(fmt.Sprintf(bomb, 1)), []http.HandlerFunc{say(fmt.Sprintf(bomb, 2))}, 2, "entities of its own"},
		"a list":      {pollFeed(KindPoll, "http://a.example/"), say("\"a\xFF\""), []http.HandlerFunc{say("\"b\xFF\"")}, 2, "not UTF-8"},
	} {
		synctest.Test(t, func(t *testing.T) {
			if tt.feed.Kind == KindNDJSON {
				lines := tt.first
				tt.first = func(w http.ResponseWriter, r *http.Request) { lines(plainType{w}, r) }
			}
			s, into, _ := polling(t, tt.feed, 5*time.Second, append([]http.HandlerFunc{tt.first}, tt.next...)...)
			said := 0
			for _, change := range s.Log("x") {
				if tt.says != "" && strings.Contains(change.Cause, tt.says) {
					said++
				}
			}
			if h := s.Health()[0]; h.Counts.Odd != tt.odd || said != min(int(tt.odd), 1) || h.Cause != "" || len(into.texts()) == 0 {
				t.Errorf("%s: %d odd, said %d times: %s %q, %v", name, h.Counts.Odd, said, h.State, h.Cause, s.Log("x"))
			}
		})
	}
}

// slowly sends bytes that are signs of life rather than pieces.
func slowly(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		for i := range len(text) {
			fmt.Fprint(w, text[i:i+1])
			w.(http.Flusher).Flush()
			select {
			case <-time.After(pieceWait + time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
		<-r.Context().Done()
	}
}

// plainType is an answer without the type of an event stream.
type plainType struct{ http.ResponseWriter }

func (w plainType) Write(p []byte) (int, error) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return w.ResponseWriter.Write(p)
}

func (w plainType) Flush() { w.ResponseWriter.(http.Flusher).Flush() }
