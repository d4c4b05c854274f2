package source

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFeedThatCannotResumeSaysWhereEventsMayBeMissing(t *testing.T) {
	// An event each second, for ten seconds, then the end.
	stream := func(id string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 10 {
				fmt.Fprintf(w, "%sdata: %d\n\n", id, i)
				w.(http.Flusher).Flush()
				select {
				case <-time.After(time.Second):
				case <-r.Context().Done():
					return
				}
			}
		}
	}
	for name, gaps := range map[string]int64{"without.example": 2, "with.example": 0} {
		synctest.Test(t, func(t *testing.T) {
			net, _ := world(t, map[string]http.Handler{"without.example": stream(""), "with.example": stream("id: 7\n")})
			s, _ := superviseIn(t, net, sseFeed("http://"+name+"/"))
			advance(25 * time.Second) // two breaks
			synctest.Wait()
			if h := s.Health()[0]; h.Counts.Gaps != gaps {
				t.Errorf("%s: %d gaps, want %d: %v", name, h.Counts.Gaps, gaps, s.Log("x"))
			}
			said := 0
			for _, change := range s.Log("x") {
				if change.State == Live && strings.Contains(change.Cause, "can't resume: events between ") {
					said++
				}
			}
			if said != int(gaps) {
				t.Errorf("%s: the log says it %d times: %v", name, said, s.Log("x"))
			}
			changed := sseFeed("http://" + name + "/")
			changed.UserAgent = "another"
			s.Set([]Feed{changed})
			synctest.Wait()
			if h := s.Health()[0]; h.Counts.Gaps != min(2*gaps, gaps+1) {
				t.Errorf("%s: %d gaps after a restart of the feed: %v", name, h.Counts.Gaps, s.Log("x"))
			}
		})
	}
}
