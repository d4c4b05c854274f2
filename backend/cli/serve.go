package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tickertape/backend/engine"
	"tickertape/backend/server"
)

func (p Program) serve(dataDir *string, log func() *slog.Logger) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run without a window",
		Long: "Serve runs the feeds and the front door without a window, until Ctrl-C or SIGTERM. Its first line on stdout is\n" +
			"\"listening on http://ADDRESS/\". It follows the settings file: what another command changes there takes effect at once.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			logger := log()
			return p.runServer(ctx, engine.Config{
				DataDir: *dataDir, Listen: listen, Assets: p.Assets, Version: Version, Log: logger, Secrets: Secrets(*dataDir, logger),
			})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "the `address` to listen at, such as 127.0.0.1:5000; port 0 lets the system choose (default: as in the settings)")
	return cmd
}

func (p Program) runServer(ctx context.Context, cfg engine.Config) error {
	opened := false
	err := engine.Serve(ctx, cfg, func(e *engine.Engine) error {
		opened = true
		return p.announce(e.Front())
	})
	if err != nil && !opened && !errors.Is(err, engine.ErrInUse) {
		cfg.Log.Debug("the engine can't start", "err", err)
		return errors.New(engine.Explain(err))
	}
	return err
}

// announce says where the front door stands, if it is open.
func (p Program) announce(door server.DoorState) error {
	switch door.State {
	case server.DoorOpen:
		fmt.Fprintf(p.Stdout, "listening on %s\n", door.URL)
		if door.Note != "" {
			fmt.Fprintln(p.Stderr, door.Note)
		}
		return nil
	case server.DoorClosed:
		return errors.New("the front door is switched off in the settings: switch it on there, or say --listen ADDRESS")
	default:
		return errors.New(door.Note)
	}
}
