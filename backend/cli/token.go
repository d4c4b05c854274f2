package cli

import (
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tickertape/backend/settings"
)

func token(dataDir *string, log func() *slog.Logger) *cobra.Command {
	open := settingsOf(dataDir, log)
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Create, list and revoke access tokens",
		Long: "A token lets another program in at the front door: with the scope publish it may publish events, from anywhere; with\n" +
			"the scope read it may read from another computer, as programs of this one may without a token.\n" +
			"A Tickertape that runs on the same data folder follows within a second.",
	}
	cmd.AddCommand(tokenCreate(open), tokenList(open), tokenRevoke(open))
	return cmd
}

func tokenCreate(open opener) *cobra.Command {
	var name, scope string
	cmd := &cobra.Command{
		Use: "create --name NAME --scope publish|read", Short: "Create a token and print it, this once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			var secret string
			err = store.Update(cmd.Context(), func(next *settings.Settings) error {
				secret, _, err = next.AddToken(name, scope, time.Now())
				return err
			})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), secret)
			fmt.Fprintln(cmd.ErrOrStderr(), "Keep it well: only its hash is stored, so it can't be shown again.")
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what to call it: who uses it, say")
	cmd.Flags().StringVar(&scope, "scope", "", "what it allows: publish or read")
	_ = cmd.MarkFlagRequired("name") // fails for flags that there aren't
	_ = cmd.MarkFlagRequired("scope")
	return cmd
}

func tokenList(open opener) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens, without what they are", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			current, _ := store.Current()
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tNAME\tSCOPE\tCREATED")
			for _, t := range current.Tokens {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Scope, t.Created.Local().Format(time.DateTime))
			}
			return table.Flush()
		},
	}
}

func tokenRevoke(open opener) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token, by its name or id", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			return store.Update(cmd.Context(), func(next *settings.Settings) error {
				revoked, ok := next.RemoveToken(args[0])
				if !ok {
					return fmt.Errorf("there is no token called %q: see token list", args[0])
				}
				fmt.Fprintf(cmd.OutOrStdout(), "revoked %s (%s)\n", revoked.ID, revoked.Name)
				return nil
			})
		},
	}
}
