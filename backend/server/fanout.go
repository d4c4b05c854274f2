package server

import (
	"bytes"
	"context"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"tickertape/backend/hub"
)

// Most readers want the same events in the same format, and read them as fast
// as they come. net/http gives each of them a goroutine and buffers, and makes
// chunks of the same bytes again for each. So their connections are taken over from it once the
// request is read: a few writers, a goroutine each, hand the shared bytes to
// all the sockets of a selection, and never wait for one of them. A chunk of
// HTTP is made once for all that are at the same place. A stream that
// can't take more, or is to be sent what is no longer in memory, gets a
// goroutine of its own until it has caught up.
//
// Streams that want more than the shared bytes (batch=, status=), TLS, HTTP/2,
// and systems that socket_other.go is for stay with net/http, where stream.run
// does the same in a goroutine each.

const (
	// crowd is how many streams a writer has before another one helps it.
	crowd = 64
	// turn is after how many streams a writer lets others have the processor.
	turn = 32
	// storm is how many streams that come make net/http's leavings worth
	// collecting at once.
	storm = 500
	// maxCheckup is how often a writer looks which streams need a heartbeat,
	// and whose client has gone.
	maxCheckup = 2 * time.Second
)

// fanout is the connections that a door has taken over.
type fanout struct {
	ctx context.Context // the door's life, which is longer than a request's

	mu      sync.Mutex
	closed  bool
	writers map[hub.Key][]*writer
	alone   map[*taken]struct{} // those with a goroutine of their own
	came    int                 // streams, since tidy collected what they left
	calm    bool                // none came since the last checkup
	running sync.WaitGroup
}

func newFanout(ctx context.Context) *fanout {
	return &fanout{ctx: ctx, writers: map[hub.Key][]*writer{}, alone: map[*taken]struct{}{}}
}

// fanoutKey is where a door's requests find its fanout.
type fanoutKey struct{}

// taken is a stream on a connection that was taken over. At any time either a
// writer has it or a goroutine of its own.
type taken struct {
	stream
	socket *socket
	unsent []byte // what is to leave before anything else; while it has a goroutine
}

// takeOver takes the connection over from net/http where that is possible, and
// reports whether it did: then the stream is no longer the handler's.
func takeOver(w http.ResponseWriter, r *http.Request, st *stream, after uint64, missing *gap) bool {
	f, _ := r.Context().Value(fanoutKey{}).(*fanout)
	if f == nil || r.TLS != nil || r.ProtoMajor != 1 || r.ProtoMinor == 0 || st.params.batch > 0 || st.params.status {
		return false
	}
	head := responseHead(w.Header())
	socket := hijack(w)
	if socket == nil {
		return false
	}
	t := &taken{stream: *st, socket: socket}
	t.out = socket
	t.reader = t.cfg.Hub.Read(t.params.filter(), t.params.format, after)
	t.unsent = appendChunk(head, t.greeting(nil, missing))
	f.begin(t)
	return true
}

// responseHead is the head of an answer in chunks, after which the connection is
// closed.
func responseHead(header http.Header) []byte {
	head := bytes.NewBufferString("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nDate: ")
	head.WriteString(time.Now().UTC().Format(http.TimeFormat))
	head.WriteString("\r\n")
	_ = header.Write(head) // to memory
	head.WriteString("\r\n")
	return head.Bytes()
}

// begin starts a stream's life, unless the door is closed.
func (f *fanout) begin(t *taken) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		t.end()
		return
	}
	f.came, f.calm = f.came+1, false
	f.attend(t)
}

// tidy gives back the memory that many requests at once have taken: net/http's
// buffers and stacks are garbage once their connections are taken over, and Go
// would keep most of it for minutes.
func (f *fanout) tidy() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calm && f.came >= storm && !f.closed {
		f.came = 0
		f.running.Go(debug.FreeOSMemory)
	}
	f.calm = true
}

// attend gives the stream a goroutine of its own until it has caught up. f.mu
// is held.
func (f *fanout) attend(t *taken) {
	f.alone[t] = struct{}{}
	f.running.Go(func() {
		goOn := t.catchUp(f.ctx) && t.socket.rest() == nil
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.alone, t)
		if goOn {
			f.join(t)
		} else {
			t.end()
		}
	})
}

// join hands the stream to the least busy writer of its selection. f.mu is
// held.
func (f *fanout) join(t *taken) {
	key := t.reader.Key()
	var least *writer
	for _, w := range f.writers[key] {
		if least == nil || w.load < least.load {
			least = w
		}
	}
	if least == nil || least.load >= crowd && len(f.writers[key]) < runtime.GOMAXPROCS(0) {
		least = &writer{fanout: f, key: key, poke: make(chan struct{}, 1), checkup: min(maxCheckup, t.cfg.Heartbeat/8)}
		f.writers[key] = append(f.writers[key], least)
		f.running.Go(least.run)
	}
	least.load++
	least.joined = append(least.joined, t)
	select {
	case least.poke <- struct{}{}:
	default: // it will see this one with the one before
	}
}

// close waits until every stream has ended, which the door's context tells them
// to do, and cuts those that can't within drainTime.
func (f *fanout) close() {
	f.mu.Lock()
	f.closed = true // nothing begins any more
	f.mu.Unlock()
	cut := time.AfterFunc(drainTime, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for t := range f.alone {
			_ = t.socket.Close()
		}
	})
	defer cut.Stop()
	f.running.Wait()
}

// fate is what becomes of a writer's stream.
type fate int

const (
	stays  fate = iota
	leaves      // for a goroutine of its own
	ends
)

// catchUp sends what is unsent, and then what there is. It reports whether the
// stream goes on.
func (t *taken) catchUp(ctx context.Context) bool {
	if len(t.unsent) > 0 && t.socket.send(t.unsent, t.cfg.WriteTimeout) != nil {
		return false
	}
	t.unsent = nil // shared with others, who may be done with it
	return t.stream.catchUp(ctx)
}

// push sends what there is, as far as the socket takes it.
func (t *taken) push(now time.Time, shared *sharedChunk) fate {
	for {
		frames, ok := t.reader.Ready(chunk)
		// What is shared is looked at last: what has come since it changed must
		// not be selected by what was shared before.
		if !ok || t.outdated() {
			return leaves
		}
		if frames.Last == 0 {
			return stays
		}
		t.reader.Took(frames)
		fate := t.try(shared.of(frames.Bytes), now)
		if len(t.unsent) > 0 {
			shared.lend()
		}
		if fate != stays || !frames.More {
			return fate
		}
	}
}

// try sends b, as far as the socket takes it.
func (t *taken) try(b []byte, now time.Time) fate {
	t.lastWrite = now
	n, err := t.socket.try(b)
	if err != nil {
		return ends
	}
	if t.unsent = b[n:]; len(t.unsent) > 0 {
		return leaves
	}
	t.unsent = nil
	return stays
}

// check sends a heartbeat when it is time, and notices a client who has gone.
func (t *taken) check(now time.Time) fate {
	if t.socket.gone() {
		return ends
	}
	if now.Sub(t.lastWrite) < t.cfg.Heartbeat {
		return stays
	}
	if t.params.json {
		return t.try(beatFrameChunk, now)
	}
	return t.try(beatCommentChunk, now)
}

var (
	beatCommentChunk = appendChunk(nil, beatComment)
	beatFrameChunk   = appendChunk(nil, beatFrame)
)

// end gives everything up.
func (t *taken) end() {
	if len(t.unsent) == 0 {
		_, _ = t.socket.try([]byte(lastChunk)) // where it still matters there is room for it
	}
	_ = t.socket.Close()
	t.close()
}

// writer serves streams of one selection and format that have caught up.
type writer struct {
	fanout  *fanout
	key     hub.Key
	poke    chan struct{} // somebody has joined
	checkup time.Duration

	// Guarded by fanout.mu.
	joined []*taken
	load   int // streams here and in joined

	// Of run's goroutine alone.
	streams []*taken
	shared  sharedChunk
}

// run writes until nobody reads here any more, or the door closes.
//
// On an idle stream an event leaves at once, and sweeps begin coalesce apart. On
// a busy one, where events came during the sweep before or the pause behind it,
// there is coalesce between the sweeps: the longer they take, the more leaves in
// one write, and the fewer writes there are.
func (w *writer) run() {
	checkups := time.NewTicker(w.checkup)
	defer checkups.Stop()
	busy := false
	for w.welcome() {
		// Taken before the sweep, so that nothing comes unseen between. What
		// holds for one stream's selection and sharing holds for all here.
		wake, shared := w.streams[0].reader.Wake(), w.streams[0].params.sharing.changed
		if w.sweep(busy); len(w.streams) == 0 {
			continue
		}
		select {
		case <-wake:
			busy = true
			continue
		default:
			busy = false
		}
		select {
		case <-wake:
		case <-w.poke:
		case <-shared: // the next push sends them where they belong now
		case now := <-checkups.C:
			w.each(func(t *taken) fate { return t.check(now) })
			w.fanout.tidy()
		case <-w.fanout.ctx.Done():
		}
	}
}

// sweep sends to every stream what there is, and rests if there was anything.
func (w *writer) sweep(busy bool) {
	began := time.Now()
	wrote := false
	w.each(func(t *taken) fate {
		fate := t.push(began, &w.shared)
		wrote = wrote || t.lastWrite.Equal(began)
		return fate
	})
	w.shared.shrink()
	switch {
	case !wrote:
	case busy:
		time.Sleep(coalesce)
	default:
		time.Sleep(coalesce - time.Since(began))
	}
}

// welcome takes those in who have joined. It reports whether there is work; if
// not, the writer is over.
func (w *writer) welcome() bool {
	f := w.fanout
	f.mu.Lock()
	defer f.mu.Unlock()
	w.streams = append(w.streams, w.joined...)
	w.joined = nil
	if len(w.streams) > 0 && f.ctx.Err() == nil {
		return true
	}
	for _, t := range w.streams {
		t.end()
	}
	f.writers[w.key] = slices.DeleteFunc(f.writers[w.key], func(other *writer) bool { return other == w })
	if len(f.writers[w.key]) == 0 {
		delete(f.writers, w.key)
	}
	return false
}

// each does something to every stream, and lets go those that don't stay.
func (w *writer) each(do func(*taken) fate) {
	var leaving []*taken
	kept := w.streams[:0]
	gone := 0
	for i, t := range w.streams {
		if i%turn == turn-1 {
			runtime.Gosched() // thousands of writes in one go would hold up who stores events, and the window
		}
		switch do(t) {
		case stays:
			kept = append(kept, t)
			continue
		case leaves:
			leaving = append(leaving, t)
		case ends:
			t.end()
		}
		gone++
	}
	clear(w.streams[len(kept):])
	w.streams = kept
	if gone == 0 {
		return
	}
	f := w.fanout
	f.mu.Lock()
	defer f.mu.Unlock()
	w.load -= gone
	for _, t := range leaving {
		f.attend(t)
	}
}
