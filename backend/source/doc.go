// Package source is how events come in. A Driver speaks one kind of feed's
// protocol, one file a kind; the Supervisor gives every feed the same life:
// start, states with their cause, backoff, resume, pause, health.
//
// Nothing else may assume who runs a feed. The package stores nothing: resume
// tokens and events go through Config.Ingest, whose blocking is the
// back-pressure. Bad bytes from outside are data: counted, never fatal.
package source
