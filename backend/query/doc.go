// Package query is the filter language: words, phrases, fields, comparisons and
// what joins them, one language for the live stream and for history. Parse
// reads it into an Expr; a Filter is that with a reader's feeds and types. The
// Filter matches an Event in memory and compiles to SQL over the journal's
// table: a condition that every selected event fulfils, and others may where it
// says so. Match has the last word, so that both select the same events.
//
// Words are compared by tokens (see tokenizer). Index gives a full-text index
// the same tokens.
//
// The package knows the journal's column names and nothing else of the
// database. It does no I/O. Callers: journal (history), hub (live) and server
// (parameters).
package query
