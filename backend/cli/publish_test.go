package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// serveFolder runs serve on a data folder until the test ends, and returns
// where it listens.
func serveFolder(t *testing.T, data string) (url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, Program{Args: []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, Stdout: in, Stderr: io.Discard})
		in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("serve: exit %d", code)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "listening on "), "/")
}

// create makes a token and returns it.
func create(t *testing.T, data, name, scope string) string {
	t.Helper()
	code, out, errOut := run(t, "token", "create", "--name", name, "--scope", scope, "--data", data)
	if code != 0 || !regexp.MustCompile(`^tt_[\w-]{43}\n$`).MatchString(out) || errOut == "" {
		t.Fatalf("exit %d, stdout %q, stderr %q", code, out, errOut)
	}
	return strings.TrimSpace(out)
}

func TestTokensAreCreatedListedAndRevoked(t *testing.T) {
	data := t.TempDir()
	token := create(t, data, "CI", "publish")
	code, out, _ := run(t, "token", "list", "--data", data)
	if code != 0 || !regexp.MustCompile(`(?m)^[a-z0-9]{8}  CI    publish  2`).MatchString(out) || strings.Contains(out, token) {
		t.Errorf("list: %d %q", code, out)
	}
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"create", "--name", "ci", "--scope", "read"}, "already"},
		{[]string{"create", "--name", "x", "--scope", "admin"}, "use read or publish"},
		{[]string{"create", "--name", "x"}, `"scope" not set`},
		{[]string{"revoke", "nobody"}, "no token called"},
	} {
		if code, out, errOut := run(t, append([]string{"token", "--data", data}, row.args...)...); code != 1 || out != "" || !strings.Contains(errOut, row.want) {
			t.Errorf("%v: %d %q %q", row.args, code, out, errOut)
		}
	}
	if code, out, _ := run(t, "token", "revoke", "ci", "--data", data); code != 0 || !strings.HasPrefix(out, "revoked ") {
		t.Errorf("revoke: %d %q", code, out)
	}
	if _, out, _ := run(t, "token", "list", "--data", data); strings.Contains(out, "CI") {
		t.Errorf("list: %q", out)
	}
}

func TestPublishPrintsTheIDAndTheEventIsOnTheTape(t *testing.T) {
	data := t.TempDir()
	if code, out, errOut := run(t, "feed", "add", "--kind", "push", "--name", "Builds", "--data", data); code != 0 || out != "added builds (Builds)\n" {
		t.Fatalf("add: %d %q %q", code, out, errOut)
	}
	token := create(t, data, "CI", "publish")
	t.Setenv(tokenVariable, token)
	url := serveFolder(t, data)
	publish := func(stdin string, args ...string) (code int, stdout, stderr string) {
		var out, errOut bytes.Buffer
		args = append([]string{"publish", "--url", url, "--feed", "builds"}, args...)
		code = Run(t.Context(), Program{Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut})
		return code, out.String(), errOut.String()
	}
	id := regexp.MustCompile(`^[a-z0-9]+-\d+\n$`)
	for _, row := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"done", "--type", "build", "--id", "1"}},
		{`{"from":"stdin"}`, []string{"-"}},
		{"also\nfrom stdin", nil},
		{"1\n\n2\n", []string{"--ndjson"}},
	} {
		if code, out, errOut := publish(row.stdin, row.args...); code != 0 || !id.MatchString(out) {
			t.Fatalf("%v: %d %q %q", row.args, code, out, errOut)
		}
	}
	_, first, _ := publish("", "done", "--type", "build", "--id", "1")
	if _, again, _ := publish("", "done", "--type", "build", "--id", "1", "--token", token); again != first {
		t.Errorf("published again it is %q, was %q", again, first)
	}
	_, got, _ := run(t, "listen", "--json", "--count", "5", url+"/event_stream?feed=builds&last=10")
	got = regexp.MustCompile(`,"lastEventId":"[^"]*"`).ReplaceAllString(got, "")
	if want := `{"type":"build","data":"done"}
{"type":"message","data":"{\"from\":\"stdin\"}"}
{"type":"message","data":"also\nfrom stdin"}
{"type":"message","data":"1"}
{"type":"message","data":"2"}
`; got != want {
		t.Errorf("on the tape is\n%s", got)
	}
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"x", "--token", "tt_x"}, "not known here"},
		{[]string{"x", "--feed", "no/such feed"}, "no such feed"},
		{[]string{"x", "--ndjson"}, "from stdin"},
		{[]string{"--ndjson"}, "Line 1 is not one JSON value"}, // its stdin is "{"
		{[]string{"x", "--url", "http://127.0.0.1:1"}, "Connection refused"},
		{[]string{"x", "--url", "::"}, "is not a URL"},
		{[]string{"x", "--url", url + "/basic"}, "This path takes"},
	} {
		code, out, errOut := publish("{", row.args...)
		if code != 1 || out != "" || !strings.Contains(errOut, row.want) {
			t.Errorf("%v: %d %q %q", row.args, code, out, errOut)
		}
	}
	t.Setenv(tokenVariable, "")
	if code, _, errOut := publish("", "x"); code != 1 || !strings.Contains(errOut, "needs a token") {
		t.Errorf("without a token: %d %q", code, errOut)
	}
}

func TestAFrontDoorWithItsOwnCertificateIsTrustedOnItsFolderAndByFile(t *testing.T) {
	data, elsewhere := t.TempDir(), t.TempDir()
	file := filepath.Join(data, "settings.json")
	document := `{"version": 1, "front": {"enabled": true, "address": "127.0.0.1", "port": 0, "tls": {"mode": "own"}}, "feeds": [{"id": "builds", "name": "Builds", "kind": "push"}]}`
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	token := create(t, data, "CI", "publish")
	url := serveFolder(t, data)
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("it listens on %s", url)
	}
	for _, args := range [][]string{
		{"publish", "--url", url, "--feed", "builds", "--token", token, "green"},
		{"search", "--url", url},
		{"listen", "--count", "1", "--no-reconnect", url + "/event_stream?last=1"},
	} {
		if code, out, errOut := run(t, append(args, "--data", data)...); code != 0 || out == "" {
			t.Errorf("%s on its folder: %d %q %q", args[0], code, out, errOut)
		}
		if code, _, errOut := run(t, append(args, "--data", elsewhere)...); code != 1 || !strings.Contains(errOut, "give it by --ca") {
			t.Errorf("%s elsewhere: %d %q", args[0], code, errOut)
		}
		if code, out, errOut := run(t, append(args, "--data", elsewhere, "--ca", filepath.Join(data, "front-door.crt"))...); code != 0 || out == "" {
			t.Errorf("%s elsewhere, with its certificate: %d %q %q", args[0], code, out, errOut)
		}
		if code, _, errOut := run(t, append(args, "--data", elsewhere, "--ca", file)...); code != 1 || !strings.Contains(errOut, "holds no certificate") {
			t.Errorf("%s with another file: %d %q", args[0], code, errOut)
		}
	}
}
