package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tickertape/backend/simulate"
	"tickertape/backend/source"
)

// simulated serves the simulator, and returns its URL without a slash at the
// end.
func simulated(t *testing.T) string {
	t.Helper()
	server, err := simulate.New(simulate.Config{Seed: 1, Rate: 50, Backlog: 20})
	if err != nil {
		t.Fatal(err)
	}
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimSuffix(url, "/")
}

func TestProbeShowsStepsTheFeedItsEventsAndHowToAddIt(t *testing.T) {
	url := simulated(t)
	code, stdout, stderr := run(t, "probe", url+"/poll/usgs")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		" ms  connect  connected to 127.0.0.1:", " ms  answer   200 OK", "Simulated Earthquakes, Past Hour: a feed of kind poll", "events stand at features", "asked every 1m0s", " km NW of ",
		"tickertape feed add " + url + "/poll/usgs --kind poll --name 'Simulated Earthquakes, Past Hour' --items features --interval 1m0s\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in %s", want, stdout)
		}
	}
	code, stdout, stderr = run(t, "probe", url+"/rss?fault=401-basic&token=hunter2")
	if code != 1 || !strings.Contains(stderr, "asks for Basic authentication.\nGive the feed a user and a password.") || strings.Contains(stdout+stderr, "hunter2") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
}

func TestProbeAsJSONIsOneObjectAlsoForAnError(t *testing.T) {
	url := simulated(t)
	type answer struct {
		Kind, Name string
		Events     []json.RawMessage
		Feed       source.Feed
		Error      *source.ProbeError
	}
	probe := func(args ...string) (code int, result answer) {
		code, stdout, stderr := run(t, append([]string{"probe", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(stdout), &result); err != nil || stderr != "" {
			t.Fatalf("%v: %s%s", err, stdout, stderr)
		}
		return code, result
	}
	code, got := probe("--", "curl", "-H", "Authorization: Bearer "+simulate.BearerToken, url+"/rss?fault=401-bearer")
	if code != 0 || got.Kind != source.KindRSS || got.Name != "The Simulated Gazette" || len(got.Events) != 5 || got.Feed.Auth.Secret != source.Mask {
		t.Errorf("exit %d, %+v", code, got)
	}
	if code, got := probe("curl -u tape:reel '" + url + "/rss?fault=401-basic'"); code != 0 || got.Error != nil {
		t.Errorf("exit %d, %+v", code, got.Error)
	}
	if code, got := probe(url + "/rss?fault=404"); code != 1 || got.Error == nil || got.Error.Code != source.ProbeNotFound {
		t.Errorf("exit %d, %+v", code, got)
	}
	if code, got := probe("nonsense"); code != 1 || got.Error.Code != source.ProbeInput {
		t.Errorf("exit %d, %+v", code, got)
	}
}

func TestProbeReadsStdin(t *testing.T) {
	var stdout strings.Builder
	code := Run(t.Context(), Program{
		Args: []string{"probe", "-"}, Stdout: &stdout, Stderr: &stdout,
		Stdin: strings.NewReader(`<opml><head><title>Mine</title></head><body><outline text="A" xmlUrl="https://a.example/x y"/></body></opml>`),
	})
	if code != 0 || !strings.Contains(stdout.String(), "a list of 1 feed (OPML)") || !strings.Contains(stdout.String(), "tickertape feed add 'https://a.example/x y'") {
		t.Errorf("exit %d, %s", code, stdout.String())
	}
}

func TestAFeedIsAddedAsTheProbeFindsIt(t *testing.T) {
	url, data := simulated(t), t.TempDir()
	for _, args := range [][]string{
		{url + "/poll/usgs"}, {url + "/poll/usgs"}, {"--name", "Chess", "--user-agent", "me", url + "/ndjson/lichess"}, {"curl -u tape:reel '" + url + "/rss?fault=401-basic'"},
	} {
		if code, _, stderr := run(t, append([]string{"feed", "add", "--data", data}, args...)...); code != 0 {
			t.Errorf("%q: exit %d, %s", args, code, stderr)
		}
	}
	_, out, _ := run(t, "feed", "list", "--json", "--data", data)
	for _, want := range []string{
		`"name":"Simulated Earthquakes, Past Hour","kind":"poll"`, `"interval":"1m0s"`, `"items":"features"`, `"name":"Simulated Earthquakes, Past Hour 2"`,
		`"name":"Chess","kind":"ndjson"`, `"userAgent":"me"`, `"name":"The Simulated Gazette","kind":"rss"`, `"auth":{"type":"basic","user":"tape"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

func TestWhatTheProbeCannotReadIsNotAddedUnlessForced(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	data := t.TempDir()
	code, out, stderr := run(t, "feed", "add", closed.URL, "--data", data)
	if code != 1 || out != "" || !strings.Contains(stderr, "Connection refused") || !strings.Contains(stderr, "--force") {
		t.Errorf("exit %d, %q %s", code, out, stderr)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<link rel=alternate type=application/rss+xml title=One href=/1><link rel=alternate type=application/atom+xml title=Two href=/2>`))
	}))
	defer page.Close()
	if code, _, stderr := run(t, "feed", "add", page.URL, "--data", data); code != 1 || !strings.Contains(stderr, "names 2 feeds") || !strings.Contains(stderr, "tickertape feed add "+page.URL+"/2") {
		t.Errorf("a page with two: exit %d, %s", code, stderr)
	}
	for _, option := range []string{"--force", "--no-probe"} {
		if code, out, stderr := run(t, "feed", "add", closed.URL, option, "--name", option, "--data", data); code != 0 || !strings.HasPrefix(out, "added ") {
			t.Errorf("%s: exit %d, %q %s", option, code, out, stderr)
		}
	}
	if _, out, _ := run(t, "feed", "list", "--data", data); strings.Count(out, closed.URL) != 2 || strings.Count(out, " sse ") != 2 {
		t.Errorf("added: %s", out)
	}
}

func TestASimulatorIsAFeedByItsScene(t *testing.T) {
	data := t.TempDir()
	if code, out, stderr := run(t, "feed", "add", "--kind", "simulator", "--scene", "ticker", "--rate", "5", "--data", data); code != 0 || out != "added ticker (Ticker)\n" {
		t.Errorf("exit %d, %q %s", code, out, stderr)
	}
	if code, _, stderr := run(t, "feed", "add", "--kind", "simulator", "--name", "x", "--data", data); code != 1 || !strings.Contains(stderr, "Choose a scene") {
		t.Errorf("without a scene: exit %d, %s", code, stderr)
	}
}

func TestAPresetIsAddedWithItsKeyAndMapping(t *testing.T) {
	data := t.TempDir()
	key := filepath.Join(data, "key")
	if err := os.WriteFile(key, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string // on stdout, or in the sentence on stderr
		code int
	}{
		{[]string{"--preset", "demo-league"}, "added demo-league (League demo)\n", 0},
		{[]string{"--preset", "demo-league"}, "added league-demo-2 (League demo 2)\n", 0},
		{[]string{"--preset", "finnhub-trades", "--key-file", key, "--name", "Trades"}, "added finnhub-trades (Trades)\n", 0},
		{[]string{"--preset", "ntfy", "https://ntfy.sh/mine/sse?since={{cursor}}"}, "added ntfy (ntfy messages)\n", 0},
		{[]string{"--preset", "finnhub-trades"}, "get one at https://finnhub.io/register", 1},
		{[]string{"--preset", "clock", "--key", "x"}, "needs no key", 1},
		{[]string{"--preset", "nothing"}, `no feed "nothing"`, 1},
		{[]string{"https://a.example/", "--key", "x"}, "a key goes with --preset", 1},
		{[]string{"--preset", "clock", "--kind", "sse"}, "none of the others can be", 1},
	} {
		code, out, stderr := run(t, append([]string{"feed", "add", "--data", data}, tt.args...)...)
		if code != tt.code || !strings.Contains(out+stderr, tt.want) || strings.Contains(out+stderr, "hunter2") {
			t.Errorf("%q: exit %d, %q %s", tt.args, code, out, stderr)
		}
	}
	saved, err := os.ReadFile(filepath.Join(data, "settings.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(saved), "hunter2") {
		t.Error("the key stands in the settings")
	}
	for _, want := range []string{`"secret": "{{secret:`, `"url": "https://ntfy.sh/mine/sse?since={{cursor}}"`, `"key": "match"`, `"scene": "league"`} {
		if !strings.Contains(string(saved), want) {
			t.Errorf("no %s in %s", want, saved)
		}
	}
}
