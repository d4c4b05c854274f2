package simulate

import (
	"net/http"
	"strconv"
	"time"
)

// longPollTime is how long a request is held.
const longPollTime = 25 * time.Second

func longPollFeeds() []feed {
	return []feed{{
		"/longpoll", LongPoll, jsonType, "Updates, as soon as there are any.",
		`Answers {"events":[…],"next":"…"}: ask again with ?cursor=NEXT. A request is held for 25 s, or timeout=SECONDS. Without a cursor the answer comes at once, empty. At most 100 at a time.`,
		func(s *Server, n uint64) string { return sceneID("update", s.seed, n) }, (*Server).serveLongPoll,
	}}
}

func (s *Server) serveLongPoll(x *exchange) {
	query := x.r.URL.Query()
	next, hold := s.tape.head(), time.Duration(0)
	if cursor := query.Get("cursor"); cursor != "" {
		n, err := strconv.ParseUint(cursor, 36, 64)
		if err != nil {
			http.Error(x, `{"error":"no such cursor"}`, http.StatusBadRequest)
			return
		}
		next, hold = n, longPollTime
	}
	if seconds, err := strconv.Atoi(query.Get("timeout")); err == nil && hold > 0 {
		hold = min(max(time.Duration(seconds)*time.Second, 0), time.Minute)
	}
	// Should the Server close meanwhile, this is the answer, too.
	head, _ := s.tape.wait(x.r.Context(), next, hold)
	events := []rawJSON{}
	for ; next < head && len(events) < 100; next++ {
		update := encode(map[string]any{"id": x.feed.id(s, next), "time": s.tape.at(next).UTC(), "story": s.storyOf(next)})
		for range x.copies(next) {
			events = append(events, x.payload(next, update))
		}
	}
	x.Header().Set("Content-Type", x.feed.contentType)
	x.Header().Set("Cache-Control", "no-store")
	x.begin()
	// Whether the client is still there doesn't matter any more.
	_, _ = x.Write(page(events, strconv.FormatUint(next, 36)))
}

// rawJSON is a value that has been encoded, and perhaps broken, already.
type rawJSON []byte

// page is put together here, as encoding/json would refuse what the fault invalid-utf8 makes.
func page(events []rawJSON, next string) []byte {
	body := []byte(`{"events":[`)
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, e...)
	}
	return append(body, `],"next":"`+next+"\"}\n"...)
}
