package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sync/semaphore"

	"tickertape/backend/sse"
)

// client makes the requests of one feed, by its options. It may be used by one
// goroutine at a time, and must be closed.
type client struct {
	feed    Feed
	agent   string
	http    *http.Client
	idle    func() // closes connections that nobody uses
	release func()
}

// network is the world that feeds are reached through. Tests have a small one.
type network struct {
	dial     sse.Dial      // nil: the computer's own
	resolver *net.Resolver // of the computer's own; nil: its usual one
	public   func(netip.AddrPort) bool
	turns    *semaphore.Weighted                       // see body
	wrap     func(http.RoundTripper) http.RoundTripper // a probe's ear; nil: nobody listens

	// shown, if set, is told of certificates that are not valid, and of each
	// that was accepted unseen; nil says that the server's was good.
	shown func(*Certificate)
}

func newNetwork() network {
	return network{public: func(a netip.AddrPort) bool { return isPublic(a.Addr()) }, turns: newTurns()}
}

// guarded dials where a request with its redirects may go: the address that is
// checked is the one that is dialled, so that no name server can say one thing to
// the check and another to the connection.
func (w network) guarded() sse.Dial {
	if w.dial == nil {
		dialer := net.Dialer{Resolver: w.resolver, ControlContext: func(ctx context.Context, _, address string, _ syscall.RawConn) error {
			return chainOf(ctx).mayDial(address, w.public)
		}}
		return dialer.DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := chainOf(ctx).mayDial(address, w.public); err != nil {
			return nil, err
		}
		return w.dial(ctx, network, address)
	}
}

// reach dials for a feed: over the protocol that it wants, and to its proxy as that
// wants to be spoken to.
func (w network) reach(f Feed, roots *x509.CertPool) sse.Dial {
	dial := w.guarded()
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		conn, err := dial(ctx, f.protocol(), address)
		proxy := chainOf(ctx).proxy.Load()
		if proxy == nil {
			return conn, err
		}
		if err == nil {
			conn, err = secured(ctx, conn, proxy, roots)
		}
		if err != nil {
			return nil, &proxyError{proxyAddress(proxy), err}
		}
		return conn, nil
	}
}

func newClient(f Feed, userAgent string, world network) (*client, error) {
	c := &client{feed: f, agent: userAgent}
	if f.UserAgent != "" {
		c.agent = f.UserAgent
	}
	proxy, err := newProxy(f)
	if err != nil {
		return nil, err
	}
	config, err := newTLS(f)
	if err != nil {
		return nil, err
	}
	transport, release := sse.NewTransport(world.reach(f, config.RootCAs), f.connectTimeout())
	transport.TLSClientConfig = config
	transport.ResponseHeaderTimeout = f.answerTimeout()
	transport.Proxy = func(r *http.Request) (*url.URL, error) {
		to, err := proxy(r.URL)
		return asTransport(to), err
	}
	transport.OnProxyConnectResponse = onProxyAnswer
	c.idle, c.release = transport.CloseIdleConnections, release
	c.http = &http.Client{Transport: &tracer{transport, proxy, world}, CheckRedirect: c.checkRedirect}
	if world.wrap != nil {
		c.http.Transport = world.wrap(c.http.Transport)
	}
	return c, nil
}

func (c *client) close() { c.release() }

// optionError says which option of a feed keeps it from running.
type optionError struct{ sentence string }

func (e *optionError) Error() string { return e.sentence }

// target is the URL to ask, and header what to ask with, for the events after
// cursor.
func (c *client) target(feedURL, cursor, accept string) (to string, header http.Header, err error) {
	fill := template{cursor, string(c.feed.Auth.Secret)}
	u, err := url.Parse(fill.url(feedURL))
	if err != nil {
		return "", nil, &optionError{"The feed's URL is not one."} // not Go's words: they quote it
	}
	if param := c.feed.Cursor.Param; param != "" && cursor != "" {
		query := u.Query()
		query.Set(param, cursor)
		u.RawQuery = query.Encode()
	}
	header = http.Header{}
	if accept != "" {
		header.Set("Accept", accept)
	}
	if c.agent != "" {
		header.Set("User-Agent", c.agent)
	}
	for name, value := range c.feed.Headers {
		value = fill.header(value)
		if strings.ContainsAny(value, "\r\n\x00") {
			return "", nil, &optionError{"The value of the header " + name + " has characters that can't be sent."}
		}
		header.Set(name, value)
	}
	c.feed.sign(header, u)
	return u.String(), header, nil
}

// body is the request's body for the events after cursor.
func (c *client) body(cursor string) string {
	return template{cursor, string(c.feed.Auth.Secret)}.body(c.feed.Body)
}

func (c *client) method() string {
	switch {
	case c.feed.Method != "":
		return c.feed.Method
	case c.feed.Body != "":
		return http.MethodPost
	}
	return http.MethodGet
}

// get makes a request and follows its redirects. Any answer but one with a
// status of 200 is an *sse.StatusError, but for those in also.
func (c *client) get(ctx context.Context, feedURL, cursor, accept string, change func(http.Header), also ...int) (*http.Response, error) {
	to, header, err := c.target(feedURL, cursor, accept)
	if err != nil {
		return nil, err
	}
	if change != nil {
		change(header)
	}
	req, err := http.NewRequestWithContext(newChain(ctx), c.method(), to, strings.NewReader(c.body(cursor)))
	if err != nil {
		return nil, &optionError{"The feed's options don't make a request."}
	}
	if c.feed.Body == "" {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	req.Header = header
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", withoutURL(err))
	}
	if resp.StatusCode == http.StatusOK || slices.Contains(also, resp.StatusCode) {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, sse.NewStatusError(resp, func() { _ = resp.Body.Close() })
}

// redirectError is a redirect that must not be followed, with the reason.
type redirectError struct{ sentence string }

func (e *redirectError) Error() string { return e.sentence }

// checkRedirect is the policy for redirects, whoever follows them. What address
// one leads to is seen when it is dialled.
func (c *client) checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	switch limit := c.feed.maxRedirects(); {
	case len(via) > limit:
		return &redirectError{fmt.Sprintf("The server redirected more than %d times.", limit)}
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return &redirectError{"The server redirected to something that is neither http:// nor https://."}
	case from.Scheme == "https" && req.URL.Scheme == "http":
		return &redirectError{"The server redirected from https:// to http://, where anybody could read along: it was not followed."}
	}
	if !strings.EqualFold(req.URL.Hostname(), via[0].URL.Hostname()) && c.bringsSecret(req) {
		return &redirectError{"The server redirected to another host, which must not get the feed's key: it was not followed."}
	}
	chain := chainOf(req.Context())
	if chain.public.Load() {
		if isPrivateHost(req.URL.Hostname()) {
			return errPrivate // also where a proxy would dial it
		}
		c.idle() // so that each hop is dialled, which is when its address is seen
	}
	sse.StripRedirect(req, via)
	return nil
}

// isPrivateHost reports whether a host is written as what only this computer, or
// its network, can reach. Of a name only its address tells.
func isPrivateHost(host string) bool {
	at, err := netip.ParseAddr(host)
	return err == nil && !isPublic(at)
}

// bringsSecret reports whether a key goes with a redirected request in other
// ways than its headers, which can be stripped.
func (c *client) bringsSecret(req *http.Request) bool {
	has := func(text string) bool { return strings.Contains(text, secretMark) || c.feed.textHasSecret(text) }
	return (req.Body != nil && has(c.feed.Body)) ||
		slices.ContainsFunc(c.feed.Script, func(s Step) bool { return has(s.Send) })
}

// errPrivate is a redirect from a public server into a private network, where
// it could reach what only this computer may.
var errPrivate = &redirectError{"The server redirected to an address in a private network or on this computer: it was not followed."}

// chain is a request with its redirects. Its hops come one after the other, but
// are dialled on goroutines of the transport.
type chain struct {
	public atomic.Bool             // whether one of its hops reached a public address
	proxy  atomic.Pointer[url.URL] // that the current hop goes through; nil for none
	first  atomic.Pointer[string]  // its first host
	away   atomic.Bool             // whether the current hop goes to another one
}

type chainKey struct{}

// newChain begins a chain. One under another goes on with where that led: a
// probe follows what a page names as it follows a redirect.
func newChain(ctx context.Context) context.Context {
	next := &chain{}
	next.public.Store(chainOf(ctx).public.Load())
	return context.WithValue(ctx, chainKey{}, next)
}

func chainOf(ctx context.Context) *chain {
	if c, ok := ctx.Value(chainKey{}).(*chain); ok {
		return c
	}
	return &chain{}
}

// mayDial is asked for each address that a name was resolved to.
func (c *chain) mayDial(address string, public func(netip.AddrPort) bool) error {
	at, err := netip.ParseAddrPort(address)
	if err == nil && c.public.Load() && c.proxy.Load() == nil && !public(at) {
		return errPrivate
	}
	return nil
}

// enter notes where the next hop of the chain goes.
func (c *chain) enter(to *url.URL, proxy *url.URL) {
	host := strings.ToLower(to.Hostname())
	c.first.CompareAndSwap(nil, &host)
	c.away.Store(*c.first.Load() != host)
	c.proxy.Store(proxy)
	if proxy != nil && !isPrivateHost(host) {
		c.public.Store(true) // nobody here sees where it leads
	}
}

// tracer notes where each hop of a chain went, and which certificate was shown
// there. A proxy's own address says nothing about that: it may be anywhere.
type tracer struct {
	next  *http.Transport
	proxy proxyFunc
	world network
}

func (t *tracer) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, err := t.proxy(req.URL)
	if err != nil {
		return nil, &optionError{"The address of this computer's proxy is not a URL: look at its network settings, or at HTTP_PROXY and HTTPS_PROXY."}
	}
	chain, host := chainOf(req.Context()), req.URL.Hostname()
	chain.enter(req.URL, proxy)
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if at, err := netip.ParseAddrPort(info.Conn.RemoteAddr().String()); err == nil && proxy == nil && t.world.public(at) {
			chain.public.Store(true)
		}
		if conn, ok := info.Conn.(*tls.Conn); ok {
			t.accepted(conn.ConnectionState(), host)
		}
	}}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if cert := refusedCertificate(err, host); cert != nil && t.world.shown != nil {
		t.world.shown(cert)
	}
	return resp, err
}

// accepted tells of the certificate of a connection that stands.
func (t *tracer) accepted(state tls.ConnectionState, host string) {
	switch config := t.next.TLSClientConfig; {
	case t.world.shown == nil:
	case config.InsecureSkipVerify:
		t.world.shown(acceptedCertificate(state, host, config.RootCAs))
	default:
		t.world.shown(nil)
	}
}

// nowhere are blocks of addresses that are neither private nor reachable from
// elsewhere (RFC 6890).
var nowhere = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("fec0::/10"),
}

// isPublic reports whether anybody on the internet could reach the address.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, block := range nowhere {
		if block.Contains(a) {
			return false
		}
	}
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(a) {
		b := a.As16()
		return isPublic(netip.AddrFrom4([4]byte(b[12:])))
	}
	return true
}
