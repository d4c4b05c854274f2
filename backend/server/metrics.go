package server

import (
	"maps"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tickertape/backend/source"
)

// The metrics of GET /metrics, beside Go's own (go_*) and the process's
// (process_*). A door tells of the feeds that it serves, by their ids; nothing
// here holds a URL or a secret.
//
//	tickertape_build_info{version}                        1
//	tickertape_events_total                               events stored since the journal was begun
//	tickertape_journal_fault                              1 while events can't be stored
//	tickertape_readers{transport}                         open readers: event_stream, websocket, poll
//	tickertape_publishers                                 requests that publish now
//	tickertape_requests_total{route}                      requests that a door let in
//	tickertape_problems_total{status}                     answers that were a problem document
//	tickertape_feed_state{feed,state}                     1 for the state that the feed is in
//	tickertape_feed_events_total{feed}                    events that came, since the program started
//	tickertape_feed_duplicates_total{feed}                of these, dropped as known
//	tickertape_feed_bad_total{feed}                       input that could not be used
//	tickertape_feed_bytes_total{feed}                     bytes that came
//	tickertape_feed_gaps_total{feed}                      connections after which events may be missing
//	tickertape_feed_last_event_timestamp_seconds{feed}    when the newest one came
type metrics struct{ front, private http.Handler }

func newMetrics(s *Server) metrics {
	handler := func(reads reads) http.Handler {
		registry := prometheus.NewRegistry()
		registry.MustRegister(collector{reads}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
	}
	return metrics{handler(reads{Server: s}), handler(reads{Server: s, private: true})}
}

// tally counts by name. The zero value is ready; names are few.
type tally struct {
	mu     sync.Mutex
	counts map[string]int64
}

func (t *tally) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]int64{}
	}
	t.counts[name]++
}

func (t *tally) all() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.counts)
}

// getMetrics is GET /metrics, in the format of Prometheus.
func (s reads) getMetrics(w http.ResponseWriter, r *http.Request) error {
	handler := s.metrics.front
	if s.private {
		handler = s.metrics.private
	}
	handler.ServeHTTP(w, r)
	return nil
}

// collector reads what a door tells when it is asked.
type collector struct{ reads reads }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tickertape_"+name, help, labels, nil)
}

var (
	descBuild      = desc("build_info", "The program's version.", "version")
	descEvents     = desc("events_total", "Events stored since the journal was begun.")
	descFault      = desc("journal_fault", "1 while events can't be stored.")
	descReaders    = desc("readers", "Open readers by transport.", "transport")
	descPublishers = desc("publishers", "Requests that publish now.")
	descRequests   = desc("requests_total", "Requests that a door let in, by route.", "route")
	descProblems   = desc("problems_total", "Answers that were a problem document, by status.", "status")
	descState      = desc("feed_state", "1 for the state that the feed is in.", "feed", "state")
	descLast       = desc("feed_last_event_timestamp_seconds", "When the feed's newest event came.", "feed")
)

// feedCounters are the counts of a feed.
var feedCounters = []struct {
	desc  *prometheus.Desc
	count func(source.Counts) int64
}{
	{desc("feed_events_total", "Events that came since the program started.", "feed"), func(c source.Counts) int64 { return c.Received }},
	{desc("feed_duplicates_total", "Events that were known already and dropped.", "feed"), func(c source.Counts) int64 { return c.Duplicates }},
	{desc("feed_bad_total", "Input that could not be used.", "feed"), func(c source.Counts) int64 { return c.Bad }},
	{desc("feed_bytes_total", "Bytes that came.", "feed"), func(c source.Counts) int64 { return c.Bytes }},
	{desc("feed_gaps_total", "Connections after which events may be missing.", "feed"), func(c source.Counts) int64 { return c.Gaps }},
}

// Describe sends nothing: which feeds there are changes.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends every metric.
func (c collector) Collect(out chan<- prometheus.Metric) {
	s := c.reads
	send := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	send(descBuild, prometheus.GaugeValue, 1, s.cfg.Version)
	send(descEvents, prometheus.CounterValue, float64(s.cfg.Hub.Head()))
	fault := 0.0
	if s.cfg.Journal.Fault() != nil {
		fault = 1
	}
	send(descFault, prometheus.GaugeValue, fault)
	sockets, polls := s.sockets.Load(), s.polls.Load()
	send(descReaders, prometheus.GaugeValue, float64(max(0, s.streams.Load()-sockets-polls)), "event_stream")
	send(descReaders, prometheus.GaugeValue, float64(sockets), "websocket")
	send(descReaders, prometheus.GaugeValue, float64(polls), "poll")
	send(descPublishers, prometheus.GaugeValue, float64(s.publishers.Load()))
	for route, n := range s.requests.all() {
		send(descRequests, prometheus.CounterValue, float64(n), route)
	}
	for status, n := range s.problems.all() {
		send(descProblems, prometheus.CounterValue, float64(n), status)
	}
	for _, feed := range s.statuses() {
		send(descState, prometheus.GaugeValue, 1, feed.ID, string(feed.State))
		for _, counter := range feedCounters {
			send(counter.desc, prometheus.CounterValue, float64(counter.count(feed.Counts)), feed.ID)
		}
		if !feed.LastEventAt.IsZero() {
			send(descLast, prometheus.GaugeValue, float64(feed.LastEventAt.UnixMilli())/1000, feed.ID)
		}
	}
}
