package source

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/event"
)

func pushFeed() Feed { return Feed{ID: "push", Name: "Push", Kind: KindPush} }

func raws(texts ...string) (raws []event.Raw) {
	for _, text := range texts {
		raws = append(raws, event.Raw{Data: []byte(text)})
	}
	return raws
}

func TestWhatIsPublishedGoesTheWayOfAllEventsAndIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, into := supervise(t, pushFeed())
		wait(t, s, is(Live))
		var outcomes []Outcome
		for _, texts := range [][]string{{"a"}, {"bb", "ccc"}} {
			if err := s.Publish(t.Context(), "push", raws(texts...), func(o Outcome) { outcomes = append(outcomes, o) }); err != nil {
				t.Fatal(err)
			}
		}
		if want := []Outcome{{First: 1, Last: 1}, {First: 2, Last: 3}}; !slices.Equal(outcomes, want) {
			t.Errorf("outcomes %+v", outcomes)
		}
		if got := into.texts(); !slices.Equal(got, []string{"a", "bb", "ccc"}) {
			t.Errorf("stored %q", got)
		}
		if h := s.Health()[0]; h.Counts != (Counts{Received: 3, Bytes: 6}) || h.LastEventAt.IsZero() || h.Rate == 0 {
			t.Errorf("health %+v", h)
		}
	})
}

func TestAPushFeedIsQuietButNeverStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := supervise(t, pushFeed())
		publish := func() {
			if err := s.Publish(t.Context(), "push", raws("x"), func(Outcome) {}); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			publish()
			advance(time.Second)
		}
		wait(t, s, is(Live))
		advance(24 * time.Hour)
		wait(t, s, is(Quiet))
		publish()
		wait(t, s, is(Live))
	})
}

func TestPublishRefusesWhatCannotTakeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paused := pushFeed()
		paused.ID, paused.Paused = "paused", true
		s, into := supervise(t, pushFeed(), clockFeed(time.Hour), paused)
		synctest.Wait()
		never := func(Outcome) { t.Error("done was called") }
		for feed, want := range map[string]error{"nowhere": ErrNoFeed, "clock": ErrNotPush, "paused": ErrPaused} {
			if err := s.Publish(t.Context(), feed, raws("x"), never); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", feed, err, want)
			}
		}
		into.mu.Lock()
		into.block = make(chan struct{})
		into.mu.Unlock()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Publish(ctx, "push", raws("x"), never); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while the journal is behind: %v", err)
		}
		if got := into.texts(); len(got) != 1 { // the clock's
			t.Errorf("stored %q", got)
		}
	})
}

func TestAFeedOfKindPushNeedsNothingButAName(t *testing.T) {
	if problems := pushFeed().Problems(); len(problems) != 0 || pushFeed().UsesSecret() {
		t.Errorf("problems %v, a secret %t", problems, pushFeed().UsesSecret())
	}
	if problems := (Feed{ID: "x", Kind: KindPush}).Problems(); len(problems) != 1 || problems["name"] == "" {
		t.Errorf("without a name: %v", problems)
	}
}
