//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// frame is one event as a reader of a stream got it.
type frame struct{ ID, Event, Data string }

// framesOf reads what curl printed. Only complete frames count: the end of the text may be in the middle of one.
// It is no decoder for any stream, only for what our own doors write.
func framesOf(text string) []frame {
	var frames []frame
	blocks := strings.Split(text, "\n\n")
	for _, block := range blocks[:len(blocks)-1] {
		var f frame
		var data []string
		for line := range strings.Lines(block) {
			field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
			value = strings.TrimPrefix(value, " ")
			switch field {
			case "id":
				f.ID = value
			case "event":
				f.Event = value
			case "data":
				data = append(data, value)
			}
		}
		if data != nil {
			f.Data = strings.Join(data, "\n")
			frames = append(frames, f)
		}
	}
	return frames
}

// framesOfLines reads what testdata/reader.py printed.
func framesOfLines(t *testing.T, lines []string) []frame {
	t.Helper()
	frames := make([]frame, len(lines))
	for i, line := range lines {
		must(t, json.Unmarshal([]byte(line), &frames[i]))
	}
	return frames
}
