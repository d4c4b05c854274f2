package sse

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connectTimeout is how long each step up to the answer's head may take.
const connectTimeout = 30 * time.Second

// httpClient returns the HTTP client to use, set not to follow redirects by itself, and what
// lets go of it.
func (c *Client) httpClient() (hc *http.Client, release func()) {
	noFollow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.HTTP != nil {
		own := *c.HTTP
		own.CheckRedirect = noFollow
		return &own, func() {}
	}
	transport, release := NewTransport(new(net.Dialer).DialContext, connectTimeout)
	return &http.Client{Transport: transport, CheckRedirect: noFollow}, release
}

// Dial makes a connection, as net.Dialer.DialContext does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// NewTransport makes the transport of a Client that was given no HTTP client: so long each to
// dial and to shake hands, and 30 s to answer. release closes all its connections; without it
// some may outlive their last request.
func NewTransport(dial Dial, connect time.Duration) (transport *http.Transport, release func()) {
	d := &dialer{make: dial, timeout: connect, open: map[*conn]struct{}{}}
	transport = &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           d.dial,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   connect,
		ResponseHeaderTimeout: connectTimeout,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       connectTimeout,
		ReadBufferSize:        32 << 10,
		// TCP's keep-alive finds a dead peer by itself; behind an HTTP/2 proxy only a ping does.
		HTTP2: &http.HTTP2Config{SendPingTimeout: connectTimeout, PingTimeout: connectTimeout / 2},
	}
	return transport, func() {
		transport.CloseIdleConnections() // which also gives up connections being made
		d.close()
	}
}

// dialer knows its open connections. An HTTP/2 connection isn't idle yet when its last stream
// has just been dropped, so that CloseIdleConnections alone would leave it, and its
// goroutines, behind.
type dialer struct {
	make    Dial
	timeout time.Duration

	mu   sync.Mutex
	open map[*conn]struct{} // nil once closed
}

type conn struct {
	net.Conn
	dialer *dialer
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	raw, err := d.make(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, dialer: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	d.open[c] = struct{}{}
	return c, nil
}

func (d *dialer) close() {
	d.mu.Lock()
	open := d.open
	d.open = nil
	d.mu.Unlock()
	for c := range open {
		_ = c.Close()
	}
}

func (c *conn) Close() error {
	c.dialer.mu.Lock()
	delete(c.dialer.open, c)
	c.dialer.mu.Unlock()
	return c.Conn.Close()
}
