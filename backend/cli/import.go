package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"tickertape/backend/engine"
	"tickertape/backend/journal"
)

// maxReported is how many bad lines an import tells one by one.
const maxReported = 10

func importCommand(dataDir *string, log func() *slog.Logger) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Read an export in NDJSON back into the history", Args: cobra.ExactArgs(1),
		Long: "Import stores the events of an export in the data folder, behind what is there, under new ids; - reads stdin. What is\n" +
			"there already is left out, so that importing twice does nothing: events are known by feed and source id, and those\n" +
			"without a source id get their old id for one. Lines that are not understood are counted, and hold up nothing.\n\n" +
			"FILE may also be a history's database, such as one that was moved aside because it was damaged: what can be read of it is\n" +
			"stored.\n\n" +
			"No Tickertape may run on the data folder meanwhile. Feeds that the settings don't have show up like removed ones.",
		Example: "  tickertape import tape.ndjson\n  zcat tape.ndjson.gz | tickertape import --data ./elsewhere -",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			if journal.IsDatabase(args[0]) {
				return rescue(ctx, *dataDir, args[0], cmd.ErrOrStderr(), log)
			}
			in := cmd.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("open the export: %w", err)
				}
				defer file.Close()
				in = file
			}
			return runImport(ctx, *dataDir, in, cmd.ErrOrStderr(), log)
		},
	}
}

func runImport(ctx context.Context, dataDir string, in io.Reader, out io.Writer, log func() *slog.Logger) error {
	done, err := engine.Import(ctx, dataDir, in, log(), reporter(out))
	return report(done, err, out)
}

// rescue imports what can be read of a database.
func rescue(ctx context.Context, dataDir, path string, out io.Writer, log func() *slog.Logger) error {
	done, lost, err := engine.Rescue(ctx, dataDir, path, log(), reporter(out))
	if lost > 0 {
		fmt.Fprintf(out, "%d events could not be read\n", lost)
	}
	return report(done, err, out)
}

// reporter tells of the first bad lines.
func reporter(out io.Writer) func(line int, err error) {
	reported := 0
	return func(line int, err error) {
		if reported++; reported <= maxReported {
			fmt.Fprintf(out, "line %d was left out: %v\n", line, err)
		}
	}
}

// report says what became of an import.
func report(done journal.Imported, err error, out io.Writer) error {
	if errors.Is(err, engine.ErrInUse) {
		return fmt.Errorf("%w: close it, and import again", err)
	}
	fmt.Fprintf(out, "stored %d events, left out %d that were there already, and did not understand %d\n", done.Stored, done.Duplicates, done.Bad)
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("stopped before the end; import the same file again to go on")
	case err != nil:
		return err
	case done.Bad > 0:
		return errSilent
	}
	return nil
}
