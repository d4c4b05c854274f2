package simulate

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const eventStream = "text/event-stream"

func sseFeeds() []feed {
	return []feed{
		{
			"/sse/numbers", SSE, eventStream, "Numbered events, plain and simple.",
			"Last-Event-ID or ?after=N resumes; ?after=all begins with the first. ?retry=MS sets the reconnection time.", numericID(0), (*Server).serveNumbers,
		},
		{
			"/sse/wikimedia", SSE, eventStream, "Recent changes, as EventStreams sends them. The ids are JSON arrays.",
			"Last-Event-ID resumes.", (*Server).wikimediaID, (*Server).serveWikimedia,
		},
		{
			"/sse/mastodon", SSE, eventStream, "A public timeline: update, delete (a bare id), filters_changed (not JSON).",
			"No resume.", (*Server).mastodonID, (*Server).serveMastodon,
		},
		{
			"/sse/firebase", SSE, eventStream, "A document of stories: the whole of it first, then put and patch.",
			"No resume: each connection begins with the document as it is.", (*Server).storyID, (*Server).serveFirebase,
		},
		{
			"/sse/firebase-list", SSE, eventStream, "A list of the ids of the newest items, newest first: by turns as a whole, as a patch of its places, and without the one that is gone.",
			"No resume: each connection begins with the list as it is.", numericID(firstItem), (*Server).serveFirebaseList,
		},
		{
			"/sse/ntfy", SSE, eventStream, "Messages of a topic, with open and keepalive events and no id lines.",
			"?since=ID, a Unix time, a duration, all or latest.", (*Server).ntfyID, (*Server).serveNtfySSE,
		},
	}
}

func (s *Server) serveNumbers(x *exchange) {
	after := x.r.Header.Get("Last-Event-ID")
	if after == "" {
		after = x.r.URL.Query().Get("after")
	}
	from := s.afterNumber(after, 0)
	if after == "all" {
		from = 0
	}
	retry, err := strconv.ParseUint(x.r.URL.Query().Get("retry"), 10, 31)
	if err != nil {
		retry = 1000
	}
	s.stream(x, from, answer{
		opening: fmt.Appendf(nil, "retry: %d\n\n", retry),
		event: func(n uint64) []byte {
			town := pick(dice(s.seed, "numbers", n), towns)
			data := encode(map[string]any{"number": n, "text": fmt.Sprintf("№ %d from %s 🎞", n, town), "time": s.tape.at(n).UTC()})
			return x.frame(n, strconv.FormatUint(n, 10), "", data)
		},
		idle: comment,
	})
}

func comment() []byte { return []byte(": still here\n\n") }

// wikimediaID is the position in each data centre's log, the busy one's by time.
func (s *Server) wikimediaID(n uint64) string {
	return fmt.Sprintf(`[{"topic":"eqiad.mediawiki.recentchange","partition":0,"timestamp":%d},`+
		`{"topic":"codfw.mediawiki.recentchange","partition":0,"offset":-1}]`, s.tape.at(n).UnixMilli())
}

// wikimediaAfter is the event after the one that has this id. It goes by the time: where
// several events share a millisecond, as they do above 1,000 a second, they share an id.
func (s *Server) wikimediaAfter(id string) uint64 {
	var positions []struct {
		Timestamp int64 `json:"timestamp"`
	}
	// An id that isn't one is as good as none.
	if json.Unmarshal([]byte(id), &positions) != nil || len(positions) == 0 {
		return s.tape.head()
	}
	return s.tape.firstAfter(time.UnixMilli(positions[0].Timestamp).Add(time.Millisecond - 1))
}

func (s *Server) serveWikimedia(x *exchange) {
	s.stream(x, s.wikimediaAfter(x.r.Header.Get("Last-Event-ID")), answer{
		opening: []byte(":ok\n\n"),
		event:   func(n uint64) []byte { return x.frame(n, s.wikimediaID(n), "message", encode(s.change(n))) },
		idle:    comment,
	})
}

// change is an edit of a page.
func (s *Server) change(n uint64) map[string]any {
	r := dice(s.seed, "wikimedia", n)
	at, user := s.tape.at(n).UTC(), pick(r, givenNames)+pick(r, familyNames)
	title := fmt.Sprintf("File:%s %d.jpg", pick(r, towns), r.IntN(9000))
	old := 200 + r.IntN(9000)
	domain := "commons.wiki.example"
	if n%50 == 49 {
		domain = "canary"
	}
	return map[string]any{
		"$schema": "/mediawiki/recentchange/1.0.0", "id": 2_800_000_000 + n, "type": pick(r, []string{"edit", "new", "log", "categorize"}),
		"meta": map[string]any{
			"uri": "https://commons.wiki.example/wiki/" + slug(title), "id": fmt.Sprintf("%016x-%08x", s.seed, n), "dt": at,
			"domain": domain, "stream": "mediawiki.recentchange", "topic": "eqiad.mediawiki.recentchange", "partition": 0, "offset": 5_500_000_000 + n,
		},
		"namespace": 6, "title": title, "comment": "/* " + pick(r, verbs) + " */", "parsedcomment": `<a href="/wiki/Help">` + pick(r, objects) + "</a>",
		"timestamp": at.Unix(), "user": user, "bot": r.IntN(4) == 0, "minor": r.IntN(3) == 0,
		"length": map[string]int{"old": old, "new": old + r.IntN(400) - 150}, "wiki": "commonswiki", "server_name": "commons.wiki.example",
	}
}

const firstStatus = 115_000_000_000_000_000

func isDelete(n uint64) bool { return n%7 == 6 }

// mastodonID is the id of a status. A status that is deleted comes twice.
func (s *Server) mastodonID(n uint64) string {
	if isDelete(n) {
		n -= 3
	}
	return strconv.FormatUint(firstStatus+n, 10)
}

func (s *Server) serveMastodon(x *exchange) {
	s.stream(x, s.tape.head(), answer{
		opening: []byte(":)\n\n"),
		event: func(n uint64) []byte {
			if isDelete(n) {
				return x.frame(n, "", "delete", []byte(s.mastodonID(n)))
			}
			frame := x.frame(n, "", "update", encode(s.status(n)))
			if n%40 == 39 {
				frame = append(frame, "event: filters_changed\ndata: undefined\n\n"...)
			}
			return frame
		},
		idle: func() []byte { return []byte(":thump\n\n") },
	})
}

func (s *Server) status(n uint64) map[string]any {
	r := dice(s.seed, "mastodon", n)
	user := strings.ToLower(pick(r, givenNames))
	url := fmt.Sprintf("https://social.example.com/@%s/%s", user, s.mastodonID(n))
	return map[string]any{
		"id": s.mastodonID(n), "created_at": s.tape.at(n).UTC(), "url": url, "uri": url, "language": "en", "visibility": "public", "sensitive": false,
		"content": fmt.Sprintf("<p>%s <a href=\"https://example.com/tags/tape\">#tape</a> 🎉</p>", headline(r.IntN, "culture")),
		"account": map[string]any{"id": strconv.Itoa(1000 + r.IntN(50)), "username": user, "acct": user + "@social.example.com", "display_name": user, "bot": false},
		"tags":    []map[string]string{{"name": "tape"}}, "replies_count": 0, "reblogs_count": r.IntN(9), "favourites_count": r.IntN(30),
	}
}
