package server

import (
	"net"
	"net/netip"
	"sync"
)

// maxPerAddress bounds the connections of one other computer to a door, so that
// it leaves room for others. Those of this computer have all the places.
const maxPerAddress = 1000

// limited is a listener with at most as many open connections as it has places;
// others wait in the system's queue. It is netutil's LimitListener, whose
// connections don't show the one inside, as a socket needs it, and don't count
// by address.
type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	close  func()
	guests guests
}

func limit(listener net.Listener, places int) *limited {
	l := &limited{Listener: listener, places: make(chan struct{}, places), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.places
			return nil, err
		}
		guest := guestOf(conn)
		if !l.guests.enter(guest) {
			_ = conn.Close() // it has more than enough; a door that answers would do it a favour
			continue
		}
		return &placed{Conn: conn, leave: func() {
			l.guests.leave(guest)
			<-l.places
		}}, nil
	}
}

func (l *limited) Close() error {
	l.close()
	return l.Listener.Close()
}

// placed is a connection that gives its place back when it is closed.
type placed struct {
	net.Conn
	leave func()
	once  sync.Once
}

func (c *placed) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}

// CloseWrite lets net/http end an answer while the client still sends, so that
// it gets to read it.
func (c *placed) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return nil
}

// guests are how many connections each other computer has.
type guests struct {
	mu    sync.Mutex
	count map[netip.Prefix]int
}

// guestOf is whose connection it is; the zero value is this computer.
func guestOf(conn net.Conn) netip.Prefix {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	local, localErr := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || remote.Addr().Unmap().IsLoopback() || localErr == nil && local.Addr().Unmap() == remote.Addr().Unmap() {
		return netip.Prefix{}
	}
	return network(remote.Addr())
}

// network is what one computer has of addresses: with IPv6 it can choose among
// those of a whole network.
func network(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		bits = 32
	}
	prefix, _ := addr.Prefix(bits) // of a valid address
	return prefix
}

// enter reports whether there is room for one more.
func (g *guests) enter(guest netip.Prefix) bool {
	if !guest.IsValid() {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.count[guest] >= maxPerAddress {
		return false
	}
	if g.count == nil {
		g.count = map[netip.Prefix]int{}
	}
	g.count[guest]++
	return true
}

func (g *guests) leave(guest netip.Prefix) {
	if !guest.IsValid() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.count[guest]--; g.count[guest] == 0 {
		delete(g.count, guest)
	}
}
