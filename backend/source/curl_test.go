package source

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestACommandLineIsTakenApartAsAShellDoes(t *testing.T) {
	for line, want := range map[string][]string{
		"curl  -N 'a b'\t\"c d\" e\\ f": {"curl", "-N", "a b", "c d", "e f"},
		`a'b'"c"`:                       {"abc"},
		`'' ""`:                         {"", ""},
		`"a\"b\\c\$d\e$f"`:              {`a"b\c$d\e$f`},
		"'it'\\''s'":                    {"it's"},
		"curl a \\\n  -H b \\ \n -N":    {"curl", "a", "-H", "b", "-N"},
		"curl a\r\n  -N":                {"curl", "a", "-N"},
		"curl a\nls -l":                 {"curl", "a"},
		"curl a | jq . > x":             {"curl", "a"},
		"curl https://a/?x=1&y=2 && ls": {"curl", "https://a/?x=1&y=2"},
		"curl a & ls":                   {"curl", "a"},
		`$'a\'b\n\t\x41\u00e9\U0001F39E\101\q\\'`: {"a'b\n\tAé🎞A\\q\\"},
		`$'\uD83C\uDF9E'`:                         {"🎞"},
		`$'\uD83C'`:                               {"\ufffd"},
		"é 🎞":                                     {"é", "🎞"},
		"'not closed":                             {"not closed"},
		`"not closed`:                             {"not closed"},
		`$'not closed`:                            {"not closed"},
		"a\\":                                     {"a"},
		"curl ^\"https://a/?x=1^&y=^%^22^\" ^\n  -H ^\"a: ^\\^\"b^\\^\"^\"": {"curl", "https://a/?x=1&y=%22", "-H", `a: "b"`},
		"curl ^\"https://a/^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":1^}^\"": {"curl", "https://a/", "--data-raw", `{"a":1}`},
		"":      nil,
		" \n ":  nil,
		"a;b":   {"a"},
		"a\n\n": {"a"},
	} {
		diff(t, line, want, shellWords(line))
	}
}

func TestACurlCommandIsAFeed(t *testing.T) {
	for name, tt := range map[string]struct {
		command string
		want    Feed
	}{
		"a browser's": {
			`curl 'https://a.example/events?x=1' \
  -H 'accept: */*' \
  -H 'accept-language: de' \
  -H 'cache-control: no-cache' \
  -b 'sid=hunter2; b=c' \
  -H 'sec-ch-ua: "Chromium";v="150"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0' \
  -H 'referer: https://a.example/' \
  --compressed`,
			Feed{URL: "https://a.example/events?x=1", UserAgent: "Mozilla/5.0", Headers: map[string]string{"Accept-Language": "de", "Cookie": "sid=hunter2; b=c", "Referer": "https://a.example/"}},
		},
		"flags together":      {"$ curl -sSNLk https://a.example/", Feed{URL: "https://a.example/", Insecure: true}},
		"glued values":        {"curl -XPUT -d'a=1' -da=2 -uann:pa:ss -A me https://a.example/", Feed{URL: "https://a.example/", Method: "PUT", Body: "a=1&a=2", UserAgent: "me", Auth: Auth{Type: AuthBasic, User: "ann", Secret: "pa:ss"}, Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}},
		"json":                {`curl --json '{"a":1}' --url https://a.example/`, Feed{URL: "https://a.example/", Body: `{"a":1}`, Headers: map[string]string{"Content-Type": "application/json", "Accept": "application/json"}}},
		"raw data":            {`curl -X POST https://a.example/ -H 'content-type: application/json' --data-raw $'{"a":"\'@"}'`, Feed{URL: "https://a.example/", Body: `{"a":"'@"}`, Headers: map[string]string{"Content-Type": "application/json"}}},
		"data in the URL":     {`curl -G https://a.example/?x=1 --data-urlencode 'q=a b' -d c`, Feed{URL: "https://a.example/?x=1&q=a+b&c"}},
		"bearer":              {`curl -H "Authorization: Bearer hunter2" a.example/x`, Feed{URL: "a.example/x", Auth: Auth{Type: AuthBearer, Secret: "hunter2"}}},
		"basic":               {`curl -H "Authorization: Basic YW5uOnA=" https://a.example/`, Feed{URL: "https://a.example/", Auth: Auth{Type: AuthBasic, User: "ann", Secret: "p"}}},
		"another scheme":      {`curl -H "Authorization: Digest x" -e https://b.example/ https://a.example/`, Feed{URL: "https://a.example/", Headers: map[string]string{"Authorization": "Digest x", "Referer": "https://b.example/"}}},
		"a WebSocket":         {`curl 'https://a.example/ws' -H 'Upgrade: websocket' -H 'Connection: Upgrade' -H 'Sec-WebSocket-Key: x' -H 'Sec-WebSocket-Protocol: a, b' -H 'Origin: https://a.example'`, Feed{URL: "wss://a.example/ws", Subprotocols: []string{"a", "b"}, Headers: map[string]string{"Origin": "https://a.example"}}},
		"options with values": {"curl --max-time 5 -o out.txt --retry 3 -m 3 -w '%{http_code}' https://a.example/ https://b.example/", Feed{URL: "https://a.example/"}},
		"its own host":        {"curl https://a.example/ -H 'Host: a.example'", Feed{URL: "https://a.example/"}},
		"a way":               {"curl -6 -x http://proxy:3128 -U me:p@ss --connect-timeout 2.5 -E /c.pem --key /k.pem --cacert /ca.pem https://a.example/", Feed{URL: "https://a.example/", ClientCert: "/c.pem", ClientKey: "/k.pem", Connection: Connection{Proxy: "http://me:p%40ss@proxy:3128", CA: "/ca.pem", IPv6: IPv6Only, ConnectTimeout: Duration(2500 * time.Millisecond)}}},
		"SOCKS":               {"curl -4 --socks5-hostname proxy:1080 https://a.example/", Feed{URL: "https://a.example/", Connection: Connection{Proxy: "socks5://proxy:1080", IPv6: IPv6Never}}},
		"a proxy":             {"curl -x proxy:3128 https://a.example/", Feed{URL: "https://a.example/", Connection: Connection{Proxy: "http://proxy:3128"}}},
	} {
		if !isCurl(tt.command) {
			t.Errorf("%s: not a curl command", name)
		}
		got, err := curlFeed(tt.command, Feed{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		diff(t, name, tt.want, got)
	}
}

func TestWhatCurlCanAndAFeedCannotIsSaid(t *testing.T) {
	for command, sentence := range map[string]string{
		"curl -d @file https://a.example/":   "sends a file",
		"curl -F a=@b https://a.example/":    "uploads",
		"curl -b jar.txt https://a.example/": "cookies from a file",
		"curl -I https://a.example/":         "head of an answer",
		"curl -N -H 'a: b'":                  "no URL",
	} {
		if _, err := curlFeed(command, Feed{}); err == nil || !strings.Contains(explain("", err).cause, sentence) {
			t.Errorf("%s: %v", command, err)
		}
	}
	for _, text := range []string{"curl", "curly https://a.example/", "https://a.example/curl x", ""} {
		if isCurl(text) {
			t.Errorf("%q is taken for a command", text)
		}
	}
}

func TestTheBaseOfACurlCommandIsNotChanged(t *testing.T) {
	base := Feed{Headers: map[string]string{"A": "b"}}
	if f, err := curlFeed("curl -H 'c: d' https://a.example/", base); err != nil || len(f.Headers) != 2 || len(base.Headers) != 1 {
		t.Errorf("%v %v, base %v", f.Headers, err, base.Headers)
	}
}

func FuzzCurl(f *testing.F) {
	for _, seed := range []string{
		`curl 'https://a.example/' -H 'a: b' --data-raw $'\x41\'' -sNu a:b`, "curl ^\"x^\" ^\n -d ^\"y^\"", "curl -XPOST -", "curl --", `curl $'\u`, "curl -H", `curl "\`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		feed, err := curlFeed(command, Feed{})
		if err == nil && feed.URL == "" {
			t.Error("a feed without a URL")
		}
		if err != nil && !isA[*optionError](err) {
			t.Errorf("no sentence: %v", err)
		}
	})
}

func FuzzShellWordsReadWhatShellCommandWrites(f *testing.F) {
	f.Add("it's", "$x\\ \n\"", "")
	f.Add("^\"", "é", "--a=b")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		words := []string{a, b, c}
		for _, word := range words {
			if !utf8.ValidString(word) || strings.ContainsAny(word, "\r") || strings.Contains(word, `^"`) {
				return // line ends are one; ^" is cmd's
			}
		}
		line := ShellCommand(words...)
		if strings.Contains(line, `^"`) {
			return
		}
		if got := shellWords(line); !slices.Equal(got, words) {
			t.Errorf("%s: %q, want %q", line, got, words)
		}
	})
}
