package simulate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is how a Server is made.
type Config struct {
	// Seed chooses all values, ids and words.
	Seed uint64
	// Rate is how many events a second happen on each feed, from MinRate to MaxRate. 0 means
	// that they happen when Step says so.
	Rate float64
	// Backlog is how many events have happened on each feed before the start.
	Backlog int
	// Other is the base URL by which this same handler can be reached as another host, for
	// redirects across hosts. Listen sets it by itself.
	Other string
}

// lastWords is how long a write may still take once the Server closes.
const lastWords = 250 * time.Millisecond

// Server is an http.Handler that speaks the protocols of real feeds, at the paths that Feeds
// lists, and breaks them on purpose. A page at / describes it. Its zero value is not ready:
// use New.
type Server struct {
	seed  uint64
	tape  *tape
	feeds map[string]*feed
	log   requestLog

	mu      sync.Mutex
	other   string
	faults  map[string]Fault // by path
	struck  map[strike]int   // connections so far
	open    map[*exchange]context.CancelFunc
	closed  bool
	running sync.WaitGroup // exchanges

	listening []*http.Server
	serving   sync.WaitGroup
}

// New makes a Server. It starts nothing.
func New(cfg Config) (*Server, error) {
	if cfg.Rate != 0 {
		if err := checkRate(cfg.Rate); err != nil {
			return nil, err
		}
	}
	s := &Server{
		seed: cfg.Seed, tape: newTape(cfg.Rate, cfg.Backlog), other: cfg.Other, feeds: map[string]*feed{},
		faults: map[string]Fault{}, struck: map[strike]int{}, open: map[*exchange]context.CancelFunc{},
	}
	for _, f := range feeds() {
		s.feeds[f.path] = &f
	}
	return s, nil
}

// Step makes n more events happen on each feed of a Server without a rate.
func (s *Server) Step(n int) { s.tape.step(n) }

// Sent returns the ids of all events that have happened on the feed at path, in order, as
// the feed's own field has them: what a client that loses and doubles nothing has read. An
// item that was edited, or a document that changed, is there once for each version. It
// returns nil for a path that isn't a feed.
func (s *Server) Sent(path string) []string {
	f := s.feeds[path]
	if f == nil {
		return nil
	}
	ids := make([]string, 0, s.tape.head())
	for n := range s.tape.head() {
		ids = append(ids, f.id(s, n))
	}
	return ids
}

// Requests returns what clients asked for, oldest first; of very many only the last
// maxRequests.
func (s *Server) Requests() []Request { return s.log.all() }

// SetFault lets something go wrong at path from now on, unless a request asks for a fault
// of its own. A Fault without a name ends it.
func (s *Server) SetFault(path string, f Fault) error {
	if s.feeds[path] == nil {
		return fmt.Errorf("there is no feed at %s", path)
	}
	if err := f.check(s.feeds[path].protocol); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[path] = f
	delete(s.struck, strike{path, f})
	return nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	x := &exchange{ResponseWriter: w, r: r.WithContext(ctx), entry: s.log.add(r)}
	if !s.begin(x, cancel) {
		http.Error(w, "the simulator is closing", http.StatusServiceUnavailable)
		return
	}
	defer s.end(x)
	if x.feed = s.feeds[strings.TrimSuffix(r.URL.Path, "/")]; x.feed == nil {
		s.serveIndex(x)
		return
	}
	fault, err := s.faultFor(x)
	if err != nil {
		http.Error(x, err.Error(), http.StatusBadRequest)
		return
	}
	x.meet(fault)
	if !s.spoil(x) {
		x.feed.serve(s, x)
	}
	x.finish()
}

func (s *Server) begin(x *exchange, cancel context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	s.open[x] = cancel
	return true
}

func (s *Server) end(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, x)
	s.running.Done()
}

// Listen serves at address, such as 127.0.0.1:0, until Close, and returns the URL of the
// page. It also listens at a second port of the same address, to which redirects across
// hosts lead.
func (s *Server) Listen(address string) (string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("listen at %s: %w", address, err)
	}
	var urls [2]string
	for i, at := range []string{address, net.JoinHostPort(host, "0")} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			return "", fmt.Errorf("listen at %s: %w", at, err)
		}
		urls[i] = "http://" + l.Addr().String() + "/"
		s.serve(l)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.other = urls[1]
	return urls[0], nil
}

func (s *Server) serve(l net.Listener) {
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.listening = append(s.listening, srv)
	s.mu.Unlock()
	s.serving.Go(func() {
		// It ends when Close closes it; should the system end it, clients see that at once.
		_ = srv.Serve(l)
	})
}

// Close ends all connections, cleanly where the protocol has a way to, and returns when
// nothing that the Server started is left.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for x, cancel := range s.open {
		cancel()
		// A client that reads no more must not hold us up. Upgraded connections refuse, and
		// end with their context.
		_ = http.NewResponseController(x.ResponseWriter).SetWriteDeadline(time.Now().Add(lastWords))
	}
	listening := s.listening
	s.listening = nil
	s.mu.Unlock()
	s.running.Wait()
	var problems error
	for _, srv := range listening {
		problems = errors.Join(problems, srv.Close())
	}
	s.serving.Wait()
	return problems
}
