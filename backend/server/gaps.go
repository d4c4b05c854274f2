package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tickertape/backend/event"
	"tickertape/backend/query"
)

// gap tells a reader that events are missing between two ids.
type gap struct {
	From   string `json:"from"` // nothing is missing before it
	To     string `json:"to"`   // nothing is missing after it
	Reason string `json:"reason"`
}

// missing is the gap that events of some feeds leave which are no longer kept, or
// that a power cut took.
// It is the same for every kind of reader: those of the hub get it with their
// frames, those of the journal by gaps.
func (s reads) missing(from, to uint64, feeds []string) gap {
	reason := "Some events in between are older than what is kept, or were cleared: those of " + s.feedNames(feeds) + "."
	if cut := s.cfg.Journal.Cut(from, to); cut > 0 && cut == to {
		reason = "This computer lost power, or stopped without warning: events of the last second before that may be missing."
	}
	return gap{s.id(from), s.id(to), reason}
}

// gaps is what is missing among the events with after < seq <= upTo that a
// filter selects. It is to be asked after they were read.
func (s reads) gaps(f query.Filter, after, upTo uint64) []gap {
	missing := s.cfg.Journal.Missing(f, after, upTo)
	if missing == nil {
		return nil
	}
	return []gap{s.missing(after, slices.Max(slices.Collect(maps.Values(missing))), slices.Sorted(maps.Keys(missing)))}
}

// feedNames lists feeds as people know them.
func (s *Server) feedNames(ids []string) string {
	const most = 3
	current, _ := s.cfg.Settings.Current()
	var names []string
	for i, id := range ids {
		if i == most {
			names = append(names, fmt.Sprintf("%d other feeds", len(ids)-most))
			break
		}
		name := id // of a feed that was removed
		if at := current.Feed(id); at >= 0 {
			name = current.Feeds[at].Name
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// id is the id of a seq of this journal.
func (s *Server) id(seq uint64) string {
	return event.ID{Epoch: s.cfg.Journal.Epoch(), Seq: seq}.String()
}

// appendGap adds a gap event; after is where to resume.
func appendGap(dst []byte, missing gap, after string) []byte {
	data, _ := json.Marshal(missing) // three strings always encode
	return appendFrame(dst, after, "gap", data)
}
