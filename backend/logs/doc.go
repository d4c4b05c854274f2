// Package logs is the log file in the data folder: written line by line, begun
// anew when it is large, with a few old ones kept, at a level that can be
// changed while it is written.
//
// It decides nothing about what is logged. The engine opens it, the server tells
// its last lines and changes its level.
package logs
