//go:build linux || darwin

package server

import (
	"errors"
	"syscall"
)

// canTry says that sockets can be written to without waiting.
const canTry = true

// attempt is what a write without waiting needs. The callback is bound once,
// so that a write allocates nothing.
type attempt struct {
	callback func(fd uintptr) bool
	b        []byte
	n        int
	err      error
}

func (a *attempt) bind() {
	a.callback = func(fd uintptr) bool {
		for {
			if a.n, a.err = writeNow(fd, a.b); !errors.Is(a.err, syscall.EINTR) {
				return true // also when the socket is full: never wait
			}
		}
	}
}

// try writes what the socket takes of b without waiting.
func (s *socket) try(b []byte) (n int, err error) {
	a := &s.attempt
	a.b = b
	err = s.raw.Write(a.callback)
	a.b = nil // shared, and may be large
	if err == nil {
		err = a.err
	}
	if errors.Is(err, syscall.EAGAIN) {
		return 0, nil
	}
	return max(a.n, 0), err
}

// gone reports whether the client has closed the connection.
func (s *socket) gone() bool {
	var n int
	var err error
	var one [1]byte
	lost := s.raw.Read(func(fd uintptr) bool {
		n, _, err = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	if lost != nil {
		return true
	}
	if err != nil {
		return !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	}
	return n == 0 // a client may say more than its request; nobody listens
}
