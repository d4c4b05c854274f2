package server

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"tickertape/backend/hub"
	"tickertape/backend/journal"
	"tickertape/backend/logs"
	"tickertape/backend/settings"
	"tickertape/backend/source"
)

const (
	// maxStreams bounds the open streams of both doors together. Beyond it a
	// new one is answered 503 with Retry-After; those that are open stay.
	maxStreams = 25_000
	// maxConnections bounds the connections of a door, so that there is room to
	// say so.
	maxConnections = 32_000
	// spareFiles is how many open files are left to the journal, the feeds and
	// other requests where the system allows fewer than all those connections.
	spareFiles = 150
	// drainTime is how long a door that closes waits for its requests. Streams
	// end at once, at an event's border.
	drainTime = 2 * time.Second
)

// Config is what a Server needs.
type Config struct {
	Journal  *journal.Journal
	Hub      *hub.Hub
	Feeds    *source.Supervisor
	Settings *settings.Store

	// Apply brings the feeds in line with the settings now. The engine does so
	// by itself a moment later; handlers call it to answer with what is true.
	Apply func()

	// Probe finds out what somebody has pasted who wants to add a feed. The
	// server gives it With and Step, and Map where a feed's own mapping counts.
	Probe func(ctx context.Context, input string, cfg source.ProbeConfig) *source.ProbeResult

	// Catalogue is what GET /api/catalogue answers.
	Catalogue any

	// Listen, if set, is where the front door stands whatever the settings say.
	Listen string

	// Heartbeat is how often an idle stream shows that it lives; 0 means 15 s.
	Heartbeat time.Duration
	// WriteTimeout ends a stream whose reader takes nothing for this long; 0
	// means 20 s.
	WriteTimeout time.Duration

	Assets  fs.FS // the built front end; nil when it isn't built
	Version string
	DataDir string
	Log     *slog.Logger
	Logs    *logs.File // where Log goes, for the window to look into; nil for nowhere
}

// Server is both doors.
type Server struct {
	cfg     Config
	front   *front
	private *door // nil without a window
	key     string
	streams atomic.Int64 // open ones of every transport
	sockets atomic.Int64 // of these, WebSockets
	polls   atomic.Int64 // of these, requests of /poll

	maxStreams int
	metrics    metrics
	requests   tally // by route
	problems   tally // by status

	readers    atomic.Int64 // of the streams, those at the front door
	uses       *tokenUses
	handed     handed
	failures   failures
	views      views
	counts     *counts
	files      files
	publishers atomic.Int64 // requests that publish
	trials     trials
}

// New makes a server and opens the front door, if it is on. A front door that
// can't be opened is no error: Front says why.
func New(cfg Config) *Server {
	cfg.Heartbeat = cmp.Or(cfg.Heartbeat, heartbeat)
	cfg.WriteTimeout = cmp.Or(cfg.WriteTimeout, writeTimeout)
	s := &Server{
		cfg:        cfg,
		maxStreams: max(1, min(maxStreams, openFiles()-spareFiles)),
		uses:       openTokenUses(cfg.DataDir, cfg.Log),
	}
	s.metrics = newMetrics(s)
	s.counts = openCounts(cfg)
	s.views.hub, s.views.epoch, s.views.saved = cfg.Hub, cfg.Journal.Epoch(), s.counts.load()
	s.unreadOfViews()
	s.front = newFront(s)
	s.front.adjust()
	return s
}

// Run follows the settings until ctx ends, and returns when both doors are
// closed and every request has ended.
func (s *Server) Run(ctx context.Context) error {
	var saving sync.WaitGroup
	saving.Go(func() { s.uses.run(ctx) })
	saving.Go(func() { s.countViews(ctx) })
	s.front.follow(ctx)
	s.Close()
	saving.Wait()
	s.uses.save() // what came while the doors closed
	s.saveCounts()
	return nil
}

// Close closes both doors. It is for a server whose Run was never called;
// afterwards it does nothing.
func (s *Server) Close() {
	var closing sync.WaitGroup
	defer closing.Wait()
	closing.Go(s.front.shutDown)
	if s.private != nil {
		closing.Go(s.private.close)
	}
}

// Front is where the front door stands.
func (s *Server) Front() DoorState { return s.front.current() }

// frontRoutes is everything that the front door serves. Nothing here changes
// a setting.
func (s *Server) frontRoutes() []route {
	return append(reads{Server: s}.routes(),
		route{"GET /", s.asset},
		route{"GET /basic", s.basicPage},
	)
}

// privateRoutes is everything that the window's door serves.
func (s *Server) privateRoutes() []route {
	all := reads{Server: s, private: true}
	return append(append(all.routes(), s.operations()...),
		route{"POST /api/exports", all.saveExport},
		route{"GET /api/settings", s.getSettings},
		route{"GET /api/settings/schema", s.settingsSchema},
		route{"GET /api/settings/versions", s.listVersions},
		route{"POST /api/settings/restore", s.restoreVersion},
		route{"GET /api/settings/export", s.exportSettings},
		route{"POST /api/settings/export", s.exportSettings},
		route{"POST /api/settings/import", s.importSettings},
		route{"POST /api/secrets/unlock", s.unlockSecrets},
		route{"GET /api/opml", s.getOPML},
		route{"POST /api/opml", s.postOPML},
		route{"PUT /api/settings/front", s.putFront},
		route{"PUT /api/settings/appearance", s.putAppearance},
		route{"PUT /api/settings/history", s.putHistory},
		route{"GET /api/history", s.history},
		route{"GET /api/stars", s.listStars},
		route{"PUT /api/events/{id}/star", s.star},
		route{"DELETE /api/events/{id}/star", s.unstar},
		route{"PUT /api/seen", s.putSeen},
		route{"DELETE /api/feeds/{id}/events", s.clearFeed},
		route{"POST /api/feeds/{id}/events/restore", s.restoreFeed},
		route{"PUT /api/settings/network", s.putNetwork},
		route{"PUT /api/settings/views", s.putViews},
		route{"PUT /api/settings/order", s.putOrder},
		route{"POST /api/views/{id}/seen", s.seeView},
		route{"POST /api/feeds", s.addFeed},
		route{"PUT /api/feeds/{id}", s.editFeed},
		route{"DELETE /api/feeds/{id}", s.removeFeed},
		route{"GET /api/feeds/{id}/log", s.feedLog},
		route{"POST /api/feeds/{id}/pause", s.pauseFeed},
		route{"POST /api/feeds/{id}/resume", s.resumeFeed},
		route{"POST /api/feeds/{id}/retry", s.retryFeed},
		route{"POST /api/probe", s.probe},
		route{"POST /api/mapping/preview", s.previewMapping},
		route{"GET /api/catalogue", s.getCatalogue},
		route{"GET /api/sharing", s.getSharing},
		route{"GET /api/tokens", s.listTokens},
		route{"POST /api/tokens", s.createToken},
		route{"DELETE /api/tokens/{id}", s.revokeToken},
	)
}

// reads is what both doors serve, each its own feeds.
type reads struct {
	*Server
	private bool // whether the door is the window's
}

func (s reads) routes() []route {
	return []route{
		{"GET /event_stream", s.eventStream},
		{"GET /poll", s.pollEvents},
		{"GET /ws", s.webSocket},
		{"GET /events", s.listEvents},
		{"GET /events/{id}", s.getEvent},
		{"GET /events/{id}/detail", s.eventDetail},
		{"GET /events/{id}/html", s.eventHTML},
		{"GET /export", s.export},
		{"GET /feeds", s.listFeeds},
		{"GET /query", s.readQuery},
		{"GET /fields", s.listFields},
		{"POST /feeds/{feed}/events", s.publish},
		{"GET /healthz", s.healthz},
		{"GET /metrics", s.getMetrics},
		{"GET /transports/event_stream", s.trial(s.eventStream)},
		{"GET /transports/poll", s.trial(s.pollEvents)},
		{"GET /transports/ws", s.trial(s.webSocket)},
		{"GET /transports/runs/{run}", s.trialRun},
		{"GET /openapi.json", s.getOpenAPI},
	}
}

// route is a handler by its pattern. An error becomes a problem document.
type route struct {
	pattern string
	handle  func(http.ResponseWriter, *http.Request) error
}

func (s *Server) mux(routes []route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
			s.requests.add(r.pattern)
			if err := r.handle(w, req); err != nil {
				s.writeProblem(w, req, err)
			}
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.reportPanic(r)
		if refuse, pattern := mux.Handler(r); pattern == "" {
			s.writeProblem(w, r, refusal(refuse, w.Header(), r))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// reportPanic logs what net/http would tell ErrorLog, among what strangers
// send, and cuts the connection.
func (s *Server) reportPanic(r *http.Request) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // a panic's value, as net/http compares it
			panic(cause) // cuts the connection on purpose
		}
		s.cfg.Log.Error("a handler panicked", "path", r.URL.Path, "stack", string(debug.Stack()), "err", cause)
		panic(http.ErrAbortHandler)
	}
}
