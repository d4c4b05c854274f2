// Package frontend holds the built front end, so that both programs carry it inside themselves.
//
// The files of dist are made by `npm run build` and are not committed, except for an empty .gitkeep: a clean checkout
// compiles without Node, and whoever serves the front end then says how to build it.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Assets returns the built front end with index.html at its root. built is false when the program was compiled
// before `npm run build`; the file system is then usable, but empty.
func Assets() (assets fs.FS, built bool) {
	assets, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false // can't happen: the directive above names dist
	}
	_, err = fs.Stat(assets, "index.html")
	return assets, err == nil
}
