package simulate

import (
	"fmt"
	"strconv"
	"time"

	"tickertape/backend/event"
)

// Scene is one of the offline sources.
type Scene struct {
	Name  string // what Run calls it
	About string // a sentence for people
	// Rate is how many events a second suit it when nobody says otherwise.
	Rate float64
	// Event makes event n. Everything in it follows from the seed and n, but for the time,
	// which is now. Its Resume is the number of the next event.
	Event func(seed, n uint64, now time.Time) event.Raw
}

// Scenes lists the offline sources.
func Scenes() []Scene {
	return []Scene{
		{"ticker", "Prices of eight invented companies, in a random walk.", 2, Ticker},
		{"league", "Six football matches at a time: kick-offs, goals, cards and the clock.", 1, League},
		{"newsroom", "Headlines of an invented newspaper; now and then a story is edited.", 0.2, Newsroom},
		{"burst", "Log lines of a busy system, with severities, as many a second as you like.", 50, Burst},
	}
}

// FindScene returns the scene of that name.
func FindScene(name string) (Scene, bool) {
	for _, s := range Scenes() {
		if s.Name == name {
			return s, true
		}
	}
	return Scene{}, false
}

// numbered is what the events of all scenes have in common. Ids hold the seed, so that a
// feed which is given another seed isn't taken for one that repeats itself.
func numbered(scene, typ string, seed, n uint64, now time.Time, data []byte) event.Raw {
	return event.Raw{
		Type: typ, Data: data, ID: sceneID(scene, seed, n),
		Resume: strconv.FormatUint(n+1, 10), ReceivedAt: now,
	}
}

func sceneID(scene string, seed, n uint64) string { return fmt.Sprintf("%s-%x-%d", scene, seed, n) }
