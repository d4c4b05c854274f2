// Package journal is the durable log: it gives each event its seq, keeps it in
// SQLite, and reads it back. It is the only package that knows the database.
//
// One goroutine, the writer (Run), makes every change. It packs what waits into
// one transaction (group commit), stores each feed's resume token with its
// events, and hands the events on only when they are durable. Back-pressure is
// Append blocking. Reads run beside it on connections of their own (WAL).
//
// The seq is dense, rising and never reused; the epoch is made with the
// database, so that an id of another database can be told apart. Nothing
// outside this package may assume who gives out a seq.
package journal
