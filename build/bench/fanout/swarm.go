//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	// reportEvery is after how many deliveries the publisher hears of them: it waits for them in a closed loop.
	reportEvery = 256
	// smallSegment makes a stalled reader's connection one as over a network. On loopback segments have 64 KiB, and the
	// kernel takes nearly 3 MB before the server notices anything.
	smallSegment = 1400
	stallBuffer  = 4096
)

// tally is what the readers have got so far.
type tally struct {
	opened    int   // responses whose head has come
	live      int   // connections that stand
	progress  int64 // the sum of the live readers' newest numbers
	delivered int64 // measured events
	doubled   int64 // measured events that had been delivered before
	lastAt    int64 // when the newest measured event came, in ns
	refusal   string
}

func (t *tally) add(fresh tally) {
	t.opened += fresh.opened
	t.live += fresh.live
	t.progress += fresh.progress
	t.delivered += fresh.delivered
	t.doubled += fresh.doubled
	t.lastAt = max(t.lastAt, fresh.lastAt)
	if t.refusal == "" {
		t.refusal = fresh.refusal
	}
}

// swarm holds any number of readers in one goroutine, on epoll: a goroutine and its buffers for each would cost as much
// as the servers under measurement. Its methods belong to whoever polls it; only now, wait and measureFrom may be
// called beside that.
type swarm struct {
	target  target
	epoll   int
	readers map[int32]*reader
	packed  bool // events come many in a line
	buf     []byte
	clock   int64 // when the bytes in hand came, in ns
	fresh   tally // not yet reported

	latencies histogram

	from     atomic.Int64  // events above this number are measured
	progress chan struct{} // something was reported

	mu    sync.Mutex
	tally tally
}

func newSwarm(t target, packed bool) (*swarm, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &swarm{
		target: t, epoll: epoll, packed: packed,
		readers: map[int32]*reader{}, buf: make([]byte, 256<<10), progress: make(chan struct{}, 1),
	}, nil
}

// dial connects and asks for the stream. A stalled reader has small buffers, and nobody reads them.
func (s *swarm) dial(lastEventID string, stalled bool) (fd int, err error) {
	addr, err := netip.ParseAddrPort(s.target.Addr)
	if err != nil || !addr.Addr().Is4() || !addr.Addr().IsLoopback() {
		return 0, fmt.Errorf("%s is not an IPv4 address of this computer", s.target.Addr)
	}
	if fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return 0, fmt.Errorf("open a socket: %w", err)
	}
	if stalled {
		err = errors.Join(
			syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, stallBuffer),
			syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, smallSegment))
	}
	request := "GET " + s.target.Read + " HTTP/1.1\r\nHost: " + s.target.Addr + "\r\nAccept: text/event-stream\r\n"
	if lastEventID != "" {
		request += "Last-Event-ID: " + lastEventID + "\r\n"
	}
	if err == nil {
		err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
	}
	if err == nil {
		_, err = syscall.Write(fd, []byte(request+"\r\n"))
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("connect a reader: %w", err), syscall.Close(fd))
	}
	return fd, nil
}

// connect adds a reader that has seen the events up to last.
func (s *swarm) connect(lastEventID string, last int64) (*reader, error) {
	fd, err := s.dial(lastEventID, false)
	if err != nil {
		return nil, err
	}
	r := &reader{fd: fd, last: last}
	s.readers[int32(fd)] = r
	s.fresh.live++
	s.fresh.progress += last
	err = errors.Join(
		syscall.SetNonblock(fd, true),
		syscall.EpollCtl(s.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edges, Fd: int32(fd)}))
	if err != nil {
		return nil, fmt.Errorf("add a reader: %w", err)
	}
	return r, nil
}

// connectMany adds n readers, and reads in between: a server that has replay to send would else wait.
func (s *swarm) connectMany(n int, lastEventID string, last int64) error {
	for i := range n {
		if _, err := s.connect(lastEventID, last); err != nil {
			return err
		}
		if i%16 == 15 {
			if err := s.poll(0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *swarm) drop(r *reader) {
	s.fresh.live--
	s.fresh.progress -= r.last
	delete(s.readers, int32(r.fd))
	_ = syscall.Close(r.fd) // nothing was written that could be lost
}

// edges has the kernel tell of a connection when something comes, rather than look at each again while it has something:
// what the load generator spends, the servers don't have.
const edges = 1 << 31 // EPOLLET, which syscall has as a negative number

// read takes what a connection has; all up to its end, if over says that it has one.
func (s *swarm) read(r *reader, over bool) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(r.fd), uintptr(unsafe.Pointer(unsafe.SliceData(s.buf))), uintptr(len(s.buf)))
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return
		case errno != 0 || n == 0:
			s.drop(r)
			return
		}
		s.clock = time.Now().UnixNano()
		if r.feed(s.buf[:n], s); r.state == ended {
			s.drop(r)
			return
		}
		if int(n) < len(s.buf) && !over {
			return
		}
	}
}

// poll reads from each connection that something has come by, and waits for the first up to timeout.
func (s *swarm) poll(timeout time.Duration) error {
	var ready [512]syscall.EpollEvent
	n, err := syscall.EpollWait(s.epoll, ready[:], int(timeout.Milliseconds()))
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, event := range ready[:max(n, 0)] {
		r := s.readers[event.Fd]
		if r == nil {
			continue
		}
		s.read(r, event.Events&^syscall.EPOLLIN != 0)
		if s.fresh.delivered >= reportEvery {
			s.report()
		}
	}
	s.report()
	return nil
}

// until polls until done, or until the time is over.
func (s *swarm) until(done func(tally) bool, limit time.Duration) (reached bool, err error) {
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if done(s.now()) {
			return true, nil
		}
		if err := s.poll(20 * time.Millisecond); err != nil {
			return false, err
		}
	}
	return done(s.now()), nil
}

// run polls until stop is closed.
func (s *swarm) run(stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
			if err := s.poll(20 * time.Millisecond); err != nil {
				return err
			}
		}
	}
}

func (s *swarm) opened(head string) {
	s.fresh.opened++
	if status, _, _ := strings.Cut(head, "\r\n"); !strings.HasPrefix(status, "HTTP/1.1 200") {
		s.fresh.refusal = status
	}
}

func (s *swarm) event(r *reader, number, sent int64) {
	measured := number > s.from.Load()
	if number <= r.last {
		if measured {
			s.fresh.doubled++
		}
		return
	}
	s.fresh.progress += number - r.last
	r.last = number
	if measured {
		s.fresh.delivered++
		s.fresh.lastAt = s.clock
		s.latencies.add(s.clock - sent)
	}
}

func (s *swarm) report() {
	if s.fresh == (tally{}) {
		return
	}
	s.mu.Lock()
	s.tally.add(s.fresh)
	s.mu.Unlock()
	s.fresh = tally{}
	select {
	case s.progress <- struct{}{}:
	default:
	}
}

func (s *swarm) now() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tally
}

// wait returns when something was reported, but after limit at the latest.
func (s *swarm) wait(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.progress:
	case <-timer.C:
	}
}

// close closes all connections.
func (s *swarm) close() {
	for _, r := range s.readers {
		s.drop(r)
	}
	_ = syscall.Close(s.epoll)
}
