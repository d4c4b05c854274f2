// Command blank is a Wails window with nothing in it: what Tickertape's start and memory are measured against.
// It says dom_ready on stderr when its page is ready.
package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
)

//go:embed page
var files embed.FS

func main() {
	page, err := fs.Sub(files, "page")
	if err == nil {
		err = wails.Run(&options.App{
			Title:       "Blank",
			Width:       1280,
			Height:      800,
			AssetServer: &assetserver.Options{Assets: page},
			OnDomReady:  func(context.Context) { fmt.Fprintln(os.Stderr, "dom_ready") },
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
