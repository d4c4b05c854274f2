package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tickertape/backend/catalogue"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

// feedAdder adds one feed.
type feedAdder struct {
	open           opener
	flags          feedFlags
	preset         string
	key, keyFile   string
	noProbe, force bool
}

func feedAdd(open opener) *cobra.Command {
	a := feedAdder{open: open}
	cmd := &cobra.Command{
		Use: "add [INPUT...]", Short: "Add a feed",
		Long: "Add saves a feed. Without --kind it first looks at what INPUT is, as probe does (a URL, a page that names a feed, a command\n" +
			"copied as cURL), and adds nothing where that fails. With --kind it asks nobody. Feeds of kind push and simulator have no URL.",
		Example: `  tickertape feed add https://news.example/
  tickertape feed add --kind rss https://news.example/feed.xml --interval 10m
  tickertape feed add --kind poll https://api.example/quakes.json --items features --interval 60s
  tickertape feed add --kind websocket wss://exchange.example --script subscribe.json
  tickertape feed add --kind simulator --scene ticker
  tickertape feed add --preset finnhub-trades --key-file key.txt     # see: tickertape catalogue`,
		RunE: func(cmd *cobra.Command, args []string) error {
			input, err := readProbeInput(args, cmd.InOrStdin())
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			wanted, err := a.wanted(ctx, cmd.ErrOrStderr(), input)
			if err != nil {
				return err
			}
			added, err := a.save(ctx, wanted)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "added %s (%s)\n", added.ID, added.Name)
			return nil
		},
	}
	a.flags.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&a.preset, "preset", "", "the `id` of a feed in the catalogue; INPUT may give another URL for it")
	flags.StringVar(&a.key, "key", "", "the key that the preset needs (others may see it: better --key-file)")
	flags.StringVar(&a.keyFile, "key-file", "", "a `file` with the key that the preset needs")
	flags.BoolVar(&a.noProbe, "no-probe", false, "add it without looking: sse, or websocket for ws://")
	flags.BoolVar(&a.force, "force", false, "add it also if the probe fails")
	cmd.MarkFlagsMutuallyExclusive("preset", "kind")
	cmd.MarkFlagsMutuallyExclusive("key", "key-file")
	return cmd
}

// wanted is the feed to add.
func (a *feedAdder) wanted(ctx context.Context, out io.Writer, input string) (settings.Feed, error) {
	if a.preset != "" {
		return a.fromCatalogue(input)
	}
	if a.key != "" || a.keyFile != "" {
		return settings.Feed{}, errors.New("a key goes with --preset; for other feeds use --bearer-file or --header")
	}
	described, err := a.flags.feed(input)
	if err != nil || described.Kind != "" || a.noProbe {
		return settings.Feed{Feed: described}, err
	}
	with := described
	with.URL = ""
	if with.Defaults, err = networkOf(a.open); err != nil {
		return settings.Feed{}, err
	}
	result, err := probeFirst(ctx, out, input, with)
	if err != nil {
		if a.force {
			fmt.Fprintln(out, "added all the same:", err)
			return settings.Feed{Feed: described}, nil
		}
		return settings.Feed{}, err
	}
	found := settings.Feed{Feed: *result.Feed}
	if preset, ok := catalogue.Find(result.Preset); ok {
		found.Mapping = preset.Mapping
	}
	return found, nil
}

// fromCatalogue is a preset, with its key.
func (a *feedAdder) fromCatalogue(url string) (settings.Feed, error) {
	preset, ok := catalogue.Find(a.preset)
	if !ok {
		return settings.Feed{}, fmt.Errorf("the catalogue has no feed %q: see tickertape catalogue", a.preset)
	}
	key := a.key
	if a.keyFile != "" {
		text, err := os.ReadFile(a.keyFile)
		if err != nil {
			return settings.Feed{}, fmt.Errorf("read the key: %w", err)
		}
		key = strings.TrimSpace(string(text))
	}
	switch {
	case preset.Key == nil && key != "":
		return settings.Feed{}, fmt.Errorf("%s needs no key", preset.Name)
	case preset.Key != nil && key == "":
		return settings.Feed{}, fmt.Errorf("%s needs a key (%s): get one at %s, and give it by --key-file", preset.Name, preset.Key.Name, preset.Key.Where)
	}
	f := settings.Feed{Feed: preset.Feed.Clone(), Mapping: preset.Mapping}
	f.Auth.Secret = source.Secret(key)
	f.Name, f.URL = cmp.Or(a.flags.name, f.Name), cmp.Or(url, f.URL)
	return f, nil
}

// save adds the feed. A name that it was given by itself makes way for those
// that there are.
func (a *feedAdder) save(ctx context.Context, f settings.Feed) (added settings.Feed, err error) {
	store, err := a.open()
	if err != nil {
		return added, err
	}
	err = store.Update(ctx, func(next *settings.Settings) error {
		if next.Feed(f.ID) >= 0 {
			f.ID = "" // of a preset that was added before
		}
		if a.flags.name == "" && f.Name != "" {
			f.Name = freeName(next.Feeds, f.Name)
		}
		var err error
		added, err = next.Add(f)
		return err
	})
	return added, err
}

func freeName(feeds []settings.Feed, name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(feeds, func(f settings.Feed) bool { return strings.EqualFold(f.Name, name) })
	}
	free := name
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}
