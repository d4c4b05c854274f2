// Package simulate invents feeds. It owns two things.
//
// The scenes ([Ticker], [League], [Newsroom], [Burst]) are the offline sources of the kind
// "simulator": [Run] emits their events inside the process, without any network.
//
// [Server] speaks the protocols of real feeds over HTTP: event streams, WebSockets, NDJSON,
// syndication, polling and long polling. [Faults] lists what can be made to go wrong on the
// way, and [Server.Sent] and [Server.Requests] tell a test what was there to be read and
// how it was asked for.
//
// Everything is a function of a seed and the number of an event. So any event can be made
// again at any time, nothing is kept, and taking up after an id loses and repeats nothing.
// All values are invented; names of companies, teams and people are made from word lists.
//
// It never connects to anything, logs nothing, and knows nothing of the rest of the
// program. Package source runs the scenes, the command line serves the Server, and tests
// everywhere read from it.
package simulate
