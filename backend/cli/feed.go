package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tickertape/backend/engine"
	"tickertape/backend/settings"
)

func feed(dataDir *string, log func() *slog.Logger) *cobra.Command {
	open := settingsOf(dataDir, log)
	cmd := &cobra.Command{
		Use:   "feed",
		Short: "Add, list, remove, import and export feeds",
		Long:  "Feed changes the feeds in the settings. A Tickertape that runs on the same data folder follows at once.",
	}
	cmd.AddCommand(feedAdd(open), feedList(open), feedRemove(open), feedImport(open), feedExport(open))
	return cmd
}

// opener opens the settings of the data folder.
type opener = func() (*settings.Store, error)

func settingsOf(dataDir *string, log func() *slog.Logger) opener {
	return func() (*settings.Store, error) {
		if err := os.MkdirAll(*dataDir, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		logger := log()
		return settings.OpenWith(filepath.Join(*dataDir, engine.SettingsFile), Secrets(*dataDir, logger), logger)
	}
}

func feedList(open opener) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the feeds", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			current, _ := store.Current()
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"feeds": current.Masked().Feeds})
			}
			return printFeeds(cmd.OutOrStdout(), current.Masked().Feeds)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, `one JSON object, {"feeds":[…]}`)
	return cmd
}

func printFeeds(out io.Writer, feeds []settings.Feed) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tKIND\tURL")
	for _, f := range feeds {
		paused := ""
		if f.Paused {
			paused = " (paused)"
		}
		fmt.Fprintf(table, "%s\t%s%s\t%s\t%s\n", f.ID, f.Name, paused, f.Kind, f.URL)
	}
	return table.Flush()
}

func feedRemove(open opener) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a feed, by its name or id; its history stays", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			return store.Update(cmd.Context(), func(next *settings.Settings) error {
				i := next.Feed(args[0])
				if i < 0 {
					i = slices.IndexFunc(next.Feeds, func(f settings.Feed) bool { return strings.EqualFold(f.Name, args[0]) })
				}
				if i < 0 {
					return fmt.Errorf("there is no feed called %q: see feed list", args[0])
				}
				fmt.Fprintf(cmd.OutOrStdout(), "removed %s (%s)\n", next.Feeds[i].ID, next.Feeds[i].Name)
				next.Feeds = slices.Delete(next.Feeds, i, i+1)
				return nil
			})
		},
	}
}
