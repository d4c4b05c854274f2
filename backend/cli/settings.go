package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tickertape/backend/settings"
)

func settingsCommand(dataDir *string, log func() *slog.Logger) *cobra.Command {
	open := settingsOf(dataDir, log)
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Export, import and restore the settings",
		Long: "Settings carries the settings from one place to another, or back in time. A Tickertape that runs on the same data\n" +
			"folder follows at once.",
	}
	cmd.AddCommand(settingsExport(open), settingsImport(open), settingsVersions(open), settingsRestore(open), settingsSchema())
	return cmd
}

func settingsExport(open opener) *cobra.Command {
	var file, passphraseFile string
	cmd := &cobra.Command{
		Use: "export", Short: "Write the settings to a file, to keep or hand on", Args: cobra.NoArgs,
		Long: "Export writes the settings as JSON, without passwords, keys and tokens. With a passphrase these are in it, encrypted.",
		Example: `  tickertape settings export -o settings.json
  tickertape settings export --passphrase-file phrase.txt -o everything.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			passphrase, err := firstLine(passphraseFile)
			if err != nil {
				return err
			}
			store, err := open()
			if err != nil {
				return err
			}
			data, err := store.Export(passphrase)
			if err != nil {
				return err
			}
			return writeOut(cmd.OutOrStdout(), file, data)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "-", "the `file` to write; - is stdout")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "a `file` with a passphrase: take secrets and tokens along, encrypted with it")
	return cmd
}

func settingsImport(open opener) *cobra.Command {
	in := settings.Import{Mode: settings.ModeMerge}
	var passphraseFile string
	var replace bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Take over settings that were exported", Args: cobra.ExactArgs(1),
		Long: "Import adds what an export has to the settings, and says what changes; - reads stdin. Feeds of the same id take their\n" +
			"namesake's place, and keep its password or key where they go to the same server.",
		Example: "  tickertape settings import settings.json --preview\n  tickertape settings import everything.json --passphrase-file phrase.txt --replace",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if in.Passphrase, err = firstLine(passphraseFile); err != nil {
				return err
			}
			if in.Data, err = readIn(cmd.InOrStdin(), args[0]); err != nil {
				return err
			}
			if replace {
				in.Mode = settings.ModeReplace
			}
			store, err := open()
			if err != nil {
				return err
			}
			changes, err := store.Import(cmd.Context(), in)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			printChanges(cmd.OutOrStdout(), changes)
			return nil
		},
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "remove the feeds that the export doesn't have")
	cmd.Flags().BoolVar(&in.Preview, "preview", false, "only say what would change")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "a `file` with the passphrase of the export's secrets")
	return cmd
}

func printChanges(out io.Writer, c settings.Changes) {
	lines := func(mark string, feeds []settings.FeedChange) {
		for _, f := range feeds {
			fmt.Fprintf(out, "%s %s (%s)", mark, f.ID, f.Name)
			if len(f.Members) > 0 {
				fmt.Fprintf(out, ": %s", strings.Join(f.Members, ", "))
			}
			if f.Lacks {
				fmt.Fprint(out, "; its password or key is missing")
			}
			fmt.Fprintln(out)
		}
	}
	lines("+", c.Added)
	lines("~", c.Changed)
	lines("-", c.Removed)
	for _, part := range c.Parts {
		fmt.Fprintf(out, "~ %s\n", part)
	}
	fmt.Fprintf(out, "%d added, %d changed, %d removed, %d the same\n", len(c.Added), len(c.Changed), len(c.Removed), len(c.Same))
	if c.Sealed {
		fmt.Fprintln(out, "The export has secrets, which were left out: give its passphrase by --passphrase-file.")
	}
}

func settingsVersions(open opener) *cobra.Command {
	return &cobra.Command{
		Use: "versions", Short: "List the earlier settings that are kept, the newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			versions, err := store.Versions()
			for _, v := range versions {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  saved %s  %d feeds\n", v.ID, v.Saved.Local().Format(time.DateTime), len(v.Feeds))
			}
			return err
		},
	}
}

func settingsRestore(open opener) *cobra.Command {
	return &cobra.Command{
		Use: "restore VERSION", Short: "Bring earlier settings back; those before it become a version themselves", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			_, err = store.Restore(cmd.Context(), settings.Restoring{ID: args[0]})
			if errors.Is(err, settings.ErrNoVersion) {
				return fmt.Errorf("%w: see settings versions", err)
			}
			return err
		},
	}
}

func settingsSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the settings file", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := settings.Schema()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(schema)
			}
			return err
		},
	}
}

func feedImport(open opener) *cobra.Command {
	var preview bool
	cmd := &cobra.Command{
		Use: "import FILE.opml", Short: "Add the feeds of an OPML list, as feed readers export it", Args: cobra.ExactArgs(1),
		Long: "Import adds the feeds of a list that aren't there yet, in one step; - reads stdin. Folders become groups.",
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readIn(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			store, err := open()
			if err != nil {
				return err
			}
			return importList(cmd.Context(), cmd.OutOrStdout(), store, data, preview)
		},
	}
	cmd.Flags().BoolVar(&preview, "preview", false, "only say what would be added")
	return cmd
}

func importList(ctx context.Context, out io.Writer, store *settings.Store, data []byte, preview bool) error {
	c, err := store.ImportOPML(ctx, data, preview)
	if err != nil {
		return err
	}
	for _, o := range c.Added {
		fmt.Fprintf(out, "+ %s (%s) %s\n", o.ID, o.Name, o.URL)
	}
	for _, o := range c.Duplicates {
		fmt.Fprintf(out, "= %s is there already: %s\n", o.URL, o.Of)
	}
	for _, o := range c.Refused {
		fmt.Fprintf(out, "! %s: %s\n", o.URL, o.Reason)
	}
	fmt.Fprintf(out, "%d added, %d there already, %d refused\n", len(c.Added), len(c.Duplicates), len(c.Refused))
	return nil
}

func feedExport(open opener) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "export", Short: "Write the feeds that have a URL as an OPML list", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			current, _ := store.Current()
			data, err := current.OPML()
			if err != nil {
				return err
			}
			return writeOut(cmd.OutOrStdout(), file, data)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "-", "the `file` to write; - is stdout")
	return cmd
}

// firstLine is what a file with a passphrase holds; "" for no file.
func firstLine(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	line, _, _ := strings.Cut(strings.TrimRight(string(data), "\r\n"), "\n")
	if line == "" {
		return "", fmt.Errorf("%s holds no passphrase", file)
	}
	return line, nil
}

func readIn(stdin io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

func writeOut(out io.Writer, file string, data []byte) error {
	if file != "" && file != "-" {
		return os.WriteFile(file, data, 0o600)
	}
	_, err := out.Write(data)
	return err
}
