// Package rig runs real programs for tests and measurements, and works them as a person would: it owns their
// processes, a screen without a monitor, and the window on it, which it clicks, types into and reads.
//
// It knows nothing of Tickertape: what a test means by a feed or a tape is said in build/e2e. It is Linux only,
// and is used by build/e2e, build/bench/startup and build/shots; no program that ships imports it.
package rig
