package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/source"
)

// run runs a command line to its end.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Run(t.Context(), Program{Args: args, Stdout: &out, Stderr: &errOut})
	return code, out.String(), errOut.String()
}

// serveEvents is a stream of events, cut after each frame group; the last one
// stays open.
func serveEvents(t *testing.T, connections ...string) string {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("X-Test")+" "+r.Header.Get("Last-Event-ID"))
		if n < len(connections) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprint(w, strings.ReplaceAll(connections[n], "REQUEST", w.Header().Get("X-Seen")+" "+string(body)))
		}
		if n++; n >= len(connections) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func TestListenPrintsTheLinesOfTheDemonstration(t *testing.T) {
	url := serveEvents(t, "id: 1\ndata: Server time: x (message 3)\n\nevent: custom_event\ndata: This is a custom event 1.0\n\n")
	code, stdout, stderr := run(t, "listen", url, "--count", "2")
	want := "Connecting to SSE URL: " + url + "\nConnection established.\n" +
		"Event type: message\nEvent data: Server time: x (message 3)\n" +
		"Event type: custom_event (custom event)\nEvent data: This is a custom event 1.0\n" +
		"SSE connection closed.\n"
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Error(diff)
	}
}

func TestListenJSONPrintsEventsAndNothingElse(t *testing.T) {
	url := serveEvents(t, "retry: 1\nid: 1\ndata: a\n\n: comment\n\n", "data: <b>\ndata: \"2\"\n\nevent: skip\ndata: x\n\nid: é\ndata: REQUEST\n\n")
	code, stdout, stderr := run(t, "listen", "--json", "--count", "3", "--type", "message", "--header", "X-Test: yes", "--method", "POST", "--body", "hello", url)
	want := `{"type":"message","data":"a","lastEventId":"1"}` + "\n" +
		`{"type":"message","data":"<b>\n\"2\"","lastEventId":"1"}` + "\n" +
		`{"type":"message","data":"POST yes 1 hello","lastEventId":"é"}` + "\n"
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(stderr, "Connection established.") || !strings.Contains(stderr, "Reconnecting in") {
		t.Errorf("stderr %q", stderr)
	}
}

func TestListenExplainsWhyItEnds(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	notFound := httptest.NewServer(http.NotFoundHandler())
	defer notFound.Close()
	ends := serveEvents(t, "data: x\n\n", "")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"refused", []string{"http://" + closed.Addr().String()}, "Connection refused"},
		{"not found", []string{notFound.URL}, "404 Not Found"},
		{"the stream ends", []string{ends, "--no-reconnect"}, "The server ended the stream."},
		{"not a URL", []string{"a b"}, "tickertape: "},
		{"a bad header", []string{"http://127.0.0.1:1/", "--header", "nonsense"}, "write it as 'Name: value'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, _, stderr := run(t, append([]string{"listen"}, tt.args...)...)
			if code != 1 || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit %d, stderr %q", code, stderr)
			}
		})
	}
}

func TestListenJSONOutlivesARefusedFirstConnection(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	ctx, cancel := context.WithCancel(t.Context())
	said, stderr := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, Program{Args: []string{"listen", "--json", "http://" + closed.Addr().String()}, Stdout: io.Discard, Stderr: stderr})
		stderr.Close()
	}()
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "Reconnecting in") {
	}
	if !strings.Contains(lines.Text(), "Connection refused") {
		t.Errorf("the last line on stderr is %q, not why and when it tries again", lines.Text())
	}
	cancel()
	_, _ = io.Copy(io.Discard, said)
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
}

func TestListenEndsWithCodeZeroWhenInterrupted(t *testing.T) {
	url := serveEvents(t, "data: x\n\n")
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, Program{Args: []string{"listen", "--json", url}, Stdout: in, Stderr: io.Discard})
		in.Close()
	}()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line == "" {
		t.Fatal(line, err)
	}
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
}

func TestFeedsAreAddedListedAndRemoved(t *testing.T) {
	data := t.TempDir()
	if code, out, errOut := run(t, "feed", "add", "http://127.0.0.1:9/x", "--kind", "sse", "--name", "My feed", "--data", data); code != 0 || out != "added my-feed (My feed)\n" {
		t.Errorf("add: %d %q %q", code, out, errOut)
	}
	if code, _, errOut := run(t, "feed", "add", "nonsense", "--data", data); code != 1 || !strings.Contains(errOut, "http:// or https://") {
		t.Errorf("add nonsense: %d %q", code, errOut)
	}
	code, out, _ := run(t, "feed", "list", "--json", "--data", data)
	var list struct {
		Feeds []struct{ ID, Name, Kind, URL string }
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != 0 || len(list.Feeds) != 2 || list.Feeds[1].ID != "my-feed" {
		t.Errorf("list: %d %s %v", code, out, err)
	}
	if code, out, _ := run(t, "feed", "list", "--data", data); code != 0 || !strings.Contains(out, "my-feed  My feed  sse    http://127.0.0.1:9/x") {
		t.Errorf("list: %d %q", code, out)
	}
	if code, out, _ := run(t, "feed", "remove", "my FEED", "--data", data); code != 0 || out != "removed my-feed (My feed)\n" {
		t.Errorf("remove: %d %q", code, out)
	}
	if code, _, errOut := run(t, "feed", "remove", "my-feed", "--data", data); code != 1 || !strings.Contains(errOut, "no feed called") {
		t.Errorf("remove again: %d %q", code, errOut)
	}
}

func TestAFeedIsAddedWithItsOptions(t *testing.T) {
	data := t.TempDir()
	script, token := filepath.Join(data, "script.json"), filepath.Join(data, "token")
	for file, text := range map[string]string{script: `[{"waitFor":"type=hello","send":{"type":"subscribe"}},{"send":"plain"}]`, token: "hunter2\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"wss://a.example/ws", "--no-probe", "--script", script, "--heartbeat", "type=ping", "--bearer-file", token},
		{"https://b.example/x?since={{cursor}}", "--kind", "poll", "--interval", "45s", "--items", "features", "--cursor-path", "next", "--header", "X-A: b: c", "--method", "POST", "--body", "@" + script},
		{"https://d.example/", "--kind", "rss", "--proxy", "socks5://me:hunter2@p.example:1080", "--ca", script, "--client-cert", token, "--ipv6", "never", "--connect-timeout", "5s", "--answer-timeout", "1m"},
	} {
		if code, _, errOut := run(t, append([]string{"feed", "add", "--data", data}, args...)...); code != 0 {
			t.Errorf("%v: exit %d, %s", args, code, errOut)
		}
	}
	code, out, _ := run(t, "feed", "list", "--json", "--data", data)
	for _, want := range []string{
		`"kind":"websocket"`, `"script":[{"waitFor":"type=hello","send":"{\"type\":\"subscribe\"}"},{"send":"plain"}]`, `"heartbeat":"type=ping"`,
		`"auth":{"type":"bearer","secret":"` + source.Mask, `"kind":"poll"`, `"interval":"45s"`, `"items":"features"`, `"cursor":{"path":"next"}`,
		`"proxy":"socks5://me:` + source.Mask + `@p.example:1080","ca":"` + script + `","ipv6":"never","connectTimeout":"5s","answerTimeout":"1m0s","clientCert":"` + token + `"`,
		`"headers":{"X-A":"b: c"}`, `"method":"POST"`, `"body":"[{\"waitFor`,
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %s in %s", code, want, out)
		}
	}
	if strings.Contains(out, "hunter2") {
		t.Error("the token is shown")
	}
	for sentence, args := range map[string][]string{
		"write it like 'Name: value'": {"--header", "x"}, "read the script": {"--script", token}, "between 1 second and 24 hours": {"--kind", "poll", "--interval", "1ms"},
	} {
		code, _, errOut := run(t, append([]string{"feed", "add", "--no-probe", "http://c.example", "--data", data}, args...)...)
		if code != 1 || !strings.Contains(errOut, sentence) {
			t.Errorf("%v: exit %d, %s", args, code, errOut)
		}
	}
}

func TestServeSaysWhereItListensFirstAndFollowsTheSettings(t *testing.T) {
	data := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Run(ctx, Program{Args: []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, Stdout: in, Stderr: io.Discard})
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok || !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/") {
		t.Fatalf("the first line is %q", line)
	}
	// The clock's first events, from the very first.
	listenCode, got, _ := run(t, "listen", "--json", "--count", "1", url+"event_stream?feed=clock")
	if listenCode != 0 || !strings.Contains(got, "(message 0)") {
		t.Errorf("exit %d, %q", listenCode, got)
	}
	if code, _, errOut := run(t, "serve", "--data", data, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errOut, "another Tickertape uses this data folder") {
		t.Errorf("a second one: %d %q", code, errOut)
	}
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
}

func TestHelpAndVersionAndMistakes(t *testing.T) {
	if code, out, _ := run(t, "--version"); code != 0 || !strings.Contains(out, Version) {
		t.Errorf("--version: %d %q", code, out)
	}
	if code, out, _ := run(t, "--help"); code != 0 || !strings.Contains(out, "serve") || !strings.Contains(out, "listen") {
		t.Errorf("--help: %d %q", code, out)
	}
	if code, _, errOut := run(t, "telex"); code != 1 || !strings.Contains(errOut, `unknown command "telex"`) {
		t.Errorf("telex: %d %q", code, errOut)
	}
}

func TestSimulateServesUntilItIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, writer := io.Pipe()
	code := make(chan int)
	go func() {
		defer writer.Close()
		code <- Run(ctx, Program{Args: []string{"simulate", "--seed", "3", "--rate", "100"}, Stdout: writer, Stderr: io.Discard})
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !found || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("first line %q, %v", line, err)
	}
	listened, stdout, stderr := run(t, "listen", "--json", "--count", "3", url+"sse/numbers?after=all")
	if listened != 0 || !strings.Contains(stdout, `"lastEventId":"2"`) {
		t.Errorf("exit %d: %s%s", listened, stdout, stderr)
	}
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
	if code, _, stderr := run(t, "simulate", "--rate", "0"); code != 1 || !strings.Contains(stderr, "nothing would ever happen") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
