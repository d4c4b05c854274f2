package server

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/hub"
)

// maxMost bounds the most parameter.
const maxMost = 1000

// formatPaced is an event a line: what is left out of it is counted by lines.
var formatPaced = hub.Format{Name: "paced", Append: func(dst []byte, e *event.Event) []byte {
	return append(e.AppendJSON(dst), '\n') // JSON of ours has no line breaks
}}

// gathered is what comes next on a paced stream (most=): the newest events, and
// how many of which feed were left out before them. A page that can't draw
// thousands of events at once isn't sent them either; it reads them from
// history when somebody scrolls there.
type gathered struct {
	most int
	max  int // about how many bytes of events

	lines [][]byte // shared with other readers: not to be changed
	size  int
	left  map[string]int // by feed
	last  uint64
}

// paced writes what there is, and what is missing where it is missing.
func (st *stream) paced(ctx context.Context, frames hub.Frames) error {
	for {
		g, next, err := st.gather(ctx, frames)
		if err != nil {
			return err
		}
		st.buf = g.append(st.buf[:0], event.ID{Epoch: st.cfg.Journal.Epoch(), Seq: g.last})
		if err := st.writeBuf(); err != nil || next.Gap == nil {
			return err
		}
		if err := st.gap(next.Gap); err != nil || len(next.Bytes) == 0 {
			return err
		}
		frames = next
	}
}

// gather reads what there is, for as long as the stream's pace is: an endless
// flood is counted in pieces. It stops before frames that have a gap before
// them, and returns those.
func (st *stream) gather(ctx context.Context, frames hub.Frames) (g *gathered, next hub.Frames, err error) {
	g = &gathered{most: st.params.most, max: 4 * chunk, left: map[string]int{}}
	g.take(frames)
	for began := time.Now(); frames.More && time.Since(began) < st.params.batch; {
		if frames, _, err = st.poll(ctx); err != nil || frames.Last == 0 {
			return g, hub.Frames{}, err
		}
		if frames.Gap != nil {
			return g, frames, nil
		}
		g.take(frames)
	}
	return g, hub.Frames{}, nil
}

func (g *gathered) take(frames hub.Frames) {
	lines := frames.Bytes
	if frames.More { // they go with the next ones
		lines = slices.Clone(lines)
	}
	for line := range bytes.Lines(lines) {
		g.lines = append(g.lines, line[:len(line)-1])
		g.size += len(line)
	}
	g.last = frames.Last
	// One event is always sent, however large.
	for len(g.lines) > 1 && (len(g.lines) > g.most || g.size > g.max) {
		g.size -= len(g.lines[0]) + 1
		g.left[feedOf(g.lines[0])]++
		g.lines = g.lines[1:]
	}
}

// append adds the frame of what was gathered: {"left":{feed: count},"events":[…],"next":…}.
func (g *gathered) append(dst []byte, next event.ID) []byte {
	dst = append(dst, "id: "...)
	dst = next.Append(dst)
	dst = append(dst, "\ndata: {"...)
	if len(g.left) > 0 {
		dst = append(dst, `"left":{`...)
		for i, feed := range slices.Sorted(maps.Keys(g.left)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = event.AppendString(dst, feed)
			dst = append(dst, ':')
			dst = strconv.AppendInt(dst, int64(g.left[feed]), 10)
		}
		dst = append(dst, "},"...)
	}
	dst = append(dst, `"events":[`...)
	dst = append(dst, bytes.Join(g.lines, []byte{','})...)
	dst = append(dst, `],"next":"`...)
	dst = next.Append(dst)
	return append(dst, "\"}\n\n"...)
}

// feedOf is the feed of an event as AppendJSON writes it: id, seq and feed come
// first.
func feedOf(line []byte) string {
	_, rest, _ := bytes.Cut(line, []byte(`"feed":"`))
	feed, _, _ := bytes.Cut(rest, []byte{'"'}) // ids of feeds have nothing to escape
	return string(feed)
}
