package source

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// relay is what a proxy of a test does: it connects everybody to one server,
// whatever they ask for, and remembers that.
type relay struct {
	to       string // the server's address
	user     string // "user:password" to want; "" for nobody's
	answer   string // of CONNECT, instead of a connection
	mu       sync.Mutex
	asked    []string
	listener net.Listener
	serving  sync.WaitGroup
}

func startRelay(t *testing.T, r *relay, l net.Listener, serve func(*relay, net.Conn) error) *relay {
	t.Helper()
	r.listener = l
	var mu sync.Mutex
	var conns []net.Conn
	r.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			r.serving.Go(func() {
				defer conn.Close()
				_ = serve(r, conn) // a client that goes away is no news
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		r.serving.Wait()
	})
	return r
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (r *relay) note(target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, target)
}

// taken are the targets asked for since the last call.
func (r *relay) taken() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := strings.Join(r.asked, " ")
	r.asked = nil
	return asked
}

// join carries bytes between a client and the server until one of them ends.
func (r *relay) join(conn net.Conn, sent io.Reader, first func(io.Writer) error) error {
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := first(server); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(server, sent)
		_ = server.Close()
	}()
	_, err = io.Copy(conn, server)
	return err
}

// serveHTTPProxy is a proxy for CONNECT and for plain requests, one a connection.
func serveHTTPProxy(r *relay, conn net.Conn) error {
	in := bufio.NewReader(conn)
	req, err := http.ReadRequest(in)
	if err != nil {
		return err
	}
	r.note(req.Method + " " + req.URL.Host)
	user, password, _ := basicOf(req.Header.Get("Proxy-Authorization"))
	switch {
	case r.user != "" && user+":"+password != r.user:
		_, err = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
		return err
	case r.answer != "":
		_, err = io.WriteString(conn, "HTTP/1.1 "+r.answer+"\r\nContent-Length: 0\r\n\r\n")
		return err
	case req.Method == http.MethodConnect:
		return r.join(conn, in, func(io.Writer) error {
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			return err
		})
	}
	return r.join(conn, in, func(server io.Writer) error { return req.Write(server) })
}

func basicOf(header string) (user, password string, ok bool) {
	r := http.Request{Header: http.Header{"Authorization": {header}}}
	return r.BasicAuth()
}

// serveSOCKS5 is RFC 1928 with RFC 1929, as far as a CONNECT to a name goes.
func serveSOCKS5(r *relay, conn net.Conn) error {
	in := bufio.NewReader(conn)
	field := func() string { // one byte of length, then so much
		n, err := in.ReadByte()
		text := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(in, text)
		}
		if err != nil {
			return ""
		}
		return string(text)
	}
	skip := func(n int) { _, _ = in.Discard(n) }
	skip(1) // version 5
	methods := field()
	method := byte(0)
	if r.user != "" {
		method = 2
	}
	if !strings.Contains(methods, string(rune(method))) {
		method = 0xff
	}
	_, _ = conn.Write([]byte{5, method})
	if method == 2 {
		skip(1)
		if user := field(); user+":"+field() != r.user {
			_, err := conn.Write([]byte{1, 1})
			return err
		}
		_, _ = conn.Write([]byte{1, 0})
	}
	skip(4) // version, CONNECT, 0, and that it is a name
	host := field()
	port := make([]byte, 2)
	if _, err := io.ReadFull(in, port); err != nil {
		return err
	}
	r.note(fmt.Sprintf("%s:%d", host, binary.BigEndian.Uint16(port)))
	reply := []byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	if r.answer != "" {
		reply[1] = 5 // refused
		_, err := conn.Write(reply)
		return err
	}
	return r.join(conn, in, func(io.Writer) error {
		_, err := conn.Write(reply)
		return err
	})
}

// kinds answers feeds of all kinds with one event.
func kinds(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") != "":
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"a":1}`))
			_, _, _ = conn.Read(r.Context())
		}
	case strings.HasSuffix(r.URL.Path, KindSSE):
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"a\":1}\n\n")
	case strings.HasSuffix(r.URL.Path, KindRSS):
		fmt.Fprint(w, rssText)
	default:
		fmt.Fprint(w, `{"a":1}`+"\n")
	}
}

func TestEveryKindOfFeedGoesThroughItsProxy(t *testing.T) {
	safe := startTLS(t, newAuthority(t), http.HandlerFunc(kinds), nil)
	plain := serveAt(t, "127.0.0.1:0", http.HandlerFunc(kinds))
	for scheme, to := range map[string]string{"http": strings.TrimPrefix(plain, "http://"), "https": strings.TrimPrefix(safe.URL, "https://")} {
		httpProxy := startRelay(t, &relay{to: to, user: "me:p@ss"}, listen(t), serveHTTPProxy)
		socks := startRelay(t, &relay{to: to, user: "me:p@ss"}, listen(t), serveSOCKS5)
		secure := startRelay(t, &relay{to: to, user: "me:p@ss"}, safe.listen(t), serveHTTPProxy)
		for proxy, relay := range map[string]*relay{"http": httpProxy, "socks5": socks, "https": secure} {
			for _, kind := range []string{KindPoll, KindRSS, KindSSE, KindNDJSON, KindLongPoll, KindWebSocket} {
				f := pollFeed(kind, scheme+"://feed.example/"+kind)
				f.Proxy, f.CA = proxy+"://me:p%40ss@"+relay.listener.Addr().String(), safe.caFile
				_, into := supervise(t, f)
				into.await(t, 1)
				if asked := relay.taken(); !strings.Contains(asked, "feed.example") {
					t.Errorf("%s over %s: the proxy was asked for %q", f.URL, proxy, asked)
				}
			}
		}
	}
}

func TestWhatAProxyDoesIsSaidOfTheProxy(t *testing.T) {
	ca := newAuthority(t)
	url := serveAt(t, "127.0.0.1:0", http.HandlerFunc(kinds))
	to := strings.TrimPrefix(url, "http://")
	closed := listen(t)
	closed.Close()
	other := startTLS(t, ca, http.HandlerFunc(kinds), nil)
	for name, tt := range map[string]struct {
		proxy, feed string
		state       State
		want        string
	}{
		"nobody there":       {"http://" + closed.Addr().String(), "http://feed.example/", Retrying, "The proxy " + closed.Addr().String() + " can't be reached. Connection refused"},
		"a password":         {startRelay(t, &relay{to: to, user: "a:b"}, listen(t), serveHTTPProxy).url("http"), "https://feed.example/", NeedsAuth, "wants to know who you are (407"},
		"a password, plain":  {startRelay(t, &relay{to: to, user: "a:b"}, listen(t), serveHTTPProxy).url("http"), "http://feed.example/", NeedsAuth, "The proxy wants to know who you are (407"},
		"a way not allowed":  {startRelay(t, &relay{to: to, answer: "403 Forbidden"}, listen(t), serveHTTPProxy).url("http"), "https://feed.example/", Failed, "doesn't let us through to feed.example (403 Forbidden)"},
		"a lost server":      {startRelay(t, &relay{to: to, answer: "504 Gateway Timeout"}, listen(t), serveHTTPProxy).url("http"), "https://feed.example/", Retrying, "could not connect to feed.example (504 Gateway Timeout)"},
		"a wrong password":   {startRelay(t, &relay{to: to, user: "a:b"}, listen(t), serveSOCKS5).url("socks5://x:y@"), "http://feed.example/", NeedsAuth, "wants to know who you are: give a user"},
		"refused by SOCKS":   {startRelay(t, &relay{to: to, answer: "no"}, listen(t), serveSOCKS5).url("socks5"), "http://feed.example/", Retrying, "The proxy could not connect to feed.example: connection refused."},
		"a proxy of unknown": {startRelay(t, &relay{to: to}, other.listen(t), serveHTTPProxy).url("https"), "http://feed.example/", Retrying, "can't be reached. The certificate of 127.0.0.1"},
	} {
		f := pollFeed(KindPoll, tt.feed)
		f.Proxy, f.Insecure = tt.proxy, true // which is about the feed's server alone
		_, err := ask(t, newNetwork(), f)
		if v := explain(f.URL, err); v.state != tt.state || !strings.Contains(v.cause, tt.want) {
			t.Errorf("%s: %s %q, want %s …%s… (%v)", name, v.state, v.cause, tt.state, tt.want, err)
		}
	}
}

// url is the proxy's, for a scheme or the start of a URL.
func (r *relay) url(scheme string) string {
	if !strings.Contains(scheme, "://") {
		scheme += "://"
	}
	return scheme + r.listener.Addr().String()
}

func TestAFeedsProxyIsItsOwnOrThatOfAllFeeds(t *testing.T) {
	url := serveAt(t, "127.0.0.1:0", http.HandlerFunc(kinds))
	to := strings.TrimPrefix(url, "http://")
	system := startRelay(t, &relay{to: to}, listen(t), serveHTTPProxy)
	global := startRelay(t, &relay{to: to}, listen(t), serveHTTPProxy)
	own := startRelay(t, &relay{to: to}, listen(t), serveHTTPProxy)
	t.Setenv("HTTP_PROXY", system.url("http"))
	t.Setenv("NO_PROXY", "not.example")
	net, _ := world(t, map[string]http.Handler{})
	net.dial = onlyLoopback(net.dial)
	for name, tt := range map[string]struct {
		own, global, host string
		relay             *relay // nil: straight there, where nobody is
	}{
		"by default":             {"", "", "feed.example", system},
		"the system's":           {"", ProxySystem, "feed.example", system},
		"not the system's":       {"", ProxySystem, "not.example", nil},
		"none":                   {"", ProxyNone, "feed.example", nil},
		"that of all":            {"", global.url("http"), "feed.example", global},
		"that of all, but":       {"", global.url("http"), "a.home.example", nil},
		"its own":                {own.url("http"), global.url("http"), "a.home.example", own},
		"none of its own":        {ProxyNone, global.url("http"), "feed.example", nil},
		"the system's by itself": {ProxySystem, global.url("http"), "feed.example", system},
	} {
		f := pollFeed(KindPoll, "http://"+tt.host+"/")
		f.Proxy, f.Defaults = tt.own, Network{Connection{Proxy: tt.global}, "home.example, 10.0.0.0/8"}
		_, err := ask(t, net, f)
		for _, r := range []*relay{system, global, own} {
			if taken := r.taken(); (taken != "") != (r == tt.relay) {
				t.Errorf("%s: %q went through %s (%v)", name, taken, r.url("http"), err)
			}
		}
		if (err == nil) != (tt.relay != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// onlyLoopback dials proxies of a test, and all else in its small world.
func onlyLoopback(small func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "127.0.0.1:") {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		return small(ctx, network, address)
	}
}

func TestTheProtocolOfTheInternetIsTheOneThatIsWanted(t *testing.T) {
	net, _ := world(t, map[string]http.Handler{"a.example": say("[]")})
	var dialled string
	pipes := net.dial
	net.dial = func(ctx context.Context, network, address string) (_ netConn, err error) {
		dialled = network
		return pipes(ctx, network, address)
	}
	for _, tt := range []struct{ own, global, want string }{
		{"", "", "tcp"}, {"", IPv6Never, "tcp4"}, {IPv6Only, IPv6Never, "tcp6"}, {IPv6Auto, IPv6Never, "tcp"},
	} {
		f := pollFeed(KindPoll, "http://a.example/")
		f.IPv6, f.Defaults.IPv6 = tt.own, tt.global
		if _, err := ask(t, net, f); err != nil || dialled != tt.want {
			t.Errorf("%+v: %q, %v", tt, dialled, err)
		}
	}
	f := pollFeed(KindPoll, "http://127.0.0.1:1/")
	f.IPv6 = IPv6Only
	_, err := ask(t, newNetwork(), f)
	if got := Explain(f.URL, err); got != "127.0.0.1:1 has no address of the kind that is allowed (IPv6)." {
		t.Errorf("%q (%v)", got, err)
	}
}

type netConn = net.Conn

func TestAServerIsGivenAsMuchTimeAsTheFeedSays(t *testing.T) {
	silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, kind := range []string{KindPoll, KindSSE, KindNDJSON, KindWebSocket, KindLongPoll} {
		synctest.Test(t, func(t *testing.T) {
			net, _ := world(t, map[string]http.Handler{"a.example": silent})
			for _, tt := range []struct {
				own, global Connection
				host        string
				least, most time.Duration
			}{
				{Connection{}, Connection{}, "a.example", headTimeout, heldTimeout},
				{Connection{AnswerTimeout: Duration(4 * time.Second)}, Connection{AnswerTimeout: Duration(time.Second)}, "a.example", 4 * time.Second, 4 * time.Second},
				{Connection{AnswerTimeout: Duration(8 * time.Minute)}, Connection{}, "a.example", 8 * time.Minute, 8 * time.Minute},
				{Connection{ConnectTimeout: Duration(3 * time.Second)}, Connection{}, "hangs.example", 3 * time.Second, 3 * time.Second},
				{Connection{}, Connection{ConnectTimeout: Duration(2 * time.Minute)}, "hangs.example", 2 * time.Minute, 2 * time.Minute},
			} {
				f := pollFeed(kind, "http://"+tt.host+"/")
				f.Connection, f.Defaults.Connection = tt.own, tt.global
				hanging := net
				hanging.dial = route(net.dial, func(ctx context.Context, _, _ string) (netConn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}, "hangs.example:80")
				began := time.Now()
				s, _ := superviseIn(t, hanging, f)
				h := wait(t, s, is(Retrying))
				if took := time.Since(began); took < tt.least || took > tt.most || !strings.Contains(h.Cause, "did not answer in time") {
					t.Errorf("%s, %+v: %v, %q", kind, tt, took, h.Cause)
				}
			}
		})
	}
}

func TestTheNetworksProblemsAreSentencesByField(t *testing.T) {
	if p := DefaultNetwork().Problems(); len(p) > 0 {
		t.Errorf("the default: %v", p)
	}
	for field, all := range map[string][]Network{
		"": {
			{},
			{Connection: Connection{Proxy: "socks5h://u:p@[::1]:1080"}},
			{Connection: Connection{Proxy: "https://proxy.example/"}},
			{Bypass: "example.com, .b.example,10.0.0.0/8,[::1]:80,*"},
		},
		"proxy": {
			{Connection: Connection{Proxy: "proxy.example:8080"}},
			{Connection: Connection{Proxy: "ftp://a"}},
			{Connection: Connection{Proxy: "http://a/b"}},
			{Connection: Connection{Proxy: "http://u:" + Mask + "@a:1"}},
			{Connection: Connection{Proxy: "http://u:p ss@a"}},
		},
		"ca":             {{Connection: Connection{CA: "ca.pem"}}},
		"ipv6":           {{Connection: Connection{IPv6: "no"}}},
		"connectTimeout": {{Connection: Connection{ConnectTimeout: Duration(time.Millisecond)}}},
		"answerTimeout":  {{Connection: Connection{AnswerTimeout: Duration(time.Hour)}}, {Connection: Connection{AnswerTimeout: -1}}},
		"bypass":         {{Bypass: "a b"}, {Bypass: "http://a"}},
	} {
		for _, n := range all {
			p := n.Problems()
			if _, said := p[field]; len(p) > 1 || said != (field != "") {
				t.Errorf("%+v: %v, want %q", n, p, field)
			}
		}
	}
}

func TestAProxysPasswordIsShownToNobody(t *testing.T) {
	for proxy, want := range map[string]string{
		"http://me:hunter2@proxy.example:8080":  "http://me:" + Mask + "@proxy.example:8080",
		"socks5://me:hun@t:er2@proxy.example:1": "socks5://me:" + Mask + "@proxy.example:1",
		"http://me:@proxy.example:8080":         "http://me:@proxy.example:8080",
		"http://me@proxy.example:8080":          "http://me@proxy.example:8080",
		"http://proxy.example:8080":             "http://proxy.example:8080",
		"system":                                "system",
	} {
		f := pollFeed(KindPoll, "http://a.example/")
		f.Proxy = proxy
		shown := f.Masked()
		if shown.Proxy != want || f.UsesSecret() != (want != proxy) {
			t.Errorf("%s is shown as %s, a secret: %v", proxy, shown.Proxy, f.UsesSecret())
		}
		if got := shown.Unmasked(f).Proxy; got != proxy {
			t.Errorf("%s comes back as %s", proxy, got)
		}
		n := Network{Connection: Connection{Proxy: proxy}}
		if got := n.Masked(); got.Proxy != want || got.Unmasked(n) != n {
			t.Errorf("%s is shown as %+v", proxy, got)
		}
		shown.Proxy = strings.Replace(want, "proxy.example", "evil.example", 1)
		if got := shown.Unmasked(f).Proxy; strings.Contains(got, "er2") {
			t.Errorf("the password goes to %s", got)
		}
	}
}
