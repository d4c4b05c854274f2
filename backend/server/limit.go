package server

import (
	"net"
	"sync"
)

// limited is a listener with at most as many open connections as it has places;
// others wait in the system's queue. It is netutil's LimitListener, whose
// connections don't show the one inside, as a socket needs it.
type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	close  func()
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
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: conn, places: l.places}, nil
}

func (l *limited) Close() error {
	l.close()
	return l.Listener.Close()
}

// placed is a connection that gives its place back when it is closed.
type placed struct {
	net.Conn
	places chan struct{}
	once   sync.Once
}

func (c *placed) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.places })
	return err
}
