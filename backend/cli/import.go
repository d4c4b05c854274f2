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
)

// maxReported is how many bad lines an import tells one by one.
const maxReported = 10

func importCommand(dataDir *string, log func() *slog.Logger) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Read an export in NDJSON back into the history", Args: cobra.ExactArgs(1),
		Long: "Import stores the events of an export in the data folder, behind what is there, under new ids; - reads stdin. What is\n" +
			"there already is left out, so that importing twice does nothing: events are known by feed and source id, and those\n" +
			"without a source id get their old id for one. Lines that are not understood are counted, and hold up nothing.\n\n" +
			"No Tickertape may run on the data folder meanwhile. Feeds that the settings don't have show up like removed ones.",
		Example: "  tickertape import tape.ndjson\n  zcat tape.ndjson.gz | tickertape import --data ./elsewhere -",
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("open the export: %w", err)
				}
				defer file.Close()
				in = file
			}
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			return runImport(ctx, *dataDir, in, cmd.ErrOrStderr(), log)
		},
	}
}

func runImport(ctx context.Context, dataDir string, in io.Reader, out io.Writer, log func() *slog.Logger) error {
	reported := 0
	done, err := engine.Import(ctx, dataDir, in, log(), func(line int, err error) {
		if reported++; reported <= maxReported {
			fmt.Fprintf(out, "line %d was left out: %v\n", line, err)
		}
	})
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
