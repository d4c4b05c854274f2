package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestScenesOnTheWire(t *testing.T) {
	for _, s := range Scenes() {
		var text []byte
		for n := range uint64(12) {
			raw := s.Event(1, n, noon)
			text = fmt.Appendf(text, "%s %s %s\n%s\n", raw.ID, raw.Type, raw.Resume, raw.Data)
		}
		golden(t, "scene-"+s.Name, string(text))
	}
}

func TestAnEventFollowsFromTheSeedAndItsNumberAlone(t *testing.T) {
	for _, s := range Scenes() {
		differ := 0
		for n := uint64(199); n < 200; n-- { // backwards: nothing may come from the one before
			a, b := s.Event(7, n, noon), s.Event(7, n, noon)
			equal(t, a, b)
			if a.Resume != strconv.FormatUint(n+1, 10) || a.ReceivedAt != noon || !json.Valid(a.Data) {
				t.Errorf("%s %d: %+v", s.Name, n, a)
			}
			other := s.Event(8, n, noon)
			if !bytes.Equal(other.Data, a.Data) {
				differ++
			}
			if other.ID == a.ID {
				t.Errorf("%s: seeds share the id %s", s.Name, a.ID)
			}
		}
		if differ < 100 {
			t.Errorf("%s: of 200 events of another seed only %d differ", s.Name, differ)
		}
	}
}

func TestOnlyEditedStoriesShareAnID(t *testing.T) {
	for _, s := range Scenes() {
		last := map[string]string{}
		for n := range uint64(500) {
			raw := s.Event(3, n, noon)
			if text, again := last[raw.ID]; again && s.Name != "newsroom" || text == string(raw.Data) {
				t.Errorf("%s: event %d repeats %s", s.Name, n, raw.ID)
			}
			last[raw.ID] = string(raw.Data)
		}
		if edits := 500 - len(last); s.Name == "newsroom" && (edits < 20 || edits > 120) {
			t.Errorf("%d edits of 500", edits)
		}
	}
}

func TestThePriceWalks(t *testing.T) {
	for _, c := range companies {
		low, high, last := math.Inf(1), 0.0, 0.0
		for n := range uint64(5_000) {
			price := priceAt(1, c, n)
			if n > 0 && math.Abs(price/last-1) > 20*c.volatility {
				t.Fatalf("%s jumps from %f to %f", c.symbol, last, price)
			}
			low, high, last = min(low, price), max(high, price), price
		}
		if low < c.price/2 || high > c.price*2 || high/low < 1.01 {
			t.Errorf("%s goes from %f to %f around %f", c.symbol, low, high, c.price)
		}
	}
}

func TestAMatchIsPlayedMinuteByMinute(t *testing.T) {
	last := map[string]match{}
	goals := 0
	for n := range uint64(pitches * (fullTime + 1) * 3) {
		m := matchAt(5, n)
		before, known := last[m.ID]
		if known != (m.Minute > 0) || known && m.Minute != before.Minute+1 {
			t.Fatalf("%s: minute %d after %d", m.ID, m.Minute, before.Minute)
		}
		if scored := m.Goals[0] + m.Goals[1] - before.Goals[0] - before.Goals[1]; known && (scored != 0) != (m.Event == "goal") {
			t.Fatalf("%+v after %+v", m, before)
		} else if known {
			goals += scored
		}
		if m.Home == m.Away || m.State == "full time" != (m.Minute == fullTime) {
			t.Fatalf("%+v", m)
		}
		last[m.ID] = m
	}
	if len(last) != 3*pitches || goals < len(last) || goals > 6*len(last) {
		t.Errorf("%d goals in %d matches", goals, len(last))
	}
}

func TestLogLinesHaveTheSeveritiesThatEventsHave(t *testing.T) {
	seen := map[string]int{}
	for n := range uint64(5000) {
		seen[field(t, string(Burst(1, n, noon).Data), "level")]++
	}
	for _, severity := range event.Severities {
		if seen[severity] == 0 {
			t.Errorf("no line is %s", severity)
		}
		delete(seen, severity)
	}
	if len(seen) > 0 {
		t.Errorf("others: %v", seen)
	}
}

// runScene runs a scene for a time of synctest's and returns its events.
func runScene(t *testing.T, scene string, rate float64, resume string, d time.Duration) []event.Raw {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var raws []event.Raw
	err := Run(ctx, scene, 1, rate, resume, func(raw event.Raw) error {
		raws = append(raws, raw)
		return nil
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return raws
}

func TestRunKeepsItsRate(t *testing.T) {
	for _, rate := range []float64{MinRate, 1, 7, 333, MaxRate} {
		synctest.Test(t, func(t *testing.T) {
			raws := runScene(t, "burst", rate, "", 5*time.Second)
			if want := rate * 5; math.Abs(float64(len(raws))-want) > want/50+1 {
				t.Errorf("%d events in 5 s at %g/s", len(raws), rate)
			}
			batches := 0
			for i, raw := range raws {
				if i == 0 || raw.ReceivedAt != raws[i-1].ReceivedAt {
					batches++
				}
			}
			if batches > 501 {
				t.Errorf("%d timers in 5 s at %g/s", batches, rate)
			}
		})
	}
}

func TestRunResumesWithoutGapOrRepeat(t *testing.T) {
	for _, s := range Scenes() {
		synctest.Test(t, func(t *testing.T) {
			var resumed []event.Raw
			resume := ""
			for range 5 {
				resumed = append(resumed, runScene(t, s.Name, 100, resume, time.Second)...)
				resume = resumed[len(resumed)-1].Resume
			}
			for n, raw := range resumed {
				if raw.Resume != strconv.Itoa(n+1) {
					t.Fatalf("event %d resumes with %s", n, raw.Resume)
				}
			}
		})
	}
}

func TestRunDoesNotCatchUpWithWhatItMissedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour+10*time.Second)
		defer cancel()
		n := 0
		err := Run(ctx, "ticker", 1, 10, "", func(event.Raw) error {
			if n++; n == 1 { // held back for an hour
				select {
				case <-time.After(time.Hour):
				case <-ctx.Done():
				}
			}
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) || n < 95 || n > 115 {
			t.Errorf("%d events, %v", n, err)
		}
	})
}

func TestRunEndsWithWhatEmitSays(t *testing.T) {
	full := errors.New("full")
	if err := Run(t.Context(), "ticker", 1, 0, "", func(event.Raw) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestRunRefusesWhatItCannotDo(t *testing.T) {
	for _, tt := range []struct {
		scene string
		rate  float64
		want  string
	}{
		{"opera", 1, `there is no scene called "opera"`},
		{"ticker", -1, "a rate of -1 events/s: it can be from 0.1 to 10000"},
		{"ticker", 1e9, "a rate of 1e+09 events/s: it can be from 0.1 to 10000"},
		{"ticker", math.NaN(), "a rate of NaN events/s: it can be from 0.1 to 10000"},
	} {
		err := Run(t.Context(), tt.scene, 1, tt.rate, "", func(event.Raw) error { return nil })
		if err == nil || err.Error() != tt.want {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestScenesAreListedByName(t *testing.T) {
	var names []string
	for _, s := range Scenes() {
		names = append(names, s.Name)
		if found, ok := FindScene(s.Name); !ok || found.About != s.About || s.Rate < MinRate || s.Rate > MaxRate {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Equal(names, []string{"ticker", "league", "newsroom", "burst"}) {
		t.Errorf("%v", names)
	}
}

func BenchmarkScenes(b *testing.B) {
	for _, s := range Scenes() {
		b.Run(s.Name, func(b *testing.B) {
			n := uint64(0)
			for b.Loop() {
				s.Event(1, n, noon)
				n++
			}
		})
	}
}
