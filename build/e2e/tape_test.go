//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// The tape in a browser; what it must do is said in frontend/e2e/tape.test.mjs.
func TestTapeInABrowser(t *testing.T) {
	data, wire := t.TempDir(), freePort(t)
	settings := fmt.Sprintf(`{"version":1,"front":{"enabled":true,"address":"127.0.0.1","port":%d},"feeds":[
		{"id":"wire","name":"Wire","kind":"sse","url":"http://127.0.0.1:%d/","color":4}]}`, freePort(t), wire)
	must(t, os.WriteFile(filepath.Join(data, "settings.json"), []byte(settings), 0o600))
	s := serve(t, data, freePort(t))
	node := start(t, "node", rig.Command{
		Path: "node", Args: []string{"--test", "--test-reporter=spec", "e2e/tape.test.mjs"},
		Dir: "../../frontend", Env: []string{"TICKERTAPE_URL=" + s.base + "/", fmt.Sprint("WIRE_PORT=", wire)},
	})
	err := node.Wait(within(t, 3*time.Minute))
	t.Log(strings.TrimSpace(node.Stdout.String()))
	if err != nil {
		t.Errorf("%v: %s", err, node.Stderr)
	}
	must(t, s.Stop())
}

// lines is a feed that sends as many numbered lines as it is told to.
func lines(t *testing.T) (url string, send func(n int)) {
	t.Helper()
	due := make(chan int, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		for sent := 0; control.Flush() == nil; {
			select {
			case n := <-due:
				for range n {
					sent++
					fmt.Fprintf(w, "id: %d\ndata: line %d\n\n", sent, sent)
				}
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL, func(n int) { due <- n }
}

// underTheEye is JavaScript for the row in the middle of the view and where it stands.
var underTheEye = `((list) => {
	const all = list?.ownerDocument;
	const row = all?.elementFromPoint(300, all.defaultView.innerHeight / 2)?.closest('[data-testid="tape-row"]');
	return row ? row.dataset.seq + ' at ' + row.getBoundingClientRect().top : '';
})(` + rig.All(`[role="listbox"]`) + `[0])`

// In the real window: a fresh one offers to show something, and does; Space holds the view, in which nothing moves
// while thousands of events come, each of them counted; the pill leads to the newest; a reload keeps the place.
func TestWindowHoldsItsPlace(t *testing.T) {
	d := newDesk(t)
	url, send := lines(t)
	settings := fmt.Sprintf(`{"version":1,"front":{"enabled":true,"address":"127.0.0.1","port":%d},"feeds":[
		{"id":"clock","name":"Clock","kind":"clock","interval":"2s","color":1,"paused":true},
		{"id":"wire","name":"Wire","kind":"sse","url":%q,"color":4}]}`, d.port, url)
	must(t, os.WriteFile(filepath.Join(d.data, "settings.json"), []byte(settings), 0o600))
	d.open(t)
	d.sees(t, 20*time.Second, "the feed to be live", shown(feedIn("wire", "live"), ""))
	send(300)
	d.sees(t, 20*time.Second, "line 300", shown(rowOf("wire"), "line 300"))
	d.eyeRests(t, send)

	d.click(t, "new-pill")
	d.sees(t, 10*time.Second, "the newest", shown(rowOf("wire"), "line 5300"))
	must(t, d.Press(t.Context(), "space"))
	send(10)
	d.sees(t, 10*time.Second, "ten new", shown(byHook("new-pill"), "10 new"))
	before := d.evalText(t, underTheEye)
	must(t, d.Eval(t.Context(), "void location.reload()", nil))
	d.sees(t, 20*time.Second, "the same place", fmt.Sprintf("%s === %s", underTheEye, js(before)))
	must(t, d.Stop())
}

// A window that was hidden while thousands of events came shows the newest as soon as it is seen again, and has counted each.
func TestWindowHasAllAfterItWasHidden(t *testing.T) {
	url, send := lines(t)
	d := newDesk(t)
	d.configure(t, "feeds", []any{map[string]any{"id": "wire", "name": "Wire", "kind": "sse", "url": url, "color": 4}})
	d.open(t)
	send(300)
	d.sees(t, 20*time.Second, "line 300", shown(rowOf("wire"), "line 300"))
	must(t, d.Hide(t.Context(), true))
	for range 50 {
		send(100)
	}
	d.sees(t, 20*time.Second, "all to be counted, unseen", "document.querySelector("+js(byHook("paper")+`[data-end="5300"]`)+")")
	must(t, d.Hide(t.Context(), false))
	d.sees(t, 2*time.Second, "the newest", shown(rowOf("wire"), "line 5300"))
	send(1)
	d.sees(t, 2*time.Second, "the next one", shown(rowOf("wire"), "line 5301"))
	must(t, d.Stop())
}

// eyeRests pauses, sends 5,000 events, and fails unless the row in the middle of the view stays where it is.
func (d *desk) eyeRests(t *testing.T, send func(int)) {
	t.Helper()
	must(t, d.Press(t.Context(), "space"))
	d.sees(t, 5*time.Second, "the pause", shown(byHook("follow")+`[aria-pressed="false"]`, ""))
	before := d.evalText(t, underTheEye)
	if before == "" {
		t.Fatal("no row is in the middle of the view")
	}
	for range 50 {
		send(100)
		if now := d.evalText(t, underTheEye); now != before {
			t.Fatalf("under the eye was %s, and is %s", before, now)
		}
	}
	d.sees(t, 20*time.Second, "5,000 new", shown(byHook("new-pill"), "5,000 new"))
	if now := d.evalText(t, underTheEye); now != before {
		t.Errorf("under the eye was %s, and is %s", before, now)
	}
}

func (d *desk) evalText(t *testing.T, expression string) (text string) {
	t.Helper()
	must(t, d.Eval(t.Context(), expression, &text))
	return text
}

// A first window has the clock alone, and offers to show what it is for.
func TestWindowShowsADemonstration(t *testing.T) {
	d := newDesk(t)
	d.open(t)
	d.sees(t, 20*time.Second, "the offer", shown(byHook("first-run"), "Show me"))
	d.click(t, "show-me")
	for _, feed := range []string{"Ticker demo", "League demo", "Newsroom demo", "Log burst demo"} {
		d.sees(t, 20*time.Second, feed, shown(byHook("tape-row"), feed))
	}
	d.sees(t, 5*time.Second, "the offer to go", "!"+shown(byHook("first-run"), ""))
	must(t, d.Stop())
}
