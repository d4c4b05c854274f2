package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tickertape/backend/journal"
)

// exporter writes events to a file or to stdout.
type exporter struct {
	query     string
	selection journal.Selection
	format    string
	file      string // "" and "-": stdout

	out, err io.Writer
}

func export(dataDir *string) *cobra.Command {
	var x exporter
	cmd := &cobra.Command{
		Use: "export", Short: "Write events to a file: NDJSON or CSV", Args: cobra.NoArgs,
		Long: "Export writes the events of the data folder, the oldest first, whether a Tickertape runs on it or not. NDJSON, one event\n" +
			"a line, is what import reads. CSV is for spreadsheets: a cell that one may take for a formula begins with an apostrophe.\n\n" +
			"A file appears when it is complete. Ctrl-C leaves what was written so far in FILE.partial; its last event is whole.",
		Example: `  tickertape export -o tape.ndjson
  tickertape export --feed clock --from 1h --format csv -o clock.csv
  tickertape export --q 'value>100' | jq .title`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x.out, x.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			return x.run(ctx, *dataDir)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&x.query, "q", "", "only what this `query` selects")
	flags.StringSliceVar(&x.selection.Feeds, "feed", nil, "only of the feed with this `id`; may be repeated")
	flags.StringSliceVar(&x.selection.IDs, "ids", nil, "only these `events`: ids, or ranges of them as first..last")
	flags.StringVar(&x.selection.From, "from", "", "from this `time or id` on: 2h (ago), 2026-11-01, 2026-11-01T08:30, or an event's id")
	flags.StringVar(&x.selection.To, "to", "", "before this `time or id`")
	flags.StringVar(&x.format, "format", journal.NDJSON, "ndjson or csv")
	flags.StringVarP(&x.file, "output", "o", "-", "the `file` to write; - is stdout")
	return cmd
}

func (x *exporter) run(ctx context.Context, dataDir string) (err error) {
	if x.selection.Query, err = parseQuery(x.query); err != nil {
		return err
	}
	x.selection.Feeds = names(x.selection.Feeds)
	a, err := openHistory(ctx, dataDir)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := checkFeeds(ctx, a, x.selection.Feeds); err != nil {
		return err
	}
	export, err := a.Export(x.selection, x.format)
	if err != nil {
		return err
	}
	var events int
	export.Progress = func(p journal.Progress) {
		if events = p.Events; isTerminal(x.err) {
			x.progress(p)
		}
	}
	var where string
	if x.file == "" || x.file == "-" {
		_, err = export.Write(ctx, x.out)
	} else {
		err = export.Save(ctx, x.file)
		where = " to " + x.file
	}
	if errors.Is(err, context.Canceled) {
		if where != "" {
			where += journal.PartialSuffix
		}
		return fmt.Errorf("stopped; %d events were written%s", events, where)
	}
	if err != nil {
		return err
	}
	if where != "" || isTerminal(x.err) {
		fmt.Fprintf(x.err, "wrote %d events%s\n", events, where)
	}
	return nil
}

// progress shows how far it has come, in one line that is written over.
func (x *exporter) progress(p journal.Progress) {
	fmt.Fprintf(x.err, "\r%d events, %.0f %%\x1b[K\r", p.Events, 100*p.Share)
}
