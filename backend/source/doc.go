// Package source is how events come in. A Driver speaks one kind of feed's
// protocol, one file a kind; the Supervisor gives every feed the same life:
// start, states with their cause, backoff, resume, pause, health.
//
// A feed's request goes through one client (client.go), which holds the policies
// for all kinds: redirects, credentials, private addresses, certificates, sizes.
// poller.go is the loop of all that ask again and again. What a message of any
// kind holds, message.go decides; what keeps a feed apart from its secrets,
// secret.go.
//
// Probe finds out what somebody has pasted, with the same client and drivers:
// probe_ask.go asks, probe_answer.go, _json.go and _page.go judge what answers,
// probe_listen.go lets its driver read, probe_explain.go says why there is no feed.
//
// Nothing else may assume who runs a feed. The package stores nothing: resume
// tokens and events go through Config.Ingest, whose blocking is the
// back-pressure. Bad bytes from outside are data: counted, never fatal.
package source
