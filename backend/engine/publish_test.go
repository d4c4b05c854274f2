package engine

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tickertape/backend/mapping"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// publishable is an engine with one feed, "up", of kind push, and a token to
// publish to it.
func publishable(t testing.TB, mapped mapping.Mapping) (e *Engine, token string) {
	t.Helper()
	dataDir := t.TempDir()
	change(t, dataDir, func(next *settings.Settings) (err error) {
		next.Feeds = nil // without the clock
		if _, err = next.Add(settings.Feed{Mapping: mapped, Feed: source.Feed{Name: "Up", Kind: source.KindPush}}); err == nil {
			token, _, err = next.AddToken("test", settings.ScopePublish, time.Now())
		}
		return err
	})
	e, _ = start(t, dataDir)
	return e, token
}

// publish sends lines to the feed.
func publish(t testing.TB, e *Engine, token string, lines io.Reader) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.Front().URL+"feeds/up/events", lines)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusAccepted {
		t.Fatalf("%d %s, %v", response.StatusCode, answer, err)
	}
	return string(answer)
}

func TestWhatIsPublishedIsReadInItsOrder(t *testing.T) {
	const total = 5000
	e, token := publishable(t, mapping.Mapping{})
	var lines bytes.Buffer
	for i := 1; i <= total; i++ {
		fmt.Fprintf(&lines, "{\"n\":%d}\n", i)
	}
	answer := publish(t, e, token, &lines)
	id := func(seq int) string { return fmt.Sprintf("%s-%d", e.journal.Epoch(), seq) }
	if want := fmt.Sprintf(`{"id":%q,"first":%q,"last":%q,"count":%d,"duplicates":0}`+"\n", id(total), id(1), id(total), total); answer != want {
		t.Errorf("answer %s, want %s", answer, want)
	}
	for i, got := range read(t, e, id(0), total) {
		if want := fmt.Sprintf(`{"n":%d}`, i+1); got.Data != want || got.LastEventID != id(i+1) {
			t.Fatalf("event %d is %s %s, want %s", i+1, got.LastEventID, got.Data, want)
		}
	}
}

func TestLinesWithIDsOfTheirOwnAreStoredOnce(t *testing.T) {
	e, token := publishable(t, mapping.Mapping{ID: "id"})
	publish(t, e, token, strings.NewReader(`{"id":1}`+"\n"+`{"id":2}`+"\n"))
	answer := publish(t, e, token, strings.NewReader(`{"id":2}`+"\n"+`{"id":1}`+"\n"))
	if want := fmt.Sprintf(`{"id":"%s-1","count":0,"duplicates":2}`+"\n", e.journal.Epoch()); answer != want {
		t.Errorf("answer %s, want %s", answer, want)
	}
	if head, counts := e.journal.Head(), e.feeds.Health()[0].Counts; head != 2 || counts.Received != 4 || counts.Duplicates != 2 {
		t.Errorf("%d events, counts %+v", head, counts)
	}
}

// BenchmarkPublish is one request with a line of 200 bytes each time round,
// until all of them are durable.
func BenchmarkPublish(b *testing.B) {
	e, token := publishable(b, mapping.Mapping{})
	line := append(fmt.Appendf(nil, `{"pad":"%0189d"}`, 0), '\n')
	lines, feed := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		publish(b, e, token, lines)
	}()
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	block := bytes.Repeat(line, 320) // 64 KiB
	pending := 0
	for b.Loop() {
		if pending++; pending == 320 {
			if _, err := feed.Write(block); err != nil {
				b.Fatal(err)
			}
			pending = 0
		}
	}
	_, _ = feed.Write(block[:pending*len(line)])
	_ = feed.Close()
	<-done
}
