//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickertape/build/rig"
)

// Programs that nobody here wrote read the same events by every transport.
func TestPeersReadEveryTransport(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), freePort(t))
	curl := start(t, "curl", rig.Command{Path: "curl", Args: []string{"-sN", s.base + "/event_stream?format=json"}})
	must(t, curl.Stdout.WaitFor(within(t, 30*time.Second), "three events", func(text string) bool {
		return strings.Count(text, "\ndata: ") >= 3
	}))
	curl.Kill()
	want := map[string]string{}
	var first string
	for _, f := range framesOf(curl.Stdout.String()) {
		want[f.ID] = f.Data
		if first == "" {
			first = f.ID
		}
	}
	check := func(who string, events []string) {
		t.Helper()
		seen := 0
		for _, text := range events {
			var e stored
			must(t, json.Unmarshal([]byte(text), &e))
			if known, ok := want[e.ID]; ok {
				seen++
				if known != text {
					t.Errorf("%s has %s, curl %s", who, text, known)
				}
			}
		}
		if seen != len(want)-1 {
			t.Errorf("%s has %d of the events after the first, want %d: %q", who, seen, len(want)-1, events)
		}
	}
	list := func(text string) (events []string) {
		var page struct{ Events []json.RawMessage }
		must(t, json.Unmarshal([]byte(text), &page))
		for _, e := range page.Events {
			events = append(events, string(e))
		}
		return events
	}
	run := func(path string, args ...string) string {
		t.Helper()
		out, err := rig.Run(within(t, 30*time.Second), rig.Command{Path: path, Args: args})
		must(t, err)
		return out
	}
	check("wget, by polling", list(run("wget", "-qO-", s.base+"/poll?after="+first)))
	check("curl, by long polling", list(run("curl", "-sf", s.base+"/poll?wait=25s&after="+first)))
	check("requests, by polling", list(run(python, "-c", "import requests, sys; print(requests.get(sys.argv[1], timeout=20).text)", s.base+"/poll?after="+first)))
	const socket = `let n = 0;
const socket = new WebSocket(process.argv[1]);
socket.onmessage = ({ data }) => { console.log(data); if (++n >= Number(process.argv[2])) process.exit(0); };
socket.onerror = () => process.exit(1);`
	out := run("node", "--experimental-websocket", "-e", socket, strings.Replace(s.base, "http", "ws", 1)+"/ws?after="+first, fmt.Sprint(len(want)-1))
	check("Node's WebSocket", strings.Split(strings.TrimSpace(out), "\n"))
	must(t, s.Stop())
}

// WebKit's own EventSource, in a browser of WebKit's, reads the page at /basic: the window's engine, but no program of ours.
func TestWebKitsEventSourceReadsTheFrontDoor(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), freePort(t))
	home := t.TempDir()
	screen, err := rig.OpenScreen(within(t, 20*time.Second), home, 800, 600)
	must(t, err)
	t.Cleanup(func() {
		if err := screen.Close(); err != nil {
			t.Error(err)
		}
	})
	browsers, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
	must(t, err)
	if len(browsers) == 0 {
		t.Fatal("Debian's libwebkit2gtk-4.1-0 brings a MiniBrowser, and there is none")
	}
	w, err := screen.OpenWindow(t.Context(), home, rig.Command{
		Path: browsers[0], Args: []string{"--private", "--enable-developer-extras=TRUE", s.base + "/basic"},
	})
	must(t, err)
	defer w.Kill()
	for _, want := range []string{"Connection established.", "Message from server: Server time: ", "Custom event from server: This is a custom event 1.0"} {
		must(t, w.WaitFor(within(t, 30*time.Second), want, fmt.Sprintf("document.body.innerText.includes(%q)", want)))
	}
	must(t, s.Stop())
}
