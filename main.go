// Tickertape is a desktop window on everything that is happening now. Without a
// subcommand it opens the window; with one it is a command-line program.
package main

import (
	"context"
	"os"

	"tickertape/backend/cli"
	"tickertape/frontend"
)

func main() {
	program := cli.Program{Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Window: openWindow}
	if assets, built := frontend.Assets(); built {
		program.Assets = assets
	}
	os.Exit(cli.Run(context.Background(), program))
}
