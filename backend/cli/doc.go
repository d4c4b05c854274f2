// Package cli is the command line: serve, listen, search, export, import,
// publish, feed, probe, catalogue, token and simulate. Both programs, the window's and
// the one without, run it; what they do beyond parsing flags and printing is
// the other packages' work.
package cli
