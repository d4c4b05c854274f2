// Package mapping turns an event as it came (event.Raw) into one with fields
// (event.Event): by a feed's own paths where they are given, by good guesses
// where they are not. It is pure: no I/O, no state, no clock. A payload that
// fits nothing is still an event; mapping never fails.
//
// Titles and texts are plain text: a feed's HTML is taken out of them. The
// payload itself stays as it came.
package mapping
