package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
)

// Version is the program's version; the build sets it.
var Version = "0.1.0-dev"

// Program is what a command line runs in.
type Program struct {
	Args   []string  // without the program's own name
	Stdin  io.Reader // nil for the process's own
	Stdout io.Writer
	Stderr io.Writer
	Assets fs.FS // the built front end; nil when it isn't built

	// Window opens the window and returns when it is closed. Nil for a program
	// without one: then a command is needed.
	Window func(ctx context.Context, dataDir string, log *slog.Logger) error
}

// errSilent ends with exit code 1 when everything has been said already.
var errSilent = errors.New("")

// Run runs the command line and returns the exit code: 0 for success, 1 for
// anything else, with the reason on Stderr.
func Run(ctx context.Context, p Program) int {
	root := p.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errSilent) {
		fmt.Fprintln(p.Stderr, "tickertape:", err)
	}
	return 1
}

func (p Program) root() *cobra.Command {
	var dataDir string
	var verbose bool
	root := &cobra.Command{
		Use:     "tickertape",
		Short:   "A window on everything that is happening now",
		Long:    "Tickertape turns live feeds into one ordered, durable stream, shows it, and serves it again as server-sent events.",
		Version: Version,
		Args:    cobra.NoArgs,
		// Errors are printed by Run, and a usage text would bury them.
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.PersistentFlags().StringVar(&dataDir, "data", defaultDataDir(), "the data `folder`: settings and history")
	root.PersistentFlags().BoolVar(&verbose, "verbose", false, "log more")
	log := func() *slog.Logger {
		level := slog.LevelInfo
		if verbose {
			level = slog.LevelDebug
		}
		return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
	}
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	if p.Window != nil {
		root.Long += "\n\nWithout a command it opens the window."
		root.RunE = func(cmd *cobra.Command, _ []string) error {
			return p.Window(cmd.Context(), dataDir, log())
		}
	}
	root.AddCommand(
		p.serve(&dataDir, log), listen(&dataDir), search(&dataDir), export(&dataDir), importCommand(&dataDir, log), publish(&dataDir),
		probe(&dataDir, log), feed(&dataDir, log), catalogueCommand(), token(&dataDir, log), settingsCommand(&dataDir, log), simulateCommand(),
	)
	return root
}

// defaultDataDir is where the system keeps data of programs.
func defaultDataDir() string { return filepath.Join(xdg.DataHome, "tickertape") }
