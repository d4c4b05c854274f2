package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tickertape/backend/engine"
	"tickertape/backend/event"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// maxInput bounds what is read from stdin to be probed, in bytes.
const maxInput = 4 << 20

func probe(dataDir *string, log func() *slog.Logger) *cobra.Command {
	var asJSON bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "probe INPUT...",
		Short: "Find out what a URL is, and show its first events",
		Long: "Probe looks at what people paste: a URL, a host, a web page that names its feeds, a text with a URL in it, a list of feeds\n" +
			"(OPML), or a command copied as cURL from a browser, quoted or after --. With - it reads that from stdin. It shows each\n" +
			"step, what the feed is, its first events, and how to add it. Nothing is saved.",
		Example: `  tickertape probe https://news.example/
  tickertape probe --json 'curl https://api.example/quakes.json -H "X-Key: 1"'
  tickertape probe -- curl -N https://stream.example/events`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			input, err := readProbeInput(args, cmd.InOrStdin())
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			out := cmd.OutOrStdout()
			cfg := source.ProbeConfig{UserAgent: userAgent(), Timeout: timeout}
			if cfg.With.Defaults, err = networkOf(settingsOf(dataDir, log)); err != nil {
				return err
			}
			if !asJSON {
				cfg.Step = printSteps(out)
			}
			result := engine.Probe(ctx, input, cfg)
			if asJSON {
				err = printJSON(out, result.Masked())
			} else {
				printProbe(out, result)
			}
			if err == nil && result.Error != nil {
				err = errSilent
				if !asJSON {
					err = fmt.Errorf("%s\n%s", result.Error.Reason, result.Error.Next)
				}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object instead, with error in it where there is one")
	cmd.Flags().DurationVar(&timeout, "timeout", 15*time.Second, "how long it may take")
	return cmd
}

// networkOf is how feeds reach the outside by the settings.
func networkOf(open opener) (settings.Network, error) {
	store, err := open()
	if err != nil {
		return settings.Network{}, err
	}
	current, _ := store.Current()
	return current.Network, nil
}

func userAgent() string { return "Tickertape/" + Version }

// readProbeInput puts together what a shell has taken apart.
func readProbeInput(args []string, stdin io.Reader) (string, error) {
	switch {
	case len(args) == 1 && args[0] == "-":
		text, err := io.ReadAll(io.LimitReader(stdin, maxInput))
		if err != nil {
			return "", fmt.Errorf("read stdin: %w", err)
		}
		return string(text), nil
	case len(args) > 1 && args[0] == "curl":
		return source.ShellCommand(args...), nil
	}
	return strings.Join(args, " "), nil
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// printSteps writes each step with the time since the start.
func printSteps(out io.Writer) func(name, detail string) {
	began := time.Now()
	return func(name, detail string) {
		fmt.Fprintf(out, "%6d ms  %-8s %s\n", time.Since(began).Milliseconds(), name, printable(detail))
	}
}

// printProbe writes a result for people.
func printProbe(out io.Writer, r *source.ProbeResult) {
	shown := r.Masked()
	if f := shown.Feed; f != nil {
		fmt.Fprintf(out, "\n%s: a feed of kind %s\n", printable(r.Name), r.Kind)
		fmt.Fprintf(out, "  %s\n", printable(f.URL))
		printOptions(out, *f)
	}
	if r.Note != "" {
		fmt.Fprintf(out, "  %s\n", printable(r.Note))
	}
	if c := r.Certificate; c != nil {
		fmt.Fprintf(out, "  certificate of %s: %s, by %s, valid from %s to %s\n    SHA-256 %s\n",
			printable(c.Host), printable(c.Subject), printable(c.Issuer), c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly), c.SHA256)
	}
	for _, e := range r.Events {
		fmt.Fprintf(out, "  %s\n", printable(eventLine(e)))
	}
	if len(shown.Feeds) > 0 {
		fmt.Fprintln(out, "\nFeeds to choose from:")
	}
	for _, offer := range shown.Feeds {
		if offer.Preset != "" {
			fmt.Fprintf(out, "  %s\n      tickertape feed add --preset %s\n", printable(offer.Title), offer.Preset)
			continue
		}
		fmt.Fprintf(out, "  %s\n      tickertape feed add %s\n", printable(offer.Title), source.ShellCommand(offer.URL))
	}
	if r.Feed != nil {
		fmt.Fprintf(out, "\nTo add it:\n  %s\n", addCommand(r))
	}
}

func printOptions(out io.Writer, f source.Feed) {
	if f.Items != "" {
		fmt.Fprintf(out, "  events stand at %s\n", f.Items)
	}
	if f.Interval != 0 {
		fmt.Fprintf(out, "  asked every %s\n", f.Interval)
	}
}

// eventLine is an event on one line.
func eventLine(e source.ProbedEvent) string {
	const longest = 100
	text := e.Raw.Data
	if e.Event != nil {
		if said := strings.TrimSpace(strings.Join([]string{e.Event.Key, e.Event.Title, e.Event.Text, e.Event.Value}, "  ")); said != "" {
			text = said
		}
	}
	line := strings.Join(strings.Fields(text), " ")
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	if e.Raw.Type != "" && e.Raw.Type != event.DefaultType {
		line = e.Raw.Type + ": " + line
	}
	return "- " + line
}

// printable keeps what comes from outside from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
}

// addCommand is the command that adds what was probed.
func addCommand(r *source.ProbeResult) string {
	f := r.Feed
	switch {
	case r.Preset != "":
		return source.ShellCommand("tickertape", "feed", "add", "--preset", r.Preset)
	case f.UsesSecret(): // not to be repeated on a screen
		return "tickertape feed add …   with the same input: it keeps what is secret in it"
	}
	words := []string{"tickertape", "feed", "add", f.URL, "--kind", f.Kind, "--name", r.Name}
	for _, option := range []struct{ flag, value string }{
		{"--items", f.Items}, {"--heartbeat", f.Heartbeat}, {"--method", f.Method}, {"--body", f.Body}, {"--user-agent", f.UserAgent}, {"--delta", f.Delta},
	} {
		if option.value != "" {
			words = append(words, option.flag, option.value)
		}
	}
	if f.Interval != 0 {
		words = append(words, "--interval", f.Interval.String())
	}
	for _, name := range slices.Sorted(maps.Keys(f.Headers)) {
		words = append(words, "--header", name+": "+f.Headers[name])
	}
	for _, name := range f.Subprotocols {
		words = append(words, "--subprotocol", name)
	}
	for _, option := range []struct{ flag, value string }{{"--proxy", f.Proxy}, {"--ca", f.CA}, {"--ipv6", f.IPv6}} {
		if option.value != "" {
			words = append(words, option.flag, option.value)
		}
	}
	if f.Insecure {
		words = append(words, "--insecure")
	}
	return source.ShellCommand(words...)
}

// addTimeout is how long feed add looks at what it is to add: whoever wants more
// can probe.
const addTimeout = 9 * time.Second

// probeFirst is the feed that an input turns out to be, or why there is none.
func probeFirst(ctx context.Context, out io.Writer, input string, with source.Feed) (*source.ProbeResult, error) {
	result := engine.Probe(ctx, input, source.ProbeConfig{UserAgent: userAgent(), Timeout: addTimeout, With: with})
	switch {
	case result.Error != nil:
		printProbe(out, &source.ProbeResult{Feeds: result.Feeds})
		return result, fmt.Errorf("%s\n%s (--force adds it all the same, --no-probe doesn't ask)", result.Error.Reason, result.Error.Next)
	case result.Feed == nil:
		printProbe(out, result)
		return result, fmt.Errorf("%s\nChoose one of them", result.Note)
	}
	fmt.Fprintln(out, strings.TrimSpace("found a feed of kind "+result.Kind+". "+printable(result.Note)))
	return result, nil
}
