// Package sse speaks text/event-stream both ways, as section 9.2 of the WHATWG HTML
// standard ("Server-sent events") says, byte for byte.
//
// It owns three things. [Decoder] turns bytes into events in constant memory, whatever
// the bytes are. [AppendEvent], [AppendComment] and [AppendRetry] write frames, and refuse
// what the wire can't carry. [Client] is the EventSource processing model over net/http:
// request, redirects, checks of status and content type, and, with [Client.Run],
// reconnection with Last-Event-ID; [Client.Connect] makes one connection and leaves the
// supervision to its caller.
//
// It never logs, keeps no state between connections outside a Client.Run, reads no
// settings, and knows nothing of the rest of the program. Package source connects to
// outside feeds with it, package server writes its streams with it, and the command line
// listens with it.
//
// Where the standard leaves a choice: an empty retry value is ignored; the last event ID
// outlives a connection; a reconnection starts again from the original URL; jitter and
// backoff only ever lengthen the reconnection time.
package sse
