// Package hub is the live fan-out. A reader is a cursor, never a queue: each
// distinct stream (a selection in a format) has one ring of encoded frames that
// all of its readers share, and what a reader owes is a slice of it. Below the
// ring's floor a reader is fed from the journal through the same call, so
// replay and live are one code path.
//
// An event is encoded once for a stream, whatever the number of its readers. A
// slow reader costs a cursor and slows nobody. The hub starts no goroutines,
// knows no protocol (the server brings the encoder) and no database (the journal
// comes as History).
package hub
