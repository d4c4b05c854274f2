// Package markup makes the HTML that feeds send fit to be looked at. It finds
// it in an event's payload, takes out whatever could run, load or lead away, and
// writes a page that holds still: no script, no form, no frame; pictures only
// when they are asked for; links that say where they lead and go nowhere.
//
// It is pure: no I/O, no state. The page is meant for a frame without any
// rights, under Policy: what sanitising might miss can do nothing there.
// Caller: server.
package markup
