package server

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tickertape/backend/settings"
)

// Any web page in the user's browser can reach 127.0.0.1, so every request
// passes a guard first. Nothing here trusts that a request comes from a human.

// KeyHeader carries the private door's key, where a header can be set.
const KeyHeader = "X-Tickertape-Key"

// maxBody bounds a request's body, in bytes.
const maxBody = 1 << 20

// windowOrigins are the origins that a Wails window has: Linux and macOS, then
// Windows. devOrigins are added in a development build.
var windowOrigins = []string{"wails://wails", "http://wails.localhost"}

// Private is where the window finds its server, and the key to it.
type Private struct {
	URL string // without a slash at the end
	Key string
}

// OpenPrivate opens the window's door: where an earlier server of the same
// window had it, with its key, or else on a port of the system's choice. Call it
// before Run, once.
func (s *Server) OpenPrivate(earlier Private) (Private, error) {
	address := cmp.Or(strings.TrimPrefix(earlier.URL, "http://"), "127.0.0.1:0")
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return Private{}, fmt.Errorf("open the window's door: %w", err)
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	s.key = cmp.Or(earlier.Key, hex.EncodeToString(key[:]))
	s.private = openDoor(listener, s.guardPrivate(s.mux(s.privateRoutes())), s.cfg.Log)
	return Private{URL: "http://" + listener.Addr().String(), Key: s.key}, nil
}

// keyInQuery are the paths that pages open by ways which set no headers.
var keyInQuery = []string{"/event_stream", "/ws", "/transports/event_stream", "/transports/ws"}

// guardPrivate lets the window in, and nobody else.
func (s *Server) guardPrivate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		setCommonHeaders(header)
		if !hostNamesListener(r) {
			s.writeProblem(w, r, errForeignHost)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if !slices.Contains(windowOrigins, origin) && !slices.Contains(devOrigins, origin) {
				s.writeProblem(w, r, errForeignOrigin)
				return
			}
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Vary", "Origin")
			if r.Method == http.MethodOptions {
				answerPreflight(w, r, "GET, POST, PUT, DELETE", KeyHeader+", Content-Type")
				return
			}
		}
		key := r.Header.Get(KeyHeader)
		if key == "" && slices.Contains(keyInQuery, r.URL.Path) { // pages can set no headers there
			key = r.URL.Query().Get("key")
		}
		if !sameKey(key, s.key) && !s.holdsTicket(r) {
			s.writeProblem(w, r, s.refuseKey(r, key, problem(http.StatusUnauthorized, "This door belongs to Tickertape's own window.")))
			return
		}
		limitBody(w, r)
		next.ServeHTTP(w, r)
	})
}

// refuseKey counts a key that was wrong, and is the problem of it.
func (s *Server) refuseKey(r *http.Request, key string, wrong *Problem) *Problem {
	if key == "" { // that is no attempt
		return wrong
	}
	return cmp.Or(s.failures.add(r.RemoteAddr, time.Now()), wrong)
}

// answerPreflight answers a CORS preflight, which carries no key.
func answerPreflight(w http.ResponseWriter, r *http.Request, methods, headers string) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", methods)
	header.Set("Access-Control-Allow-Headers", headers)
	header.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") != "" { // Chromium, so WebView2
		header.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
}

// guardFront lets programs of this computer read, but no web page of another
// site, unless its owner allows its origin. Whoever wants more, or comes from
// elsewhere, needs a token for it.
func (s *Server) guardFront(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setCommonHeaders(w.Header())
		allowed := s.allowsOrigin(r)
		if allowed {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Expose-Headers", "ETag, Retry-After")
			w.Header().Set("Vary", "Origin")
		}
		switch {
		case !hostNamesListener(r) && !s.front.certificate.Load().names(r):
			s.writeProblem(w, r, errForeignHost)
		case allowed && r.Method == http.MethodOptions:
			answerPreflight(w, r, "GET, POST", "Authorization, Content-Type, If-None-Match, Last-Event-ID")
		case !allowed && !ownOrigin(r):
			s.writeProblem(w, r, errForeignOrigin)
		default:
			s.serveFront(w, r, next)
		}
	})
}

// serveFront serves a request of somebody who may ask, if he has the right to
// what he asks for.
func (s *Server) serveFront(w http.ResponseWriter, r *http.Request, next http.Handler) {
	scope := settings.ScopeRead
	if isPublish(r) {
		scope = settings.ScopePublish
	}
	var refused *Problem
	if r.URL.Path != "/healthz" || hasToken(r) { // load balancers have no token
		refused = s.authorize(r, scope)
	}
	if refused == errUnknownToken {
		refused = s.refuseKey(r, "a token", refused)
	}
	switch {
	case refused != nil:
		if refused.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		s.writeProblem(w, r, refused)
	case scope == settings.ScopePublish:
		limitBody(w, r)
		s.whileAuthorized(w, r, scope, next)
	default:
		limitBody(w, r)
		next.ServeHTTP(w, r)
	}
}

// allowsOrigin reports whether the request comes from a page whose origin the
// settings allow.
func (s *Server) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	current, _ := s.cfg.Settings.Current()
	return slices.Contains(current.Front.Origins, origin)
}

// noPagePolicy is the Content-Security-Policy of what is no page: whoever makes
// a browser show it gets nothing out of that. Pages have policies of their own.
const noPagePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func setCommonHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", noPagePolicy)
}

var (
	errForeignHost   = problem(http.StatusForbidden, "The Host header doesn't name this server: open it by its address, such as http://127.0.0.1 and its port.")
	errForeignOrigin = problem(http.StatusForbidden, "Web pages of other sites can't read this server.")
)

// hostNamesListener reports whether the Host header is the address at which
// the request came in. A DNS name that an attacker bends to 127.0.0.1 isn't.
func hostNamesListener(r *http.Request) bool {
	at, ok := localAddr(r)
	if !ok {
		return false
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil { // no port: the protocol's own
		host, port = strings.Trim(r.Host, "[]"), "80"
		if r.TLS != nil {
			port = "443"
		}
	}
	if port != fmt.Sprint(at.Port()) {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return at.Addr().IsLoopback()
	}
	named, err := netip.ParseAddr(host)
	return err == nil && named.Unmap() == at.Addr().Unmap()
}

// ownOrigin reports whether the request comes from a page of this very server,
// or from no page at all. A browser also tells by Sec-Fetch-Site where it sends
// no Origin: a link followed from elsewhere is fine, an embedded thing is not.
func ownOrigin(r *http.Request) bool {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != scheme+r.Host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// fromThisComputer reports whether the other end is this computer: by a
// loopback address, or by the very address of ours that it called. A proxy on
// this computer hands on requests of others.
func fromThisComputer(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	if remote.Addr().Unmap().IsLoopback() {
		return true
	}
	local, ok := localAddr(r)
	return ok && remote.Addr().Unmap() == local.Addr().Unmap()
}

// localAddr is the address at which the request came in.
func localAddr(r *http.Request) (netip.AddrPort, bool) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.AddrPort{}, false
	}
	at, err := netip.ParseAddrPort(local.String())
	return at, err == nil
}

// sameKey compares in constant time; the hashes make the lengths equal.
func sameKey(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return b != "" && subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
