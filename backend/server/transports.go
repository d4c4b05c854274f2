package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// The Transports screen reads the tape by four transports at once, over
// connections of its own: the same handlers under /transports/, with a network
// between that is made worse on purpose, and with everything counted.

const (
	maxTrialDelay = 5_000 // milliseconds, one way
	maxTrialCut   = 600   // seconds
	maxTrials     = 32    // runs whose counts are kept
)

// vias are the transports by which counts are kept.
var vias = []string{"sse", "websocket", "longpoll", "poll"}

// usage is what one transport of one run has taken. Bytes are those of HTTP and
// WebSocket, headers and all; what TCP and IP add to them is not in it.
type usage struct {
	Requests int64 `json:"requests"`
	Cuts     int64 `json:"cuts"` // requests that were cut
	BytesIn  int64 `json:"bytesIn"`
	BytesOut int64 `json:"bytesOut"`
}

// trials are the counts of the newest runs, by the names that their pages gave.
type trials struct {
	mu    sync.Mutex
	names []string // oldest first
	runs  map[string]map[string]*usage
}

func (t *trials) change(run, via string, change func(*usage)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runs == nil {
		t.runs = map[string]map[string]*usage{}
	}
	if t.runs[run] == nil {
		if len(t.names) == maxTrials {
			delete(t.runs, t.names[0])
			t.names = t.names[1:]
		}
		t.names = append(t.names, run)
		t.runs[run] = map[string]*usage{}
		for _, v := range vias {
			t.runs[run][v] = &usage{}
		}
	}
	change(t.runs[run][via])
}

func (t *trials) of(run string) map[string]usage {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := map[string]usage{}
	for via, c := range t.runs[run] {
		counts[via] = *c
	}
	return counts
}

// conditions are those of the network between, as a request under /transports/
// asks for them.
type conditions struct {
	run, via string
	delay    time.Duration // one way
	cut      time.Duration // every connection ends at each multiple of it; 0 for never
}

func readConditions(params url.Values) (c conditions, err error) {
	c.run, c.via = params.Get("run"), params.Get("via")
	if len(c.run) == 0 || len(c.run) > 64 || !slices.Contains(vias, c.via) {
		return c, problem(http.StatusBadRequest, "run= names a comparison, and via= one of its transports: sse, websocket, longpoll or poll.")
	}
	delay, err := number(params, "delay", 0, 0, maxTrialDelay)
	if err != nil {
		return c, err
	}
	cut, err := number(params, "cut", 0, 0, maxTrialCut)
	c.delay, c.cut = time.Duration(delay)*time.Millisecond, time.Duration(cut)*time.Second
	return c, err
}

// untilCut is how long a connection that begins now will live: all are cut at
// the same moments, whichever transport they serve.
func (c conditions) untilCut(now time.Time) time.Duration {
	return now.Truncate(c.cut).Add(c.cut).Sub(now)
}

// trial serves a route over a network that is as bad as the request asks for.
func (s *Server) trial(serve func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := readConditions(r.URL.Query())
		if err != nil {
			return err
		}
		s.trials.change(c.run, c.via, func(n *usage) { n.Requests++; n.BytesIn += requestSize(r) })
		// A connection that is taken over would be written to without delay.
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), fanoutKey{}, nil))
		defer cancel()
		l := newLag(w, c.delay, func(n int) { s.trials.change(c.run, c.via, func(to *usage) { to.BytesOut += int64(n) }) })
		defer l.close()
		if c.cut > 0 {
			cut := time.AfterFunc(c.untilCut(time.Now()), func() {
				cancel()
				l.sever()
			})
			defer cut.Stop()
		}
		select { // on its way here
		case <-time.After(c.delay):
			err = serve(l, r.WithContext(ctx))
		case <-ctx.Done():
		}
		if ctx.Err() != nil && r.Context().Err() == nil {
			s.trials.change(c.run, c.via, func(n *usage) { n.Cuts++ })
			panic(http.ErrAbortHandler) // no answer, no end of one: the connection is gone
		}
		l.close() // it reads the header, too
		s.trials.change(c.run, c.via, func(n *usage) { n.BytesOut += headerSize(w.Header()) })
		return err
	}
}

// requestSize is about how many bytes a request's head took.
func requestSize(r *http.Request) int64 {
	return int64(len(r.Method)+len(r.RequestURI)+len(r.Host)+len(" HTTP/1.1\r\nHost: \r\n\r\n")) + headerSize(r.Header)
}

func headerSize(h http.Header) (size int64) {
	for name, values := range h {
		for _, value := range values {
			size += int64(len(name) + len(value) + len(": \r\n"))
		}
	}
	return size
}

// trialRun is GET /transports/runs/{run}: what it has taken so far, and what
// time it is here.
func (s *Server) trialRun(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]any{"now": time.Now().UTC(), "transports": s.trials.of(r.PathValue("run"))})
}
