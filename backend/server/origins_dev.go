//go:build dev

package server

// devOrigins are the origins that the window has under "wails dev".
var devOrigins = []string{"wails://wails.localhost:34115", "http://wails.localhost:34115", "http://localhost:34115"}
