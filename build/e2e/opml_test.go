//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// A list of 300 feeds is pasted into the window and added at a click, in one go; the one that was there
// already is named.
func TestWindowAddsAListOf300Feeds(t *testing.T) {
	const list = 300
	at := func(n int) string { return fmt.Sprintf("http://127.0.0.1:9/feeds/%d.xml", n) }
	outlines := make([]string, list)
	for n := range outlines {
		outlines[n] = fmt.Sprintf(`<outline type="rss" text="Feed %d" xmlUrl=%q/>`, n, at(n))
	}
	d := newDesk(t)
	d.configure(t, "feeds", []map[string]string{{"id": "known", "name": "Known before", "kind": "rss", "url": at(7)}})
	d.open(t)
	d.sees(t, 10*time.Second, "the open stream", shown(byHook("stream-state")+`[data-state="open"]`, ""))
	d.copies(t, `<opml version="2.0"><body>`+strings.Join(outlines, "")+`</body></opml>`)
	must(t, d.Press(t.Context(), "ctrl+v"))
	d.sees(t, 20*time.Second, "the list", shown(byHook("feed-offers"), fmt.Sprint("Feed ", list-1)))

	d.click(t, "feed-offers-add")
	began := time.Now()
	must(t, rig.Until(within(t, time.Minute), "all feeds", func(context.Context) (bool, error) {
		var list struct{ Feeds []struct{ ID string } }
		d.door().get(t, "/feeds", &list)
		return len(list.Feeds) == len(outlines), nil
	}))
	d.sees(t, 10*time.Second, "the one that was there", shown(byHook("feed-offers")+` [role="alert"]`, "Known before"))
	took := time.Since(began)
	t.Logf("%d feeds added after %v", list, took.Round(10*time.Millisecond))
	if took > 4*time.Second { // two, and two more for a computer that does other things as well
		t.Errorf("it took %v to add %d feeds", took, list)
	}
	must(t, d.Stop())
}
