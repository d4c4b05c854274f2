//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	doors "tickertape/backend/server"
	"tickertape/backend/simulate"
	"tickertape/build/rig"
)

// A feed wants a token, which is given in the dialogue: it is in the keyring and nowhere else, also when the program
// breaks down.
func TestWindowKeepsATokenInTheKeyring(t *testing.T) {
	d := newDesk(t)
	keyring, err := d.screen.OpenKeyring(within(t, 20*time.Second), d.home)
	must(t, err)
	t.Cleanup(keyring.Close)
	d.open(t)
	id := d.addGuarded(t, simulated(t))
	d.keepsSecretsIn(t, "keyring")
	told, err := keyring.Search(within(t, 20*time.Second), "service", "Tickertape")
	must(t, err)
	if !strings.Contains(told, simulate.BearerToken) {
		t.Errorf("the keyring has no token: %q", told)
	}
	d.tellsNothing(t)
	d.wroteNothing(t, keyring.Dir)

	must(t, d.Stop())
	d.wroteNothing(t, keyring.Dir)
	d.open(t)
	d.sees(t, 20*time.Second, "the feed to be live with the keyring's token", shown(feedIn(id, "live"), ""))
	must(t, syscall.Kill(d.PID(), syscall.SIGQUIT))
	if d.Wait(within(t, 20*time.Second)) == nil {
		t.Error("the program has not broken down")
	}
	if trace := d.Stderr.String(); !strings.Contains(trace, "goroutine ") {
		t.Errorf("no trace of what ran: %q", trace)
	}
	d.wroteNothing(t, keyring.Dir)
}

// Without a session bus there is no keyring: the token is in the encrypted file alone.
func TestWindowKeepsATokenInAFileWithoutABus(t *testing.T) {
	d := newDesk(t)
	d.env = []string{"DBUS_SESSION_BUS_ADDRESS="}
	d.open(t)
	d.addGuarded(t, simulated(t))
	d.keepsSecretsIn(t, "file")
	d.tellsNothing(t)
	d.wroteNothing(t, "")
	if sealed, err := os.Stat(filepath.Join(d.data, "secrets.enc")); err != nil || sealed.Mode().Perm() != 0o600 {
		t.Errorf("the encrypted file: %v, %v", sealed, err)
	}
	must(t, d.Stop())
	d.wroteNothing(t, "")
}

// addGuarded adds a feed that answers 401, and then gives it the token that it wants.
func (d *desk) addGuarded(t *testing.T, feeds string) (id string) {
	t.Helper()
	d.sees(t, 10*time.Second, "the open stream", shown(byHook("stream-state")+`[data-state="open"]`, ""))
	d.click(t, "tab-settings")
	d.fill(t, "add-feed-url", feeds+"/sse/ntfy?fault=401-bearer")
	must(t, d.Press(t.Context(), "Return"))
	refused := shown(byHook("feed-probe-error")+`[data-code="unauthorized"]`, "")
	d.sees(t, 20*time.Second, "the question who we are", refused)
	d.click(t, "add-feed-submit")
	d.closed(t)
	id = d.added(t)
	d.sees(t, 20*time.Second, "the feed to need a token", shown(inRow(id, "", "needs auth"), "401"))

	must(t, d.Click(t.Context(), inRow(id, "feed-edit", "needs auth")))
	d.click(t, "feed-probe")
	d.sees(t, 20*time.Second, "the question who we are", refused)
	d.fill(t, "feed-auth-secret", simulate.BearerToken)
	must(t, d.Press(t.Context(), "Return"))
	d.sees(t, 20*time.Second, "its first events", shown(byHook("feed-preview")+" li", ""))
	d.click(t, "edit-feed-save")
	d.closed(t)
	d.living(t, id)
	return id
}

// private is the window's own door, as its page knows it.
func (d *desk) private(t *testing.T) (private struct{ URL, Key string }) {
	t.Helper()
	must(t, d.Eval(t.Context(), "void go.main.App.Door().then((door) => { window.told = { URL: door.url, Key: door.key }; })", nil))
	d.sees(t, 10*time.Second, "the bridge's answer", "window.told")
	must(t, d.Eval(t.Context(), "window.told", &private))
	return private
}

func (d *desk) keepsSecretsIn(t *testing.T, place string) {
	t.Helper()
	private := d.private(t)
	var settings struct{ Secrets struct{ Place, Text string } }
	must(t, json.Unmarshal([]byte(answer(t, private.URL+"/api/settings", private.Key)), &settings))
	if settings.Secrets.Place != place {
		t.Errorf("secrets are kept in the %s, want %s: %s", settings.Secrets.Place, place, settings.Secrets.Text)
	}
}

// tellsNothing asks everything that tells of feeds, and looks for the token in it.
func (d *desk) tellsNothing(t *testing.T) {
	t.Helper()
	private, front := d.private(t), d.door().base
	told := map[string]string{}
	for _, path := range []string{
		"/api/settings", "/api/settings/export", "/api/settings/versions", "/api/opml", "/api/diagnostics", "/api/log", "/export",
		"/metrics", "/feeds", "/events?limit=1000", "/event_stream?status=1&last=20&format=json", "/poll?limit=100",
	} {
		told["private "+path] = answer(t, private.URL+path, private.Key)
	}
	for _, path := range []string{"/metrics", "/feeds", "/events?limit=1000", "/event_stream?last=20", "/poll?limit=100", "/healthz", "/openapi.json"} {
		told["front "+path] = answer(t, front+path, "")
	}
	socket, _, err := websocket.Dial(within(t, 20*time.Second), "ws"+strings.TrimPrefix(front, "http")+"/ws?last=1", nil)
	must(t, err)
	_, message, err := socket.Read(within(t, 20*time.Second))
	must(t, err)
	must(t, socket.CloseNow())
	told["front /ws"] = string(message)
	for _, args := range [][]string{{"settings", "export"}, {"feed", "export"}, {"feed", "list", "--json"}, {"export"}, {"settings", "versions"}} {
		out, err := rig.Run(within(t, 20*time.Second), rig.Command{Path: program(t, "tickertape-cli"), Args: append(args, "--data", d.data)})
		must(t, err)
		told[strings.Join(args, " ")] = out
	}
	var page string
	must(t, d.Eval(t.Context(), "document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage })", &page))
	told["the page"] = page
	for where, text := range told {
		if text == "" || strings.Contains(text, simulate.BearerToken) {
			t.Errorf("%s tells %s", where, text)
		}
	}
}

// answer is what a door says to a request; of an endless stream the first part.
func answer(t *testing.T, url, key string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	must(t, err)
	if key != "" {
		request.Header.Set(doors.KeyHeader, key)
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", url, response.Status)
	}
	var text bytes.Buffer
	part := make([]byte, 64<<10)
	for {
		n, err := response.Body.Read(part)
		text.Write(part[:n])
		stream := strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream")
		if err != nil || stream && strings.Contains(text.String(), "\ndata:") {
			return text.String()
		}
	}
}

// wroteNothing looks for the token in all files of the data folder and of the home, but for those in one folder, and
// in what the program printed.
func (d *desk) wroteNothing(t *testing.T, but string) {
	t.Helper()
	if text := fmt.Sprint(d.Stdout, d.Stderr); strings.Contains(text, simulate.BearerToken) {
		t.Errorf("the program printed the token: %s", text)
	}
	known := 0 // files that tell where the feed is, as some must
	for _, dir := range []string{d.data, d.home} {
		must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil // the program runs, and its files come and go
			}
			if err != nil {
				return err
			}
			if path == but {
				return filepath.SkipDir
			}
			if !entry.Type().IsRegular() {
				return nil
			}
			text, err := os.ReadFile(path)
			if os.IsNotExist(err) {
				return nil
			}
			if bytes.Contains(text, []byte("fault=401-bearer")) {
				known++
			}
			if bytes.Contains(text, []byte(simulate.BearerToken)) {
				t.Errorf("%s has the token", path)
			}
			return err
		}))
	}
	if known == 0 {
		t.Error("no file knows the feed: the wrong ones were looked into")
	}
}
