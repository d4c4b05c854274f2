package mapping

import (
	"os"
	"testing"

	"tickertape/backend/event"
)

// BenchmarkMap maps a recent change of a wiki, the largest of the events that
// come fast: 40 members, five levels.
func BenchmarkMap(b *testing.B) {
	data, err := os.ReadFile("testdata/recentchange.json")
	if err != nil {
		b.Fatal(err)
	}
	for name, m := range map[string]Mapping{
		"guesses": {},
		"paths":   {ID: "meta.id", Key: "wiki", Title: "title", Text: "comment", URL: "notify_url", Time: "meta.dt"},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				m.Map("f", event.Raw{Data: data})
			}
		})
	}
}
