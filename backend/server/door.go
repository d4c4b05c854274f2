package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tickertape/backend/settings"
)

// door is one listener and what it serves.
type door struct {
	listener    net.Listener
	http        http.Server
	cancel      context.CancelFunc
	served      chan struct{} // closed when Serve has returned
	connections sync.WaitGroup
	handlers    sync.WaitGroup // also those whose connection is no longer net/http's
	fanout      *fanout
}

// openDoor serves handler on the listener until close.
func openDoor(listener net.Listener, handler http.Handler, log *slog.Logger) *door {
	return openTLSDoor(listener, nil, handler, log)
}

// openTLSDoor is openDoor with TLS, and so HTTP/2; without a config it has none.
func openTLSDoor(listener net.Listener, config *tls.Config, handler http.Handler, log *slog.Logger) *door {
	// Streams end when their request's context does, which Shutdown alone
	// would wait for in vain.
	ctx, cancel := context.WithCancel(context.Background())
	d := &door{listener: listener, cancel: cancel, served: make(chan struct{}), fanout: newFanout(ctx)}
	if _, sockets := listener.(*net.TCPListener); sockets && canTry {
		ctx = context.WithValue(ctx, fanoutKey{}, d.fanout)
	}
	d.http = http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d.handlers.Add(1) // while its connection is counted
			defer d.handlers.Done()
			handler.ServeHTTP(w, r)
			if r.ContentLength != 0 {
				// net/http reads what is left of a body, however slowly it comes.
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingerTime))
			}
		}),
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      writeTimeout, // streams extend it with each write
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		TLSConfig:         config,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         d.count,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what strangers send is no news
	}
	go func() {
		defer close(d.served)
		places := max(1, min(maxConnections, openFiles()-spareFiles/2))
		serve := d.http.Serve
		if config != nil {
			serve = func(l net.Listener) error { return d.http.ServeTLS(l, "", "") }
		}
		if err := serve(limit(listener, places)); !errors.Is(err, http.ErrServerClosed) {
			log.Error("a door stopped serving", "address", listener.Addr().String(), "err", err)
		}
	}()
	return d
}

// count keeps track of net/http's goroutines, one a connection: Shutdown and
// Close don't wait for those of requests that they cut.
func (d *door) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew: // before Serve returns
		d.connections.Add(1)
	case http.StateHijacked, http.StateClosed: // one of them, once
		d.connections.Done()
	default:
	}
}

// close ends the streams, waits for the other requests for a moment, and lets
// the port go. It returns when nothing of the door runs any more.
func (d *door) close() {
	d.cancel()
	var ended sync.WaitGroup
	ended.Go(d.fanout.close)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := d.http.Shutdown(ctx); err != nil {
		_ = d.http.Close() // the rest is cut
	}
	<-d.served
	d.connections.Wait()
	d.handlers.Wait() // nothing begins any more
	ended.Wait()
}

// DoorState is where the front door stands, for people to see.
type DoorState struct {
	State string `json:"state"`          // open, closed or failed
	URL   string `json:"url,omitempty"`  // with a slash at the end; while open
	Note  string `json:"note,omitempty"` // a sentence, when it is not as the settings say

	// With TLS: the certificate's SHA-256 in hexadecimal, and until when it is
	// valid.
	Fingerprint string     `json:"fingerprint,omitempty"`
	Expires     *time.Time `json:"expires,omitempty"`
	// Certificate is the file that has it, where Tickertape has made it.
	Certificate string `json:"certificate,omitempty"`
}

// The states of a door.
const (
	DoorOpen   = "open"
	DoorClosed = "closed"
	DoorFailed = "failed"
)

// front is the front door as the settings want it.
type front struct {
	server *Server

	turn   sync.Mutex // one adjust at a time; guards what follows
	wanted wish
	door   *door
	ended  bool // for good

	certificate atomic.Pointer[certificate] // with TLS

	mu     sync.Mutex
	state  DoorState
	shared sharing
}

// wish is what a door was opened for. The zero value is a closed one.
type wish struct {
	address string
	tls     settings.TLS
}

func newFront(s *Server) *front {
	return &front{server: s, state: DoorState{State: DoorClosed}, shared: sharing{changed: make(chan struct{})}}
}

func (f *front) current() DoorState {
	f.mu.Lock()
	state := f.state
	f.mu.Unlock()
	if cert := f.certificate.Load(); cert != nil && state.State == DoorOpen {
		state.Fingerprint, state.Expires = cert.described() // it may have been renewed since
	}
	return state
}

func (f *front) set(state DoorState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

// sharing is which feeds the door serves now. Where that has changed, it tells
// the open streams.
func (f *front) sharing() sharing {
	f.mu.Lock()
	defer f.mu.Unlock()
	// Read with the lock held, so that the newest settings win.
	current, _ := f.server.cfg.Settings.Current()
	feeds, tokens := sharedFeeds(current), tokenIDs(current)
	if !slices.Equal(feeds, f.shared.feeds) || !slices.Equal(tokens, f.shared.tokens) {
		close(f.shared.changed)
		f.shared = sharing{feeds: feeds, tokens: tokens, changed: make(chan struct{})}
	}
	return f.shared
}

// follow adjusts the door whenever the settings change, until ctx ends.
func (f *front) follow(ctx context.Context) {
	for {
		changed := f.server.cfg.Settings.Changed()
		f.adjust() //nolint:contextcheck // what is begun when ctx ends is finished
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// shutDown closes the door for good.
func (f *front) shutDown() {
	f.turn.Lock()
	defer f.turn.Unlock()
	f.ended = true
	f.shut()
	f.set(DoorState{State: DoorClosed})
}

// retry is adjust, and tries once more to open a door that couldn't be opened.
func (f *front) retry() {
	f.turn.Lock()
	if f.door == nil {
		f.wanted = wish{}
	}
	f.turn.Unlock()
	f.adjust()
}

// adjust opens, closes or moves the door where the settings have changed. It
// returns when that is done.
func (f *front) adjust() {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.ended {
		return // a request came late; nobody would close the door again
	}
	f.sharing() // for the open streams
	// Read inside the turn, so that the newest settings win.
	current, _ := f.server.cfg.Settings.Current()
	wanted := wish{}
	if current.Front.Enabled {
		wanted.address = current.Front.HostPort()
	}
	if f.server.cfg.Listen != "" {
		wanted.address = f.server.cfg.Listen
	}
	if wanted.address != "" && current.Front.TLS.Mode != settings.TLSOff {
		wanted.tls = current.Front.TLS
	}
	if wanted == f.wanted {
		return
	}
	f.shut()
	f.wanted = wanted
	if wanted.address == "" {
		f.set(DoorState{State: DoorClosed})
		return
	}
	f.open(wanted)
}

func (f *front) shut() {
	if f.door != nil {
		f.door.close()
		f.door = nil
	}
}

func (f *front) open(wanted wish) {
	log := f.server.cfg.Log
	state := DoorState{State: DoorOpen}
	scheme, config := "http://", (*tls.Config)(nil)
	f.certificate.Store(nil)
	if wanted.tls.Mode != "" {
		cert, err := newCertificate(wanted.tls, f.server.cfg.DataDir, ownNames())
		if err != nil {
			f.set(DoorState{State: DoorFailed, Note: fmt.Sprintf("The front door can't be opened, as its certificate can't be used: %v.", err)})
			log.Error("the front door has no certificate", "err", err)
			return
		}
		f.certificate.Store(cert)
		scheme, config = "https://", cert.config()
		if wanted.tls.Mode == settings.TLSOwn {
			state.Certificate = filepath.Join(f.server.cfg.DataDir, CertificateFile)
		}
	}
	listener, note, err := listen(wanted.address)
	if err != nil {
		f.set(DoorState{State: DoorFailed, Note: listenProblem(wanted.address, err)})
		log.Error("the front door can't be opened", "address", wanted.address, "err", err)
		return
	}
	state.URL, state.Note = scheme+visible(listener.Addr())+"/", note
	f.door = openTLSDoor(listener, config, f.server.guardFront(f.server.mux(f.server.frontRoutes())), log)
	f.set(state)
	log.Info("the front door is open", "url", state.URL, "note", note)
}

// visible is the address at which a browser of this computer finds a listener:
// a Host header of 0.0.0.0 names nothing, so the guard refuses it.
func visible(addr net.Addr) string {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsUnspecified() {
		return addr.String()
	}
	// Go listens at [::] for IPv4, too, whichever of the two was asked for.
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
}

// listen opens the address, or one with the next free port if it is taken; the
// note then says so.
func listen(address string) (listener net.Listener, note string, err error) {
	listener, err = net.Listen("tcp", address)
	if !isTaken(err) {
		return listener, "", err
	}
	host, port, splitErr := net.SplitHostPort(address)
	first, portErr := net.LookupPort("tcp", port)
	if splitErr != nil || portErr != nil {
		return nil, "", err
	}
	const tries = 50
	for next := first + 1; next <= min(first+tries, 65535); next++ {
		listener, err = net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(next)))
		if err == nil {
			return listener, fmt.Sprintf("Port %d was taken, so the front door is at %d.", first, next), nil
		}
		if !isTaken(err) {
			break
		}
	}
	return nil, "", err
}

func isTaken(err error) bool {
	const wsaEADDRINUSE = syscall.Errno(10048) // Windows' own number for it
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaEADDRINUSE)
}

func listenProblem(address string, err error) string {
	switch {
	case isTaken(err):
		return fmt.Sprintf("The port of %s and those after it are taken: choose another one.", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("This computer doesn't let programs of yours listen at %s: choose a port above 1023.", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is not an address of this computer.", address)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return fmt.Sprintf("The front door can't be opened at %s: %v.", address, err)
}
