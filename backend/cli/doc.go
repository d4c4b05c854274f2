// Package cli is the command line: serve, listen, publish, probe, feed, catalogue,
// token and simulate. Both programs, the window's and the one without, run it;
// what they do beyond parsing flags and printing is the other packages' work.
package cli
