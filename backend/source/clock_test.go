package source

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheClockSaysWhatTheDemonstrationSaid(t *testing.T) {
	at := time.Date(2026, 11, 2, 8, 21, 3, 0, time.UTC)
	var got []string
	for i := range 8 {
		for _, raw := range clockEvents(i, at) {
			got = append(got, raw.Type+"|"+string(raw.Data))
		}
	}
	want := []string{
		"|Server time: Mon Nov  2 08:21:03 2026 (message 0)",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 1)",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 2)",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 3)",
		"custom_event|This is a custom event 1.0",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 4)",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 5)",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 6)",
		"custom_event|This is a custom event 2.0",
		"|Server time: Mon Nov  2 08:21:03 2026 (message 7)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
