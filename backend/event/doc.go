// Package event is the vocabulary that every other package speaks: Raw is an
// event as a feed sent it, Event is the same one mapped to fields and numbered
// by the journal, ID is how the outside names it.
//
// It imports nothing of ours, keeps no state and does no I/O.
package event
