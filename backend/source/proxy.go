package source

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

func proxyProblem(text string) string {
	switch text {
	case "", ProxySystem, ProxyNone:
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, Mask):
		return "Give the password of the proxy again: the one that is known belongs to another address."
	case err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		return "A proxy is system, none, or written like http://host:8080 or socks5://user:password@host:1080."
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "":
		return "A proxy's address ends with its port."
	}
	return ""
}

// proxyFunc says through which proxy a request goes; nil is none.
type proxyFunc func(*url.URL) (*url.URL, error)

// newProxy is the feed's.
func newProxy(f Feed) (proxyFunc, error) {
	proxy, bypass := f.proxy()
	switch proxy {
	case ProxyNone:
		return func(*url.URL) (*url.URL, error) { return nil, nil }, nil
	case ProxySystem:
		return systemProxy(), nil
	}
	to, err := url.Parse(proxy)
	if err != nil {
		return nil, &optionError{"The proxy's address is not a URL."}
	}
	if f.Proxy != "" { // the feed's own is for this feed, wherever that is
		return func(*url.URL) (*url.URL, error) { return to, nil }, nil
	}
	return (&httpproxy.Config{HTTPProxy: proxy, HTTPSProxy: proxy, NoProxy: bypass}).ProxyFunc(), nil
}

// proxyAddress is where a proxy listens.
func proxyAddress(proxy *url.URL) string {
	port := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[proxy.Scheme]
	return net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), port))
}

// asTransport is the proxy as net/http is told of it. A TLS connection to one is
// made by our own dialer: what a feed's owner says about certificates is about the
// feed's server, and its client certificate is for nobody else.
func asTransport(proxy *url.URL) *url.URL {
	if proxy == nil || proxy.Scheme != "https" {
		return proxy
	}
	plain := *proxy
	plain.Scheme, plain.Host = "http", proxyAddress(proxy)
	return &plain
}

// secured makes a connection to a proxy one of TLS, where that is the proxy's kind.
func secured(ctx context.Context, conn net.Conn, proxy *url.URL, roots *x509.CertPool) (net.Conn, error) {
	if proxy.Scheme != "https" {
		return conn, nil
	}
	secure := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: proxy.Hostname(), RootCAs: roots})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// proxyError is a proxy that could not be reached.
type proxyError struct {
	host string
	err  error
}

func (e *proxyError) Error() string { return "proxy: " + e.err.Error() }
func (e *proxyError) Unwrap() error { return e.err }

// proxyRefusal is a proxy's answer other than that it connects us.
type proxyRefusal struct {
	host   string
	code   int
	status string
}

func (e *proxyRefusal) Error() string { return "the proxy answered " + e.status }

func onProxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{proxy.Host, answer.StatusCode, answer.Status}
}

// explainProxy judges what a proxy did; host is the feed's.
func explainProxy(err error, host string) (verdict, bool) {
	if refused, ok := errors.AsType[*proxyRefusal](err); ok {
		return explainRefusal(refused, host), true
	}
	if lost, ok := errors.AsType[*proxyError](err); ok {
		cause := fmt.Sprintf("The proxy %s can't be reached. %s", lost.host, explainNetwork(lost.err, lost.host))
		return verdict{state: Retrying, cause: cause, unreachable: isUnreachable(lost.err)}, true
	}
	// net/http has its own SOCKS client, whose errors are only words.
	if socks, ok := errors.AsType[*net.OpError](err); ok && socks.Op == "socks connect" {
		text := socks.Err.Error()
		if strings.Contains(text, "authentication") {
			return verdict{state: NeedsAuth, cause: "The proxy wants to know who you are: give a user and password in its address."}, true
		}
		return verdict{state: Retrying, cause: fmt.Sprintf("The proxy could not connect to %s: %s.", host, strings.TrimPrefix(text, "unknown error "))}, true
	}
	return verdict{}, false
}

func explainRefusal(err *proxyRefusal, host string) verdict {
	switch code := err.code; {
	case code == http.StatusProxyAuthRequired:
		return verdict{state: NeedsAuth, cause: causeProxyAuth(err.host)}
	case code >= 500:
		return verdict{state: Retrying, cause: fmt.Sprintf("The proxy %s could not connect to %s (%s).", err.host, host, err.status)}
	}
	return verdict{state: Failed, cause: fmt.Sprintf("The proxy %s doesn't let us through to %s (%s).", err.host, host, err.status)}
}

func causeProxyAuth(proxy string) string {
	return fmt.Sprintf("The proxy %s wants to know who you are (407 Proxy Authentication Required): give a user and password in its address.", proxy)
}

// unmaskedProxy puts the password of old where proxy shows a mask. It goes to no other
// proxy, and to no other user there.
func unmaskedProxy(proxy, old string) string {
	before, password, after, ok := cutPassword(proxy)
	oldBefore, oldPassword, oldAfter, oldOK := cutPassword(old)
	if ok && oldOK && password == Mask && before == oldBefore && after == oldAfter {
		return oldBefore + oldPassword + oldAfter
	}
	return proxy
}

// cutPassword finds the password in the URL of a proxy. Not by net/url, which refuses what
// people write there.
func cutPassword(proxy string) (before, password, after string, ok bool) {
	start := strings.Index(proxy, "://") + len("://")
	end := strings.LastIndexByte(proxy, '@')
	if start < len("://") || end < start {
		return "", "", "", false
	}
	colon := strings.IndexByte(proxy[start:end], ':')
	if colon < 0 {
		return "", "", "", false
	}
	start += colon + 1
	return proxy[:start], proxy[start:end], proxy[end:], true
}

// asFeed is a feed with the proxy of the network, for what is done with secrets.
func (n Network) asFeed() Feed { return Feed{Connection: Connection{Proxy: n.Proxy}} }

// MapSecrets is the network with its proxy's password replaced.
func (n Network) MapSecrets(replace func(place, secret string) string) Network {
	n.Proxy = n.asFeed().MapSecrets(replace).Proxy
	return n
}

// Secrets are the network's secrets by the places where they stand.
func (n Network) Secrets() map[string]string { return n.asFeed().Secrets() }

// SecretRefs are the ids of the secrets that the network refers to.
func (n Network) SecretRefs() []string { return n.asFeed().SecretRefs() }

// Resolved is the network with the secrets that it refers to.
func (n Network) Resolved(values map[string]string) Network {
	n.Proxy = n.asFeed().Resolved(values).Proxy
	return n
}

// Masked is the network as it may be shown: without the proxy's password.
func (n Network) Masked() Network {
	return n.MapSecrets(func(string, string) string { return Mask })
}

// Unmasked puts what old has where n still shows a mask.
func (n Network) Unmasked(old Network) Network {
	n.Proxy = unmaskedProxy(n.Proxy, old.Proxy)
	return n
}
