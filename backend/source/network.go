package source

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The ways that a connection can go besides through a proxy with a URL.
const (
	ProxySystem = "system" // as the computer says
	ProxyNone   = "none"   // straight there
)

// Which addresses of a host to connect to.
const (
	IPv6Auto  = "auto"  // whichever answers first
	IPv6Never = "never" // IPv4 alone: for networks whose IPv6 leads nowhere
	IPv6Only  = "only"
)

// Connection says how to reach a server. What a feed leaves empty is as Network
// has it for all feeds, and what that leaves empty has its default.
type Connection struct {
	Proxy string `json:"proxy,omitempty"` // system (default), none, or a URL: http, https, socks5 or socks5h, with user:password@ if it wants that
	CA    string `json:"ca,omitempty"`    // a PEM file, or its text, of authorities to trust besides the system's, and besides those for all feeds
	IPv6  string `json:"ipv6,omitempty"`  // auto (default), never or only

	ConnectTimeout Duration `json:"connectTimeout,omitzero"` // to connect, and again to agree on TLS; default 30 s
	AnswerTimeout  Duration `json:"answerTimeout,omitzero"`  // until an answer begins; default 30 s, and 5 min for longpoll
}

// Network is how feeds reach the outside, unless they say otherwise.
type Network struct {
	Connection

	// Bypass are hosts that are reached without the proxy, apart by commas:
	// names (example.com with all below it, .example.com only those below),
	// addresses and blocks of them (10.0.0.0/8). This computer always is. It
	// goes with a proxy's URL: a system says so itself.
	Bypass string `json:"bypass,omitempty"`
}

// DefaultNetwork is that of a first run, each value spelt out.
func DefaultNetwork() Network {
	return Network{Connection: Connection{
		Proxy: ProxySystem, IPv6: IPv6Auto, ConnectTimeout: Duration(connectTimeout), AnswerTimeout: Duration(headTimeout),
	}}
}

const (
	// connectTimeout is how long it may take to connect, and headTimeout until
	// the head of an answer has come.
	connectTimeout = 30 * time.Second
	headTimeout    = 30 * time.Second
	// heldTimeout is headTimeout for a request that the server holds until there is news.
	heldTimeout = 5 * time.Minute

	minTimeout = time.Second
	maxTimeout = 10 * time.Minute
)

// Problems says what is wrong with the network, a sentence by JSON field.
func (n Network) Problems() map[string]string {
	p := problems{}
	n.Proxy = secretRef.ReplaceAllString(n.Proxy, "x") // as Feed.settled
	n.connectionProblems(p)
	p.when(strings.ContainsAny(n.Bypass, " \t\r\n/") && !onlyBlocks(n.Bypass), "bypass",
		"Hosts without the proxy are apart by commas: names, addresses, or blocks like 10.0.0.0/8.")
	return p
}

// onlyBlocks lets spaces stand behind commas, and a slash in blocks alone.
func onlyBlocks(bypass string) bool {
	for host := range strings.SplitSeq(bypass, ",") {
		host = strings.TrimSpace(host)
		if strings.ContainsAny(host, " \t\r\n") || strings.Contains(host, "://") {
			return false
		}
	}
	return true
}

func (c Connection) connectionProblems(p problems) {
	problem := proxyProblem(c.Proxy)
	p.when(problem != "", "proxy", "%s", problem)
	// Whether it is there is seen when it is needed: one that is missing for now doesn't spoil the settings.
	p.when(!isFileOrPEM(c.CA), "ca", "Give the whole path of the file of certificates, or its text in PEM form.")
	p.when(!slices.Contains([]string{"", IPv6Auto, IPv6Never, IPv6Only}, c.IPv6), "ipv6", "IPv6 is used auto, never or only.")
	for field, d := range map[string]Duration{"connectTimeout": c.ConnectTimeout, "answerTimeout": c.AnswerTimeout} {
		d := time.Duration(d)
		p.when(d != 0 && (d < minTimeout || d > maxTimeout), field, "The time to wait must be between 1 second and 10 minutes.")
	}
}

// proxy is where the feed's connections go through, and whom they reach without it.
func (f Feed) proxy() (proxy, bypass string) {
	if f.Proxy != "" {
		return f.Proxy, ""
	}
	return cmp.Or(f.Defaults.Proxy, ProxySystem), f.Defaults.Bypass
}

// authorities are the files of those to trust besides the system's.
func (f Feed) authorities() []string {
	return slices.DeleteFunc([]string{f.Defaults.CA, f.CA}, func(file string) bool { return file == "" })
}

// protocol is what to dial, as package net names it.
func (f Feed) protocol() string {
	switch cmp.Or(f.IPv6, f.Defaults.IPv6) {
	case IPv6Never:
		return "tcp4"
	case IPv6Only:
		return "tcp6"
	}
	return "tcp"
}

func (f Feed) connectTimeout() time.Duration {
	return time.Duration(cmp.Or(f.ConnectTimeout, f.Defaults.ConnectTimeout, Duration(connectTimeout)))
}

func (f Feed) answerTimeout() time.Duration {
	if f.Kind == KindLongPoll { // what is meant for all others is too short for these
		return time.Duration(cmp.Or(f.AnswerTimeout, Duration(heldTimeout)))
	}
	return time.Duration(cmp.Or(f.AnswerTimeout, f.Defaults.AnswerTimeout, Duration(headTimeout)))
}
