// Command tickertape is Tickertape without its window: the same engine and
// command line, static and without cgo.
package main

import (
	"context"
	"os"

	"tickertape/backend/cli"
	"tickertape/frontend"
)

func main() {
	program := cli.Program{Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr}
	if assets, built := frontend.Assets(); built {
		program.Assets = assets
	}
	os.Exit(cli.Run(context.Background(), program))
}
