package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tickertape/backend/simulate"
)

// simulateBacklog is how many events polled feeds begin with, rather than with none.
const simulateBacklog = 40

func simulateCommand() *cobra.Command {
	var listen string
	cfg := simulate.Config{Backlog: simulateBacklog}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve invented feeds of every protocol, with faults on request",
		Long: "Simulate serves invented feeds of every protocol, for those who test a client: event streams, WebSockets, NDJSON,\n" +
			"syndication, polling and long polling. The page at / lists them, and what can be made to go wrong on the way.\n" +
			"Its first line on stdout is \"listening on http://ADDRESS/\". It runs until Ctrl-C or SIGTERM.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cfg.Rate == 0 {
				return errors.New("--rate 0: nothing would ever happen")
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return runSimulator(ctx, cfg, listen, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "the `address` to listen at; port 0 lets the system choose")
	cmd.Flags().Uint64Var(&cfg.Seed, "seed", 1, "the `number` that all values follow from")
	cmd.Flags().Float64Var(&cfg.Rate, "rate", 2, "`events` a second on each feed")
	return cmd
}

func runSimulator(ctx context.Context, cfg simulate.Config, listen string, out io.Writer) error {
	server, err := simulate.New(cfg)
	if err != nil {
		return err
	}
	url, err := server.Listen(listen)
	if err != nil {
		_ = server.Close() // what there is to say is why it can't listen
		return err
	}
	fmt.Fprintf(out, "listening on %s\n", url)
	<-ctx.Done()
	return server.Close()
}
