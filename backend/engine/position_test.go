package engine

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/mapping"
	"tickertape/backend/source"
)

// positions is a stream whose ids are times, three events at each, as
// Wikimedia's are. Each connection is cut after five events, the next one
// resumes at the place that the client names: what stands there comes again.
func positions(total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		const together = 3
		next := 0
		_, _ = fmt.Sscanf(r.Header.Get("Last-Event-ID"), `[{"timestamp":%d}]`, &next)
		w.Header().Set("Content-Type", "text/event-stream")
		for n := next * together; n < min(next*together+5, total); n++ {
			fmt.Fprintf(w, "id: [{\"timestamp\":%d}]\ndata: {\"n\":%d}\n\n", n/together, n)
		}
		_ = http.NewResponseController(w).Flush()
		if next*together+5 >= total {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}
}

func TestEventsThatShareAnIDAreAllStoredOnceAndReviseNothing(t *testing.T) {
	const total = 60
	synctest.Test(t, func(t *testing.T) {
		w := startWay(t, t.TempDir(), serveOnPipes(t, positions(total)), up(source.KindSSE, "/", source.Feed{}, mapping.Mapping{}))
		<-time.After(2 * time.Hour)
		synctest.Wait()
		stored := w.stored(t, "up")
		for n, e := range stored {
			if want := fmt.Sprintf(`{"n":%d}`, n); string(e.Data) != want || e.Revises != 0 || e.SourceID != fmt.Sprintf(`[{"timestamp":%d}]`, n/3) {
				t.Fatalf("event %d is %s, id %s, revises %d", n, e.Data, e.SourceID, e.Revises)
			}
		}
		if counts := w.health("up").Counts; len(stored) != total || counts.Revised != 0 || counts.Duplicates == 0 {
			t.Errorf("%d events of %d, %+v", len(stored), total, counts)
		}
	})
}
