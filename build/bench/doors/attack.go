//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// attacker is the process that attacks.
type attacker struct {
	child
	stands string // what it says when its readers do
}

// startAttack returns when all readers stand. The attackers stand behind all others where they want the processor: they
// are elsewhere, and their work is not to count as the program's.
func startAttack(o options, p *program) (*attacker, error) {
	front, err := url.Parse(p.Front)
	if err != nil {
		return nil, err
	}
	a := &attacker{}
	a.stands, err = a.start(nice, "-attack", front.Host+","+strings.TrimPrefix(p.Private.URL, "http://"),
		"-readers", strconv.Itoa(o.readers), "-slow", strconv.Itoa(o.slow))
	return a, err
}

const nice = 10

func (a *attacker) end() (string, error) { return a.stop() }

// attack attacks until stdin ends.
func attack(ctx context.Context, o options) error {
	front, private, _ := strings.Cut(o.attack, ",")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	var all sync.WaitGroup
	var slow slowness
	for i := range o.slow {
		all.Go(func() { slow.connect(ctx, []string{front, private}[i%2], openings[i/2%len(openings)]) })
	}
	c, err := gather(front, o.readers)
	if err == nil {
		fmt.Printf("%d readers stand beside %d slow connections\n", len(c.readers), o.slow)
		err = c.read(ctx)
		fmt.Printf("readers had %.1f MB/s, %d were cut; slow connections were made %d times and cut %d times\n",
			float64(c.bytes)/1e6/time.Since(c.began).Seconds(), c.cut, slow.made.Load(), slow.cut.Load())
	}
	stop()
	all.Wait()
	return err
}

// opening is what a slow connection says first, and then a second apart.
type opening struct{ first, then string }

// openings are heads that never end, bodies that never come, and answers that nobody reads.
var openings = []opening{
	{"GET /event_stream HTTP/1.1\r\nHost: HOST\r\n", "X-A: b\r\n"},
	{"POST /feeds/load/events HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n", " "},
	{"GET /event_stream?last=1000&format=json HTTP/1.1\r\nHost: HOST\r\n\r\n", "\n"},
	{"GET /events?limit=1000 HTTP/1.1\r\nHost: HOST\r\n\r\n", "\n"},
	{"GET /ws?last=1000 HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", "\n"},
	{"", ""},
}

// slowness counts slow connections.
type slowness struct{ made, cut atomic.Int64 }

// connect connects again whenever it is cut.
func (s *slowness) connect(ctx context.Context, address string, say opening) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		s.once(ctx, tick.C, address, say)
	}
}

func (s *slowness) once(ctx context.Context, tick <-chan time.Time, address string, say opening) {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		defer conn.Close()
		s.made.Add(1)
		_ = conn.(*net.TCPConn).SetReadBuffer(4096) // else the kernel takes megabytes that nobody reads
		_, err = io.WriteString(conn, strings.ReplaceAll(say.first, "HOST", address))
	}
	for {
		select {
		case <-tick:
		case <-ctx.Done():
			return
		}
		if err != nil {
			s.cut.Add(1)
			return
		}
		_, err = io.WriteString(conn, say.then)
		if say.then == "" && err == nil {
			_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err = conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil
			}
		}
	}
}

// crowd is any number of readers in one goroutine: one each would cost as much as the program.
type crowd struct {
	epoll   int
	readers map[int32]struct{}
	began   time.Time
	bytes   int64
	cut     int
	buf     []byte
}

// gather makes n readers stand.
func gather(address string, n int) (*crowd, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Is4() || !to.Addr().IsLoopback() {
		return nil, fmt.Errorf("%s is not an IPv4 address of this computer", address)
	}
	c := &crowd{readers: map[int32]struct{}{}, began: time.Now(), buf: make([]byte, 256<<10)}
	if c.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	for i := range n {
		if err := c.join(to); err != nil {
			return nil, err
		}
		if i%16 == 0 { // those that stand read meanwhile
			if err := c.poll(0); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// join connects one more, and waits for the head of its answer.
func (c *crowd) join(to netip.AddrPort) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	if err == nil {
		_, err = syscall.Write(fd, []byte("GET /event_stream HTTP/1.1\r\nHost: "+to.String()+"\r\n\r\n"))
	}
	var got int
	if err == nil {
		got, err = syscall.Read(fd, c.buf)
	}
	if answer := string(c.buf[:max(got, 0)]); err == nil && !strings.HasPrefix(answer, "HTTP/1.1 200") {
		err = fmt.Errorf("it was answered %.80q", answer)
	}
	if err == nil {
		err = errors.Join(syscall.SetNonblock(fd, true),
			syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("connect a reader: %w", err), syscall.Close(fd))
	}
	c.readers[int32(fd)] = struct{}{}
	return nil
}

// read reads until ctx ends.
func (c *crowd) read(ctx context.Context) error {
	c.began, c.bytes = time.Now(), 0
	for ctx.Err() == nil {
		if err := c.poll(100 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// poll reads once from each that has something.
func (c *crowd) poll(patience time.Duration) error {
	var ready [512]syscall.EpollEvent
	n, err := syscall.EpollWait(c.epoll, ready[:], int(patience.Milliseconds()))
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return fmt.Errorf("epoll: %w", err)
	}
	for _, event := range ready[:max(n, 0)] {
		got, err := syscall.Read(int(event.Fd), c.buf)
		switch {
		case got > 0:
			c.bytes += int64(got)
		case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
		default:
			c.cut++
			delete(c.readers, event.Fd)
			_ = syscall.Close(int(event.Fd))
		}
	}
	return nil
}
