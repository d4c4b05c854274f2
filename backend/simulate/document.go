package simulate

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// document answers with a body as it is when head events have happened, conditionally: who
// has seen it by ETag or Last-Modified gets 304.
func (s *Server) document(x *exchange, head uint64, body []byte) {
	x.Header().Set("Content-Type", x.feed.contentType)
	x.Header().Set("Etag", fmt.Sprintf(`"%x-%d"`, s.seed, head))
	x.begin()
	http.ServeContent(x, x.r, "", s.tape.at(max(head, 1)-1), bytes.NewReader(body))
}

// cacheFor says how many seconds the answer is good for, and returns that: so many, or as
// the query has it (age=1).
func (x *exchange) cacheFor(seconds int) int {
	if age, err := strconv.Atoi(x.r.URL.Query().Get("age")); err == nil && age >= 0 {
		seconds = age
	}
	x.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d", seconds))
	return seconds
}

// newest returns the numbers of the last events below head, newest first.
func newest(head uint64) []uint64 {
	var events []uint64
	for n := head; n > 0 && len(events) < documentSize; n-- {
		events = append(events, n-1)
	}
	return events
}
