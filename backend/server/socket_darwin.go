package server

import "syscall"

// writeNow writes to a socket that doesn't block.
func writeNow(fd uintptr, b []byte) (int, error) { return syscall.Write(int(fd), b) }
