//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// outsideFeeds serves the feeds that are in the pictures; /gone is one that has moved away.
func outsideFeeds() http.Handler {
	dice := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	mux := http.NewServeMux()
	mux.Handle("/exchange", stream(700*time.Millisecond, exchange(dice())))
	mux.Handle("/builds", stream(2600*time.Millisecond, builds(dice())))
	mux.Handle("/greenhouse", stream(1900*time.Millisecond, greenhouse(dice())))
	return mux
}

// stream serves an endless event stream, an event about every pace; next returns an event's frame without its id.
func stream(pace time.Duration, next func(n int) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		rc := http.NewResponseController(w)
		for n := 1; ; n++ {
			_, err := fmt.Fprintf(w, "id: %d-%d\n%s\n\n", time.Now().UnixNano(), n, next(n))
			if err != nil || rc.Flush() != nil {
				return // the reader has gone
			}
			select {
			case <-time.After(pace/2 + rand.N(pace)):
			case <-r.Context().Done():
				return
			}
		}
	})
}

func exchange(dice *rand.Rand) func(int) string {
	symbols := []string{"NRD", "HLX", "OKA", "VANE", "TERN"}
	prices := []float64{184.20, 61.37, 12.055, 940.10, 33.48}
	return func(int) string {
		i := dice.IntN(len(symbols))
		change := (dice.Float64() - 0.48) * 0.8
		prices[i] *= 1 + change/100
		return fmt.Sprintf(`event: trade
data: {"symbol":%q,"title":"%s %.2f","text":"%+.2f %% on %d shares","price":%.2f,"change":%.2f,"volume":%d}`,
			symbols[i], symbols[i], prices[i], change, 100+dice.IntN(900), prices[i], change, 1000+dice.IntN(90000))
	}
}

func builds(dice *rand.Rand) func(int) string {
	projects := []string{"ledger", "mobile-app", "checkout", "docs"}
	return func(n int) string {
		project := projects[dice.IntN(len(projects))]
		if n%4 == 0 {
			return fmt.Sprintf(`event: failed
data: {"project":%q,"title":"%s #%d failed","text":"2 of 418 tests failed in payments/refund_test","severity":"error"}`, project, project, 480+n)
		}
		return fmt.Sprintf(`data: {"project":%q,"title":"%s #%d passed","text":"418 tests in %d min %02d s","severity":"info"}`, project, project, 480+n, 2+dice.IntN(3), dice.IntN(60))
	}
}

func greenhouse(dice *rand.Rand) func(int) string {
	benches := []string{"North bench", "South bench", "Seedlings"}
	return func(int) string {
		celsius := 19 + 4*dice.Float64()
		bench := benches[dice.IntN(len(benches))]
		return fmt.Sprintf(`data: {"sensor":%q,"text":"%s: %.1f °C, humidity %d %%","value":%.1f}`,
			bench, bench, celsius, 55+dice.IntN(15), celsius)
	}
}
