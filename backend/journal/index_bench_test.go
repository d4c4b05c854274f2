package journal

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/backend/event"
)

// BenchmarkIndex indexes JSON events of about 400 B whose text is in their
// payload, as it mostly is.
func BenchmarkIndex(b *testing.B) {
	const n = 10_000
	words := strings.Fields(strings.Repeat("market opens higher as traders weigh fresh data from asia while oil slips and bonds rally on hopes of lower rates ", 4))
	events := make([]event.Event, n)
	for i := range events {
		text := fmt.Sprint(i*7919%100_003, " ", strings.Join(words[i%20:i%20+38], " "), " ", i%997)
		events[i] = event.Event{
			Feed: "f", Type: "message", JSON: true, Text: text, ReceivedAt: time.Unix(int64(i), 0),
			Data: fmt.Appendf(nil, `{"symbol":"S%d","price":%d.%02d,"user":{"id":%d,"name":"u%d"},"text":"%s"}`, i%500, i%1000, i%100, i*31, i%10_000, text),
		}
	}
	path := filepath.Join(b.TempDir(), "journal.db")
	r := start(b, path)
	r.append(b, Batch{Events: events})
	r.stop()
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		j, err := Open(b.Context(), Config{Path: path, Committed: func([]event.Event) {}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		for _, statement := range []string{`DELETE FROM words`, `UPDATE meta SET value = 0 WHERE name = 'upTo'`} {
			if err := j.index.db.exec(statement); err != nil {
				b.Fatal(err)
			}
		}
		j.index.upTo.Store(0)
		b.StartTimer()
		for j.index.upTo.Load() < n {
			if err := j.indexPage(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
}
