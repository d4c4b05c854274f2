package source

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func simulatorFeed(scene string) Feed {
	return Feed{ID: "x", Name: "X", Kind: KindSimulator, Scene: scene, Rate: 2, Seed: 7}
}

func TestASimulatorGoesOnWhereItWasAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulatorFeed("ticker")
		s, into := supervise(t, f)
		for range 3 {
			advance(5 * time.Second)
			paused := f
			paused.Paused = true
			s.Set([]Feed{paused})
			wait(t, s, is(Paused))
			advance(time.Minute)
			s.Set([]Feed{f})
		}
		advance(5 * time.Second)
		synctest.Wait()
		got := into.ids()
		var want []string
		for n := range got {
			want = append(want, fmt.Sprintf("ticker-7-%d", n))
		}
		diff(t, "ids", want, got)
		if len(got) < 40 {
			t.Errorf("%d events in 20 s at 2 a second", len(got))
		}
	})
}

func TestAnotherSceneOrSeedBeginsAnew(t *testing.T) {
	f := simulatorFeed("ticker")
	other, faster := f, f
	other.Seed, faster.Rate = 8, 100
	if f.origin() == other.origin() || f.origin() == simulatorFeed("burst").origin() {
		t.Error("it would go on with the numbers of another scene or seed")
	}
	if f.origin() != faster.origin() {
		t.Error("another rate begins anew")
	}
}

func TestASimulatorsProblemsAreSentences(t *testing.T) {
	for field, change := range map[string]func(*Feed){
		"scene": func(f *Feed) { f.Scene = "opera" },
		"rate":  func(f *Feed) { f.Rate = 0.01 },
		"seed":  func(f *Feed) { f.Seed = 1 << 60 },
		"url":   func(f *Feed) { f.URL = "https://a.example/" },
		"":      func(f *Feed) { f.Rate = 0 },
	} {
		f := simulatorFeed("league")
		change(&f)
		got := f.Problems()
		if field == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || !strings.HasSuffix(got[field], ".") {
			t.Errorf("%s: %v", field, got)
		}
	}
	f := simulatorFeed("")
	if got := f.Problems()["scene"]; got != "Choose a scene: ticker, league, newsroom or burst." {
		t.Errorf("no scene: %q", got)
	}
}
