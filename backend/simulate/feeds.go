package simulate

import (
	"slices"
	"strconv"
)

// Protocol is a way in which feeds come.
type Protocol string

// The protocols that a Server speaks.
const (
	SSE         Protocol = "sse"         // text/event-stream
	WebSocket   Protocol = "websocket"   // one message is one event, or several
	NDJSON      Protocol = "ndjson"      // one JSON value a line
	Syndication Protocol = "syndication" // RSS, Atom and JSON Feed
	Poll        Protocol = "poll"        // a document that is fetched again and again
	LongPoll    Protocol = "longpoll"    // a request that is held until there is something
)

func (p Protocol) isStream() bool { return p == SSE || p == WebSocket || p == NDJSON }

// FeedInfo describes a feed of the Server to people.
type FeedInfo struct {
	Path     string
	Protocol Protocol
	About    string
	Use      string // how a client asks, subscribes and takes up again
}

// feed is one of the Server's.
type feed struct {
	path        string
	protocol    Protocol
	contentType string
	about, use  string

	// id is the feed's own id of event n.
	id    func(s *Server, n uint64) string
	serve func(s *Server, x *exchange)
}

// Feeds lists what a Server serves.
func Feeds() []FeedInfo {
	var all []FeedInfo
	for _, f := range feeds() {
		all = append(all, FeedInfo{Path: f.path, Protocol: f.protocol, About: f.about, Use: f.use})
	}
	return all
}

func feeds() []feed {
	return slices.Concat(sseFeeds(), webSocketFeeds(), ndjsonFeeds(), syndicationFeeds(), pollFeeds(), longPollFeeds())
}

// numericID is an id scheme of feeds that just count, from base.
func numericID(base uint64) func(s *Server, n uint64) string {
	return func(_ *Server, n uint64) string { return strconv.FormatUint(base+n, 10) }
}

// afterNumber is the event after the one that has this numeric id; what isn't such an id
// means the next one that happens.
func (s *Server) afterNumber(id string, base uint64) uint64 {
	head := s.tape.head()
	number, err := strconv.ParseUint(id, 10, 64)
	if err != nil || number < base || number-base >= head {
		return head
	}
	return number - base + 1
}
