package hub

import (
	"sort"
	"time"
)

// maxCommits bounds how many commits are remembered; each is 32 bytes.
const maxCommits = 8192

// commits remembers when the newest events became durable, for people who look
// at one. It is forgotten with the process: the journal keeps no such time.
type commits struct {
	ring []commit
	next int // where the oldest stands, once the ring is full
}

type commit struct {
	first uint64 // the seq of its first event; the next commit's begins where it ends
	at    time.Time
}

func (c *commits) note(first uint64, at time.Time) {
	if len(c.ring) < maxCommits {
		c.ring = append(c.ring, commit{first, at})
		return
	}
	c.ring[c.next] = commit{first, at}
	c.next = (c.next + 1) % maxCommits
}

// when is the time of the commit that an event was part of; zero if it is older
// than what is remembered.
func (c *commits) when(seq uint64) time.Time {
	at := func(i int) commit { return c.ring[(c.next+i)%len(c.ring)] }
	after := sort.Search(len(c.ring), func(i int) bool { return at(i).first > seq })
	if after == 0 {
		return time.Time{}
	}
	return at(after - 1).at
}

// CommittedAt is when an event became durable; zero if that was before the
// program began, or too many commits ago.
func (h *Hub) CommittedAt(seq uint64) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq > h.head {
		return time.Time{}
	}
	return h.commits.when(seq)
}
