package simulate

import "fmt"

// documentSize is how many stories a document or a page of one holds.
const documentSize = 30

// storyID is the id of the story that event n is about.
func (s *Server) storyID(n uint64) string {
	first, _ := firstVersion(s.seed, n)
	return sceneID("newsroom", s.seed, first)
}

// storyOf is the version of a story that event n brings. It was published when its first
// version happened.
func (s *Server) storyOf(n uint64) story {
	first, edited := firstVersion(s.seed, n)
	st := storyAt(s.seed, n)
	st.Published = s.tape.at(first).UTC()
	if edited {
		st.Updated = s.tape.at(n).UTC()
	}
	return st
}

// latest returns the events below head whose stories are the newest, each in its latest
// version, newest story first.
func (s *Server) latest(head uint64) []uint64 {
	var events []uint64
	seen := map[uint64]bool{}
	// An edit comes at most four events after its story, so each is met in its latest
	// version first; and it keeps the place of that version.
	for n := head; n > 0 && len(events) < documentSize; n-- {
		first, _ := firstVersion(s.seed, n-1)
		if !seen[first] {
			seen[first] = true
			events = append(events, n-1)
		}
	}
	return events
}

// serveFirebase streams a document as a Firebase database does. Each connection begins with
// the whole of it; after that, events are changes, by turns as a put of one child and as a
// patch of the root.
func (s *Server) serveFirebase(x *exchange) {
	from := s.tape.head()
	document := map[string]any{}
	for _, n := range s.latest(from) {
		document[s.storyID(n)] = s.storyOf(n)
	}
	s.stream(x, from, answer{
		opening: fmt.Appendf(nil, "event: put\ndata: %s\n\n", encode(map[string]any{"path": "/", "data": document})),
		event: func(n uint64) []byte {
			if n%3 == 2 {
				return x.frame(n, "", "patch", encode(map[string]any{"path": "/", "data": map[string]any{s.storyID(n): s.storyOf(n)}}))
			}
			return x.frame(n, "", "put", encode(map[string]any{"path": "/" + s.storyID(n), "data": s.storyOf(n)}))
		},
		idle: func() []byte { return []byte("event: keep-alive\ndata: null\n\n") },
	})
}
