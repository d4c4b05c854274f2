package simulate

import (
	"fmt"
	"strconv"
)

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

const (
	firstItem = 46_000_000
	// hole is the place in a list whose item is gone.
	hole = 3
)

// serveFirebaseList streams a list of ids as a Firebase database does. One with a hole is sent
// as an array with a null in it, or as an object of what is there by its place.
func (s *Server) serveFirebaseList(x *exchange) {
	put := func(data any) []byte { return encode(map[string]any{"path": "/", "data": data}) }
	from := s.tape.head()
	s.stream(x, from, answer{
		opening: fmt.Appendf(nil, "event: put\ndata: %s\n\n", put(itemArray(from))),
		event: func(n uint64) []byte {
			switch n % 3 {
			case 0:
				return x.frame(n, "", "put", put(itemArray(n+1)))
			case 1:
				places := itemPlaces(n + 1)
				places[strconv.Itoa(hole)] = nil
				return x.frame(n, "", "patch", put(places))
			}
			return x.frame(n, "", "put", put(itemPlaces(n+1)))
		},
		idle: func() []byte { return []byte("event: keep-alive\ndata: null\n\n") },
	})
}

// itemArray are the ids of the newest items below head, newest first.
func itemArray(head uint64) []any {
	list := []any{}
	for _, n := range newest(head) {
		if len(list) == hole {
			list = append(list, nil)
		}
		list = append(list, firstItem+n)
	}
	return list
}

// itemPlaces is the same list by its places.
func itemPlaces(head uint64) map[string]any {
	places := map[string]any{}
	for i, id := range itemArray(head) {
		if id != nil {
			places[strconv.Itoa(i)] = id
		}
	}
	return places
}
