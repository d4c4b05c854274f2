package source

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tickertape/backend/sse"
)

// hostsOf is a network of pipes in which the handlers are the hosts, by name;
// all others don't exist. Real servers run there, on a bubble's time.
type hostsOf struct {
	servers map[string]chan net.Conn
	gone    atomic.Bool // nobody can be reached
	dials   atomic.Int32
}

func world(t *testing.T, handlers map[string]http.Handler) (network, *hostsOf) {
	t.Helper()
	w := &hostsOf{servers: map[string]chan net.Conn{}}
	for name, handler := range handlers {
		l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
		w.servers[name] = l.conns
		server := &http.Server{Handler: handler}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.Serve(l)
		}()
		t.Cleanup(func() {
			server.Close()
			<-ended
		})
	}
	return network{dial: w.dial, public: isPublic}, w
}

func (w *hostsOf) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.dials.Add(1)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if w.gone.Load() {
		return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
	}
	conns, ok := w.servers[host]
	if !ok {
		return nil, &net.DNSError{Name: host, IsNotFound: true}
	}
	ours, theirs := net.Pipe()
	select {
	case conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// route sends what is dialled at an address to another network.
func route(most, other sse.Dial, address string) sse.Dial {
	return func(ctx context.Context, network, to string) (net.Conn, error) {
		if to == address {
			return other(ctx, network, to)
		}
		return most(ctx, network, to)
	}
}
