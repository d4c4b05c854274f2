// Package server is the two doors: the private one that belongs to the window,
// and the front one that other programs see. It owns their route tables, the
// guard that stands before every route, and the stream handler.
//
// It keeps no events and runs no feeds: it reads from journal and hub, asks the
// supervisor and gives it what is published, and changes settings through their
// store. The engine calls it.
package server
