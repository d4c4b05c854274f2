//go:build unix

package server

import "syscall"

// openFiles is how many files this process may have open, sockets among them.
// Go has raised the limit as far as the system lets it.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<30)) // of a type of its own on FreeBSD
}
