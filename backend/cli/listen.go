package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tickertape/backend/sse"
)

// listener is the demonstration's client.
type listener struct {
	client      sse.Client
	json        bool
	count       int // 0: no end
	types       []string
	noReconnect bool
	out, err    io.Writer

	seen   int
	opened bool
}

// errCount ends listening when enough events came.
var errCount = errors.New("the count is reached")

func listen(dataDir *string) *cobra.Command {
	known := trust{dataDir: dataDir}
	var l listener
	var headers []string
	var body string
	cmd := &cobra.Command{
		Use:   "listen URL",
		Short: "Print the events of a stream of server-sent events",
		Long: "Listen connects to a stream of server-sent events and prints what comes, as a browser's EventSource would see it:\n" +
			"it reconnects when the connection is lost, and resumes after the last event. With --json each event is one line,\n" +
			`{"type","data","lastEventId"}, on stdout; what happens to the connection goes to stderr.` + "\n\n" +
			"A first connection that is refused ends it, since the URL is most likely mistyped; with --json it tries again, since a\n" +
			"program may be up before its server. --no-reconnect never tries again.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l.client.URL = args[0]
			l.client.Body = []byte(body)
			l.client.Header = http.Header{"User-Agent": {"Tickertape/" + Version}}
			for _, h := range headers {
				name, value, found := strings.Cut(h, ":")
				if !found || strings.TrimSpace(name) == "" {
					return fmt.Errorf("--header %q: write it as 'Name: value'", h)
				}
				// The first of a name replaces ours, the next ones join it.
				name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
				if name == "User-Agent" {
					l.client.Header.Del(name)
				}
				l.client.Header.Add(name, strings.TrimSpace(value))
			}
			l.out, l.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			client, release, err := known.client()
			if err != nil {
				return err
			}
			defer release()
			l.client.HTTP = client
			return l.run(ctx)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&l.json, "json", false, "one JSON object a line for each event, and nothing else, on stdout")
	flags.IntVar(&l.count, "count", 0, "end after so many events (0: never)")
	flags.StringArrayVar(&l.types, "type", nil, "only events of this `type`; may be repeated")
	flags.StringArrayVar(&headers, "header", nil, "a request header, as `'Name: value'`; may be repeated")
	flags.StringVar(&l.client.Method, "method", "", "the request's method (default GET, or POST with a body)")
	flags.StringVar(&body, "body", "", "the request's body")
	flags.StringVar(&l.client.LastEventID, "last-event-id", "", "resume after the event with this `id`")
	flags.BoolVar(&l.noReconnect, "no-reconnect", false, "end when the connection does")
	known.flag(flags)
	return cmd
}

// run listens until the count is reached or ctx ends (nil), or until the stream
// fails for good (the reason).
func (l *listener) run(ctx context.Context) error {
	l.say("Connecting to SSE URL: %s", l.client.URL)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l.client.OnOpen = func(*http.Response) {
		l.opened = true
		l.say("Connection established.")
	}
	l.client.OnRetry = func(err error, after time.Duration) {
		reason := explain(l.client.URL, err)
		if l.noReconnect || (!l.json && !l.opened && isHopeless(err)) {
			stop(errors.New(reason))
			return
		}
		l.say("%s Reconnecting in %s.", reason, after.Round(100*time.Millisecond))
	}
	l.client.OnSkip = func(err *sse.TooLargeError) { l.say("Skipped: %v.", err) }
	err := l.client.Run(ctx, l.event)
	switch {
	case errors.Is(err, errCount):
		err = nil
	case ctx.Err() != nil:
		if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
			err = nil // Ctrl-C: context.Canceled is the only cause that isn't ours
		} else {
			err = cause
		}
	default:
		err = errors.New(explain(l.client.URL, err))
	}
	l.say("SSE connection closed.")
	return err
}

// isHopeless reports whether a first connection failed as it does when the URL
// is wrong, so that waiting would only hide the mistake from a person.
func isHopeless(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// event prints one event.
func (l *listener) event(e sse.Event) error {
	if len(l.types) > 0 && !slices.Contains(l.types, e.Type) {
		return nil
	}
	if err := l.print(e); err != nil {
		return fmt.Errorf("print an event: %w", err)
	}
	if l.seen++; l.count > 0 && l.seen >= l.count {
		return errCount
	}
	return nil
}

func (l *listener) print(e sse.Event) error {
	if l.json {
		encoder := json.NewEncoder(l.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Type        string `json:"type"`
			Data        string `json:"data"`
			LastEventID string `json:"lastEventId"`
		}{e.Type, e.Data, e.LastEventID})
	}
	kind := ""
	if e.Type != "message" {
		kind = " (custom event)"
	}
	_, err := fmt.Fprintf(l.out, "Event type: %s%s\nEvent data: %s\n", e.Type, kind, e.Data)
	return err
}

// say tells what happens to the connection.
func (l *listener) say(format string, args ...any) {
	to := l.out
	if l.json {
		to = l.err
	}
	fmt.Fprintf(to, format+"\n", args...)
}
