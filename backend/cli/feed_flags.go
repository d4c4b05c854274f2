package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tickertape/backend/source"
)

// feedFlags are the options of a new feed that people use most.
type feedFlags struct {
	name, kind, method, body  string
	items, scene, delta       string
	cursorPath, cursorParam   string
	userAgent, script, bearer string
	headers, subprotocols     []string
	heartbeats                []string
	interval                  time.Duration
	rate                      float64
	seed                      uint64
	insecure                  bool

	proxy, ca, ipv6       string
	clientCert, clientKey string
	connect, answer       time.Duration
}

func (f *feedFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "what to call it (default: the URL's host)")
	flags.StringVar(&f.kind, "kind", "", "the kind of feed: sse, websocket, ndjson, rss, poll, longpoll, push or simulator (default: what a probe finds)")
	flags.DurationVar(&f.interval, "interval", 0, "the pause between two polls (default: 30s, and 5m for rss)")
	flags.StringVar(&f.items, "items", "", "where the events stand in an answer or message (a gjson path; @this for an array)")
	flags.StringArrayVar(&f.heartbeats, "heartbeat", nil, "messages that are no events: path=value, a text they contain, or =text that they are (repeatable)")
	flags.StringVar(&f.delta, "delta", "", "firebase: events are changes of one document")
	flags.StringVar(&f.scene, "scene", "", "what a simulator shows: ticker, league, newsroom or burst")
	flags.Float64Var(&f.rate, "rate", 0, "a simulator's events a second (default: the scene's own)")
	flags.Uint64Var(&f.seed, "seed", 0, "the number that all values of a simulator follow from")
	flags.StringVar(&f.cursorPath, "cursor-path", "", "where in an event or answer stands what fetches the next ones")
	flags.StringVar(&f.cursorParam, "cursor-param", "", "the query parameter that takes it (default: wherever {{cursor}} stands)")
	flags.StringArrayVar(&f.headers, "header", nil, "a header to send, 'Name: value' (repeatable)")
	flags.StringVar(&f.bearer, "bearer-file", "", "a file with a token to send as Authorization: Bearer")
	flags.StringVar(&f.userAgent, "user-agent", "", "how to introduce ourselves")
	flags.StringVar(&f.method, "method", "", "the request's method (default: GET, or POST with a body)")
	flags.StringVar(&f.body, "body", "", "the request's body, or @FILE")
	flags.StringArrayVar(&f.subprotocols, "subprotocol", nil, "a WebSocket's subprotocol (repeatable)")
	flags.StringVar(&f.script, "script", "", `a file with what to say on a WebSocket: JSON, [{"waitFor":"type=hello","send":"…"}]`)
	flags.BoolVar(&f.insecure, "insecure", false, "accept any certificate")
	flags.StringVar(&f.proxy, "proxy", "", "system, none, or a URL: http, https or socks5, with user:password@ if it wants that (default: the settings')")
	flags.StringVar(&f.ca, "ca", "", "a PEM `file` of authorities to trust besides the system's")
	flags.StringVar(&f.clientCert, "client-cert", "", "a PEM `file` with the certificate that says who we are")
	flags.StringVar(&f.clientKey, "client-key", "", "a PEM `file` with its key (default: it stands in the same file)")
	flags.StringVar(&f.ipv6, "ipv6", "", "auto, never or only (default: the settings')")
	flags.DurationVar(&f.connect, "connect-timeout", 0, "how long it may take to connect (default: the settings', 30s)")
	flags.DurationVar(&f.answer, "answer-timeout", 0, "how long an answer may take to begin (default: the settings', 30s; 5m for longpoll)")
}

// feed is the feed that the flags describe.
func (f *feedFlags) feed(url string) (source.Feed, error) {
	feed := source.Feed{
		Name: f.name, Kind: f.kind, URL: url, Interval: source.Duration(f.interval), Method: f.method, Body: f.body,
		Items: f.items, Heartbeat: strings.Join(f.heartbeats, "\n"), Delta: f.delta, Scene: f.scene, Rate: f.rate, Seed: f.seed,
		UserAgent: f.userAgent, Insecure: f.insecure, Subprotocols: f.subprotocols,
		Cursor: source.Cursor{Path: f.cursorPath, Param: f.cursorParam},
		Connection: source.Connection{
			Proxy: f.proxy, IPv6: f.ipv6, ConnectTimeout: source.Duration(f.connect), AnswerTimeout: source.Duration(f.answer),
		},
	}
	if err := f.files(&feed); err != nil {
		return feed, err
	}
	for _, header := range f.headers {
		name, value, ok := strings.Cut(header, ":")
		if !ok {
			return feed, fmt.Errorf("--header %q: write it like 'Name: value'", name)
		}
		if feed.Headers == nil {
			feed.Headers = map[string]string{}
		}
		feed.Headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if file, ok := strings.CutPrefix(f.body, "@"); ok {
		body, err := os.ReadFile(file)
		if err != nil {
			return feed, fmt.Errorf("read the body: %w", err)
		}
		feed.Body = string(body)
	}
	if f.bearer != "" {
		token, err := os.ReadFile(f.bearer)
		if err != nil {
			return feed, fmt.Errorf("read the token: %w", err)
		}
		feed.Auth = source.Auth{Type: source.AuthBearer, Secret: source.Secret(strings.TrimSpace(string(token)))}
	}
	var err error
	feed.Script, err = readScript(f.script)
	return feed, err
}

// files are given relative to where the command runs, which is not where the feed does.
func (f *feedFlags) files(feed *source.Feed) error {
	for _, file := range []struct {
		given string
		to    *string
	}{{f.ca, &feed.CA}, {f.clientCert, &feed.ClientCert}, {f.clientKey, &feed.ClientKey}} {
		if file.given == "" {
			continue
		}
		path, err := filepath.Abs(file.given)
		if err != nil {
			return fmt.Errorf("find %s: %w", file.given, err)
		}
		*file.to = path
	}
	return nil
}

// readScript reads a WebSocket's script. What is to be sent may be written as
// the JSON that it is, rather than as a string of it.
func readScript(file string) ([]source.Step, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the script: %w", err)
	}
	var steps []struct {
		WaitFor string          `json:"waitFor"`
		Send    json.RawMessage `json:"send"`
	}
	if err := json.Unmarshal(data, &steps); err != nil {
		return nil, fmt.Errorf("read the script: it is a JSON array of {\"waitFor\",\"send\"}: %w", err)
	}
	script := make([]source.Step, len(steps))
	for i, step := range steps {
		script[i] = source.Step{WaitFor: step.WaitFor, Send: string(step.Send)}
		var text string
		if json.Unmarshal(step.Send, &text) == nil {
			script[i].Send = text
		}
	}
	return script, nil
}
