// Package query says which events a reader wants. Filter is one selection of
// the tape: it matches an Event in memory and compiles to SQL over the
// journal's table, and both select the same events.
//
// It knows the journal's column names and nothing else of the database. It does
// no I/O. Callers: journal (history), hub (live) and server (parameters).
package query
