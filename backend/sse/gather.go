package sse

import (
	"io"
	"sync"
)

// gatherPart is the size of a Gather's parts, in bytes.
const gatherPart = 64 << 10

// parts are what no Gather holds. A slice that grows to megabytes for each event that
// turns out too large would be most of the garbage there is, and every collection of
// that makes all others wait.
var parts = sync.Pool{New: func() any { return new([gatherPart]byte) }}

// Gather holds bytes of which nobody knows yet whether they are wanted, in parts that all
// Gathers share: what is dropped leaves no garbage. Its zero value is empty.
type Gather struct {
	parts []*[gatherPart]byte
	size  int
}

// Len is how many bytes there are.
func (g *Gather) Len() int { return g.size }

// room is what of the last part is free, which is never nothing.
func (g *Gather) room() []byte {
	if g.size == len(g.parts)*gatherPart {
		part, _ := parts.Get().(*[gatherPart]byte) // nothing else is in there
		g.parts = append(g.parts, part)
	}
	return g.parts[len(g.parts)-1][g.size%gatherPart:]
}

// Add copies p to the end.
func (g *Gather) Add(p []byte) {
	for len(p) > 0 {
		n := copy(g.room(), p)
		g.size += n
		p = p[n:]
	}
}

// ReadOnce adds what r has at once, as its Read returns it.
func (g *Gather) ReadOnce(r io.Reader) (n int, err error) {
	n, err = r.Read(g.room())
	g.size += n
	return n, err
}

// Start is a copy of the first bytes: n, or all.
func (g *Gather) Start(n int) []byte {
	n = min(n, g.size)
	start := make([]byte, 0, n)
	for i := 0; len(start) < n; i++ {
		start = append(start, g.parts[i][:min(gatherPart, n-len(start))]...)
	}
	return start
}

// Take is a copy of all there is, never nil, and drops it.
func (g *Gather) Take() []byte {
	all := g.Start(g.size)
	g.Drop()
	return all
}

// Drop empties the Gather.
func (g *Gather) Drop() {
	for _, part := range g.parts {
		parts.Put(part)
	}
	g.parts, g.size = nil, 0
}
