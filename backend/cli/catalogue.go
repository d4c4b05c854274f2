package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tickertape/backend/catalogue"
)

func catalogueCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "catalogue [SEARCH...]", Aliases: []string{"catalog"}, Short: "List the feeds that Tickertape knows how to read",
		Long: "Catalogue lists ready-made feeds: all, or those with each word of SEARCH in their name, topic, kind, description or URL.",
		RunE: func(cmd *cobra.Command, args []string) error {
			presets := catalogue.Search(strings.Join(args, " "))
			if asJSON {
				if presets == nil {
					presets = []catalogue.Preset{} // [] rather than null
				}
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetEscapeHTML(false)
				return out.Encode(map[string]any{"presets": presets})
			}
			if len(presets) == 0 {
				return fmt.Errorf("the catalogue has nothing for %q", strings.Join(args, " "))
			}
			return printPresets(cmd.OutOrStdout(), presets)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, `one JSON object, {"presets":[…]}`)
	return cmd
}

func printPresets(out io.Writer, presets []catalogue.Preset) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tTOPIC\tKIND\tNEEDS\tSHOWS")
	for _, p := range presets {
		needs := "-"
		if p.Key != nil {
			needs = "key"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.Topic, p.Feed.Kind, needs, p.Shows)
	}
	return table.Flush()
}
