package source

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers, for any name, with the next of the addresses; then with the last.
type nameServer struct {
	conn net.PacketConn

	mu    sync.Mutex
	next  []netip.Addr
	asked int // for addresses of IPv4
}

func startNameServer(t *testing.T, addresses ...string) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{conn: conn}
	for _, address := range addresses {
		s.next = append(s.next, netip.MustParseAddr(address))
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		packet := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if answer, err := s.answer(packet[:n]); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	return s
}

func (s *nameServer) answer(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: s.take().As4()}}}
	}
	return m.Pack()
}

func (s *nameServer) take() netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	at := s.next[0]
	if len(s.next) > 1 {
		s.next = s.next[1:]
	}
	return at
}

func (s *nameServer) lookUps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

// A name server that says first a public address and then a private one must not
// get at what stands there: not by a redirect of the feed's own host, and not
// between the look at the address and the connection.
func TestANameThatMovesIntoThePrivateNetworkIsNotFollowed(t *testing.T) {
	for _, kind := range []string{KindPoll, KindSSE, KindNDJSON, KindWebSocket} {
		var requests atomic.Int32
		outside := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1); r.URL.Path == "/again" {
				kinds(w, r)
				return
			}
			w.Header().Set("Connection", "close") // so that it is looked up again
			http.Redirect(w, r, "/again", http.StatusFound)
		}))
		_, port, err := net.SplitHostPort(strings.TrimPrefix(outside, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		world := newNetwork()
		world.public = func(a netip.AddrPort) bool { return a.Addr() == netip.MustParseAddr("127.0.0.1") }
		names := startNameServer(t, "127.0.0.1", "127.0.0.2")
		world.resolver = names.resolver()
		s, into := superviseIn(t, world, pollFeed(kind, "http://feed.example:"+port+"/"))
		h := wait(t, s, func(h Health) bool { return h.Cause != "" })
		if h.State != Failed || !strings.Contains(h.Cause, "private network") || requests.Load() != 1 || len(into.texts()) > 0 {
			t.Errorf("%s: %s %q after %d requests", kind, h.State, h.Cause, requests.Load())
		}
		if n := names.lookUps(); n != 2 {
			t.Errorf("%s: each connection is to look the name up once; it was %d times in two", kind, n)
		}
	}
}

// A connection that stands from before must not get around the look at the
// address that dialling is.
func TestAPublicServersRedirectTakesNoConnectionThatStandsAlready(t *testing.T) {
	private := serveAt(t, "127.0.0.1:0", say("[1]"))
	redirect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(private, "127.0.0.1", "localhost", 1), http.StatusFound)
	})
	outside, inside := serveAt(t, "127.0.0.1:0", redirect), serveAt(t, "127.0.0.1:0", redirect)
	world := newNetwork()
	world.public = onlyAt(outside)
	c, err := newClient(pollFeed(KindPoll, inside), "", world)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, at := range []string{inside, outside} {
		resp, err := c.get(t.Context(), at, "", "", nil)
		if (err == nil) != (at == inside) || err != nil && !strings.Contains(Explain(at, err), "private network") {
			t.Errorf("from %s: %v", at, err)
		}
		if err == nil {
			in := body{turns: newTurns()}
			_, _ = in.read(t.Context(), resp, resp.Body, 1<<20) // so that the connection can be used again
			resp.Body.Close()
		}
	}
}
