// Package engine wires the parts together and gives them one life: New opens,
// Run runs until its context ends and returns when everything has stopped. The
// window and the command line are its only callers. ingest.go shows the way of
// an event on one screen.
package engine
