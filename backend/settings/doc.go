// Package settings owns the settings document: its defaults, validation,
// migrations and file. A Store reads it, changes it (temp file, fsync, rename,
// under a lock that other processes honour), and notices when another process
// has changed it.
//
// Unknown fields are kept. A file that can't be read is moved aside and
// reported, never overwritten. Secrets don't belong here.
package settings
