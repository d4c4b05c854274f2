package simulate

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const ntfyTopic = "tape"

// ntfyID is the id of message n: letters, with the number inside, so that it can be found again.
func (s *Server) ntfyID(n uint64) string { return fmt.Sprintf("m%04x%07x", s.seed&0xffff, n) }

// ntfySince is the event with which since= begins; without it, the next one that happens.
func (s *Server) ntfySince(since string) uint64 {
	head := s.tape.head()
	switch since {
	case "":
		return head
	case "all":
		return 0
	case "latest":
		return max(head, 1) - 1
	}
	if unix, err := strconv.ParseInt(since, 10, 64); err == nil {
		return s.tape.firstAfter(time.Unix(unix, 0).Add(-1))
	}
	if ago, err := time.ParseDuration(since); err == nil && head > 0 {
		return s.tape.firstAfter(s.tape.at(head - 1).Add(-ago - 1))
	}
	var n uint64
	if prefix := fmt.Sprintf("m%04x", s.seed&0xffff); len(since) > len(prefix) && since[:len(prefix)] == prefix {
		var err error
		if n, err = strconv.ParseUint(since[len(prefix):], 16, 64); err == nil && n < head {
			return n + 1
		}
	}
	return head
}

// ntfyEvent is a message, or what the server says itself.
func (s *Server) ntfyEvent(id, typ string, at time.Time) map[string]any {
	return map[string]any{"id": id, "time": at.Unix(), "event": typ, "topic": ntfyTopic}
}

func (s *Server) ntfyMessage(n uint64) []byte {
	r := dice(s.seed, "ntfy", n)
	m := s.ntfyEvent(s.ntfyID(n), "message", s.tape.at(n))
	level, text := pickLine(r.IntN(200), r.IntN)
	m["title"], m["message"], m["tags"] = pick(r, services)+" "+level, text, []string{level}
	m["priority"] = map[string]int{"debug": 1, "info": 3, "warning": 4}[level]
	if m["priority"] == 0 {
		m["priority"] = 5
	}
	return encode(m)
}

func (s *Server) serveNtfySSE(x *exchange) {
	frame := func(typ string) []byte {
		id := fmt.Sprintf("%s%08x", typ, s.tape.head())
		return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", typ, encode(s.ntfyEvent(id, typ, s.tape.now())))
	}
	s.stream(x, s.ntfySince(x.r.URL.Query().Get("since")), answer{
		opening: frame("open"),
		event:   func(n uint64) []byte { return x.frame(n, "", "", s.ntfyMessage(n)) },
		idle:    func() []byte { return frame("keepalive") },
	})
}

func (s *Server) serveNtfyJSON(x *exchange) {
	query := x.r.URL.Query()
	if query.Get("poll") == "1" {
		s.ntfyOnce(x, query.Get("since"))
		return
	}
	line := func(typ string) []byte {
		id := fmt.Sprintf("%s%08x", typ, s.tape.head())
		return append(encode(s.ntfyEvent(id, typ, s.tape.now())), '\n')
	}
	s.stream(x, s.ntfySince(query.Get("since")), answer{
		opening: line("open"),
		event:   func(n uint64) []byte { return x.line(n, s.ntfyMessage(n)) },
		idle:    func() []byte { return line("keepalive") },
	})
}

// ntfyOnce answers with the messages there are; without since, all of them.
func (s *Server) ntfyOnce(x *exchange, since string) {
	from := uint64(0)
	if since != "" {
		from = s.ntfySince(since)
	}
	x.Header().Set("Content-Type", ndjson)
	x.WriteHeader(http.StatusOK)
	for n := from; n < s.tape.head(); n++ {
		if x.sendEvent(x.line(n, s.ntfyMessage(n)), n) != nil {
			return
		}
	}
}
