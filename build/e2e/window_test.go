//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// desk is Tickertape's window for one test: a screen, a home and a data folder, which stay while the program comes
// and goes.
type desk struct {
	*rig.Window
	screen     *rig.Screen
	home, data string
	env        []string // of the program, besides the screen's
	port       int      // of the front door
	runs       int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{home: t.TempDir(), data: t.TempDir(), port: freePort(t)}
	settings := fmt.Sprintf(`{"version":1,"front":{"enabled":true,"address":"127.0.0.1","port":%d}}`, d.port)
	must(t, os.WriteFile(filepath.Join(d.data, "settings.json"), []byte(settings), 0o600))
	screen, err := rig.OpenScreen(within(t, 20*time.Second), d.home, 1280, 800)
	must(t, err)
	d.screen = screen
	t.Cleanup(func() {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// open starts the program and returns when its page can be worked with.
func (d *desk) open(t *testing.T) {
	t.Helper()
	w, err := d.screen.OpenWindow(t.Context(), d.home, rig.Command{Path: program(t, "tickertape-e2e"), Args: []string{"--data", d.data}, Env: d.env})
	must(t, err)
	d.Window = w
	d.runs++
	run := fmt.Sprint("window-", d.runs)
	t.Cleanup(func() {
		if t.Failed() {
			// The test's own context has ended by now.
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := d.screen.Picture(ctx, filepath.Join(t.ArtifactDir(), run+".png")); err != nil {
				t.Log(err)
			}
		}
		w.Kill()
		keepLogs(t, run, w.Process)
	})
}

// sees waits until the condition holds in the page.
func (d *desk) sees(t *testing.T, patience time.Duration, what, condition string) {
	t.Helper()
	if err := d.WaitFor(within(t, patience), what, condition); err != nil {
		var text string
		_ = d.Eval(within(t, 5*time.Second), "document.body.innerText", &text)
		t.Fatalf("%v; the window shows: %s", err, text)
	}
}

func (d *desk) click(t *testing.T, hook string) {
	t.Helper()
	must(t, d.Click(t.Context(), byHook(hook)))
}

func (d *desk) fill(t *testing.T, hook, text string) {
	t.Helper()
	must(t, d.Fill(t.Context(), byHook(hook), text))
}

func (d *desk) door() door { return door{fmt.Sprintf("http://127.0.0.1:%d", d.port)} }

func byHook(hook string) string { return fmt.Sprintf(`[data-testid=%q]`, hook) }

// shown is JavaScript for whether an element is there; with holds, one whose text has that in it.
func shown(selector, holds string) string {
	return fmt.Sprintf("%s.some((e) => e.textContent.includes(%s))", rig.All(selector), js(holds))
}

// js writes a string as JavaScript.
func js(s string) string {
	b, _ := json.Marshal(s) // a string can always be marshalled
	return string(b)
}

// feedIn is the selector of a feed that is in one of the states, wherever feeds are listed.
func feedIn(id string, states ...string) string {
	selectors := make([]string, len(states))
	for i, state := range states {
		selectors[i] = fmt.Sprintf(`[data-feed=%q][data-state=%q]`, id, state)
	}
	return strings.Join(selectors, ",")
}

func rowOf(feed string) string { return fmt.Sprintf(`%s[data-feed=%q]`, byHook("tape-row"), feed) }

// ticked is JavaScript for whether an event of the Flask feed with that number, or a later one, is in view.
func ticked(id string, n int) string {
	return fmt.Sprintf(`%s.some((e) => Number(/Tick number (\d+)/.exec(e.textContent)?.[1]) >= %d)`, rig.All(rowOf(id)), n)
}

// The main job, by hand: the clock ticks in a fresh window; an outside feed is added in Settings by typing and
// clicking, and its events are in the tape within two seconds; its server dies, and the window says so; it comes
// back, and goes on with nothing lost or doubled; after a restart history and settings are there again.
func TestWindowShowsAFeedThroughOutageAndRestart(t *testing.T) {
	f := newFeed(t, 250*time.Millisecond)
	f.serve(t)
	d := newDesk(t)
	d.open(t)

	d.sees(t, 10*time.Second, "the open stream", shown(byHook("stream-state")+`[data-state="open"]`, ""))
	d.sees(t, 10*time.Second, "the clock", shown(rowOf("clock"), "Server time: "))
	d.sees(t, 10*time.Second, "the clock to tick", shown(rowOf("clock"), "(message 2)"))

	d.click(t, "tab-settings")
	d.fill(t, "add-feed-url", f.url())
	must(t, d.Press(t.Context(), "Return"))
	d.sees(t, 20*time.Second, "its first events", shown(byHook("feed-preview")+" li", ""))
	d.fill(t, "add-feed-name", "Ticks")
	d.click(t, "add-feed-submit")
	added := time.Now()
	d.sees(t, 5*time.Second, "the dialogue to be gone", "document.querySelector("+js("dialog[open]")+") === null")
	d.click(t, "tab-tape")
	d.sees(t, 10*time.Second, "an event of the new feed", shown(byHook("tape-row"), "Tick number "))
	took := time.Since(added)
	t.Logf("from the click on Add to the first event in the tape: %v", took.Round(time.Millisecond))
	if took > 2*time.Second {
		t.Errorf("the first event took %v, more than 2 s", took)
	}
	id := d.door().feedID(t, "Ticks")
	d.sees(t, 5*time.Second, "the feed to be live", shown(feedIn(id, "live"), "Ticks"))

	f.server.Kill()
	d.sees(t, 10*time.Second, "the feed to be retrying", shown(feedIn(id, "retrying", "connecting"), "Ticks"))
	d.sees(t, 10*time.Second, "the cause", shown(feedIn(id, "retrying"), "refused"))
	missed := f.newest() + 4
	must(t, rig.Until(within(t, 10*time.Second), "events while the server is down", func(context.Context) (bool, error) {
		return f.newest() > missed, nil
	}))
	f.serve(t)
	back := f.newest()
	d.sees(t, 60*time.Second, "the feed to be live again", shown(feedIn(id, "live"), "Ticks"))
	d.sees(t, 10*time.Second, "the events after the outage", ticked(id, back))
	before := d.door().history(t, id)
	contiguous(t, "across the outage", numbers(t, before))

	must(t, d.Stop())
	d.open(t)
	d.sees(t, 10*time.Second, "the feed to be live after the restart", shown(feedIn(id, "live"), "Ticks"))
	d.sees(t, 10*time.Second, "new events", ticked(id, f.newest()))
	// Far up in the tape by now.
	d.click(t, "tape-row")
	must(t, d.Press(t.Context(), "Home"))
	d.sees(t, 10*time.Second, "the first event of all", shown(rowOf("clock"), "(message 0)"))
	d.click(t, "tab-settings")
	d.sees(t, 5*time.Second, "the feed in Settings", shown(byHook("feed-row"), "Ticks"))
	after := d.door().history(t, id)
	contiguous(t, "across the restart", numbers(t, after))
	for i, e := range before {
		if after[i].ID != e.ID {
			t.Fatalf("event %d was %s before the restart and is %s now", i, e.ID, after[i].ID)
		}
	}
	must(t, d.Stop())
}
