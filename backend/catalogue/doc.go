// Package catalogue is the list of feeds that Tickertape knows how to read:
// where they are, what they need, how their fields are mapped. The list is one
// data file, catalogue.json, that is part of the program; the package reads it
// and finds presets in it. It connects to nothing and keeps no state.
//
// Of each preset the tests have a sample of its wire shape, and what becomes of it.
package catalogue
