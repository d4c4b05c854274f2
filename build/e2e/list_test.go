//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tickertape/build/rig"
)

// The window's tape has a document of its own, which must not be felt: mouse, wheel, scrollbar and keys do what they do
// elsewhere in the window.
func TestWindowTapeBehavesAsAPartOfThePage(t *testing.T) {
	url, send := lines(t)
	d := newDesk(t)
	d.configure(t, "feeds", []any{map[string]any{"id": "lines", "name": "Lines", "kind": "sse", "url": url, "color": 4}})
	d.open(t)
	send(400)
	line := func(n int) string { return shown(byHook("tape-row"), fmt.Sprintf("line %d", n)) }
	d.sees(t, 10*time.Second, "the newest line", line(400))

	const root = "document.documentElement"
	inner := "(" + rig.All(`[role="listbox"]`) + ")[0].ownerDocument"
	d.sees(t, 5*time.Second, "a document in standards mode, in the page's theme, density and language", fmt.Sprintf(
		`%[1]s !== document && %[1]s.compatMode === 'CSS1Compat' && ['theme', 'density'].every((k) => %[2]s.dataset[k] &&
		%[1]s.documentElement.dataset[k] === %[2]s.dataset[k]) && %[1]s.documentElement.lang === %[2]s.lang`, inner, root))

	// The wheel holds the view; what comes then is counted, and the pill leads there.
	must(t, d.Wheel(t.Context(), byHook("paper")+" iframe", -3))
	d.sees(t, 5*time.Second, "the view to be scrolled", "!"+atEnd(inner))
	send(7)
	d.sees(t, 5*time.Second, "seven new ones", rig.All(byHook("new-pill")+`[data-count="7"]`)+".length === 1")
	d.click(t, "new-pill")
	d.sees(t, 5*time.Second, "the newest line again", line(407)+" && "+atEnd(inner))

	// A click opens an event; keys of the window and of the list are heard from there.
	d.click(t, "tape-row")
	inspector := "document.querySelector(" + js(byHook("inspector")) + ")"
	d.sees(t, 5*time.Second, "the event", inspector)
	must(t, d.Press(t.Context(), "Escape"))
	d.sees(t, 5*time.Second, "it to be closed, and the list to have the focus",
		inspector+" === null && document.activeElement?.tagName === 'IFRAME' && "+inner+".activeElement?.role === 'listbox'")
	must(t, d.Press(t.Context(), "question"))
	d.sees(t, 5*time.Second, "the sheet of shortcuts", "document.querySelector('dialog[open]')")
	must(t, d.Press(t.Context(), "Escape"))
	d.sees(t, 5*time.Second, "it to be closed", "document.querySelector('dialog[open]') === null")
	// The first row there is, above which more may come.
	must(t, rig.Until(within(t, 10*time.Second), "the first line", func(ctx context.Context) (first bool, err error) {
		if err := d.Press(ctx, "Home"); err != nil {
			return false, err
		}
		err = d.Eval(ctx, line(1)+" && "+inner+".documentElement.scrollTop < 50", &first)
		return first, err
	}))
	must(t, d.Press(t.Context(), "Return"))
	d.sees(t, 5*time.Second, "the first event", inspector+"?.textContent.includes('line 1')")
	must(t, d.Press(t.Context(), "Escape"))

	// Tab leads from the bar through the list and back, and past nothing.
	must(t, d.Press(t.Context(), "shift+Tab"))
	d.sees(t, 5*time.Second, "the focus before the list", "document.activeElement?.dataset.testid === 'follow'")
	must(t, d.Press(t.Context(), "Tab"))
	d.sees(t, 5*time.Second, "it in the list", "document.activeElement?.tagName === 'IFRAME'")

	// A press in the list closes what is open above it.
	d.click(t, "tape-options")
	options := byHook("tape-options") + `[aria-expanded="true"]`
	d.sees(t, 5*time.Second, "the options", "document.querySelector("+js(options)+")")
	must(t, d.Wheel(t.Context(), byHook("paper")+" iframe", 1)) // the wheel doesn't
	d.sees(t, 5*time.Second, "the options still", "document.querySelector("+js(options)+")")
	d.click(t, "tape-row")
	d.sees(t, 5*time.Second, "them to be closed", "document.querySelector("+js(options)+") === null")
	must(t, d.Press(t.Context(), "Escape"))

	// The scrollbar's thumb is at the top, comes to the mouse and leads to the end; the rows stand in order when the view rests.
	must(t, d.Press(t.Context(), "Home"))
	d.sees(t, 5*time.Second, "the thumb at the top", "document.querySelector("+js(byHook("scrollbar"))+").firstElementChild.offsetTop < 5")
	must(t, d.Drag(t.Context(), byHook("scrollbar"), 350))
	d.sees(t, 5*time.Second, "the newest line at the thumb's end", line(407)+" && "+atEnd(inner))
	d.sees(t, 5*time.Second, "the rows in their order", fmt.Sprintf(
		`(() => { const all = %s.map((e) => Number(e.dataset.seq)); return all.length > 10 && all.every((n, i) => i === 0 || n > all[i - 1]); })()`,
		rig.All(byHook("tape-row"))))
	must(t, d.Stop())
}

// atEnd is JavaScript for whether a document is scrolled to its end.
func atEnd(document string) string {
	return fmt.Sprintf("((e) => e.scrollTop >= e.scrollHeight - e.clientHeight - 1)(%s.documentElement)", document)
}
