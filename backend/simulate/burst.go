package simulate

import (
	"fmt"
	"time"

	"tickertape/backend/event"
)

// logLine is one line of a log.
type logLine struct {
	Time    time.Time `json:"time"`
	Level   string    `json:"level"`
	Host    string    `json:"host"`
	Service string    `json:"service"`
	Message string    `json:"message"`
	Millis  int       `json:"ms"`
}

// Burst makes log line n.
func Burst(seed, n uint64, now time.Time) event.Raw {
	r := dice(seed, "burst", n)
	line := logLine{
		Time: now.UTC(), Host: fmt.Sprintf("node-%02d", 1+r.IntN(12)), Service: pick(r, services),
		Millis: 1 + int(r.ExpFloat64()*40),
	}
	line.Level, line.Message = pickLine(r.IntN(200), r.IntN)
	return numbered("burst", "log", seed, n, now, encode(line))
}

// pickLine chooses a severity by a throw of 0 to 199, and a message that suits it.
func pickLine(throw int, intN func(int) int) (level, message string) {
	switch {
	case throw < 1:
		level = "critical"
	case throw < 8:
		level = "error"
	case throw < 30:
		level = "warning"
	case throw < 140:
		level = "info"
	default:
		level = "debug"
	}
	messages := logMessages[level]
	return level, messages[intN(len(messages))]
}
