package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tickertape/backend/event"
	"tickertape/backend/sse"
)

// dial sends a request for a stream to the front door, and reads nothing.
func (r *rig) dial(t *testing.T, path string) *net.TCPConn {
	t.Helper()
	address := strings.TrimPrefix(r.frontURL(), "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(time.Minute))) // a test that waits in vain should say so
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, address)
	must(t, err)
	return conn.(*net.TCPConn)
}

// large are events of a feed, numbered and of about a size.
func large(from, to, size int) []event.Event {
	events := count("a", from, to)
	for i := range events {
		events[i].Data = append(bytes.Repeat([]byte{'x'}, size), fmt.Sprintf(" %d", from+i)...)
		events[i].Text = ""
	}
	return events
}

// caughtUp waits until the fan-out's writers have n streams.
func (r *rig) caughtUp(t *testing.T, n int) {
	t.Helper()
	f := r.front.door.fanout
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		load := 0
		f.mu.Lock()
		for _, writers := range f.writers {
			for _, w := range writers {
				load += w.load
			}
		}
		f.mu.Unlock()
		if load == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d streams have caught up, want %d", load, n)
		}
	}
}

// open streams are n, in the end.
func (r *rig) openStreams(t *testing.T, n int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); r.streams.Load() != n; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d streams are open, want %d", r.streams.Load(), n)
		}
	}
}

func TestReadersOfOneSelectionShareWritersAndGetTheSameBytes(t *testing.T) {
	if !canTry {
		return // the other way is what every other test proves here
	}
	r := build{feeds: paused("a", "b")}.run(t)
	const readers, events = 200, 300
	var reading sync.WaitGroup
	for i := range readers {
		query, want := "", events
		if i%2 == 1 {
			query, want = "?feed=b", events/2
		}
		stream := r.read(t, ask{path: "/event_stream" + query})
		reading.Go(func() {
			last := -1
			for range want {
				e, err := stream.decoder.Next()
				if err != nil {
					t.Errorf("reader %d: %v", i, err)
					return
				}
				var n int
				if _, err := fmt.Sscanf(e.Data[2:], "%d", &n); err != nil || n <= last || query != "" && n != last+2 {
					t.Errorf("reader %d: %q after %d", i, e.Data, last)
					return
				}
				if last = n; n == 0 && query != "" {
					t.Errorf("reader %d: %q", i, e.Data)
				}
			}
		})
	}
	r.caughtUp(t, readers)
	if n := len(r.front.door.fanout.writers); n != 2 {
		t.Errorf("%d selections have writers, want 2", n)
	}
	for i := 0; i < events; i += 2 {
		r.hand(t, append(count("a", i, i), count("b", i+1, i+1)...))
	}
	reading.Wait()
}

func TestAReaderWhoPausesFallsOutOfMemoryAndGetsEverythingAllTheSame(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	slow, quick := r.dial(t, "/event_stream"), r.read(t, ask{path: "/event_stream"})
	if canTry {
		r.caughtUp(t, 2)
	}
	const events, size = 600, 64 << 10 // several times what sockets and the ring hold
	for i := 1; i <= events; i += 10 {
		r.add(t, large(i, i+9, size)...)
		for n := i; n < i+10; n++ {
			if e := quick.next(t); !strings.HasSuffix(e.Data, fmt.Sprintf(" %d", n)) {
				t.Fatalf("the quick reader got …%q as %d", e.Data[len(e.Data)-10:], n)
			}
		}
	}
	// The head stands before the body, as text that is no field.
	decoder := sse.NewDecoder(slow, sse.DecoderConfig{})
	for i := 1; i <= events; i++ {
		e, err := decoder.Next()
		must(t, err)
		if !strings.HasSuffix(e.Data, fmt.Sprintf("x %d", i)) || len(e.Data) < size {
			t.Fatalf("event %d is %d bytes: …%q", i, len(e.Data), e.Data[max(0, len(e.Data)-10):])
		}
	}
	if canTry {
		r.caughtUp(t, 2)
	}
}

func TestAConnectionWhoseReaderTakesNothingIsCutOffAndOthersStay(t *testing.T) {
	r := build{feeds: paused("a"), patience: 100 * time.Millisecond}.run(t)
	for range 3 {
		r.dial(t, "/event_stream")
	}
	reader := r.read(t, ask{path: "/event_stream"})
	for i := 1; r.streams.Load() > 1; i++ {
		r.add(t, large(i, i, 200<<10)...)
		reader.next(t)
	}
	r.add(t, count("a", 1, 1)...)
	if e := reader.next(t); e.Data != "a 1" {
		t.Errorf("%+v", e)
	}
}

func TestAnIdleConnectionHasHeartbeatsAndIsLetGoWhenItsClientGoes(t *testing.T) {
	r := build{feeds: paused("a"), beat: 40 * time.Millisecond}.run(t)
	for query, want := range map[string]string{
		"":             "4\r\n: \n\n\r\n4\r\n: \n\n\r\n",
		"?format=json": "1b\r\nevent: heartbeat\ndata: {}\n\n\r\n1b\r\nevent: heartbeat\ndata: {}\n\n\r\n",
	} {
		conn := r.dial(t, "/event_stream"+query)
		var got []byte
		for !bytes.HasSuffix(got, []byte(want)) {
			part := make([]byte, 1000)
			n, err := conn.Read(part)
			must(t, err)
			got = append(got, part[:n]...)
		}
		r.openStreams(t, 1)
		must(t, conn.Close())
		r.openStreams(t, 0)
	}
}

func TestADoorThatClosesEndsItsStreamsBetweenTwoEvents(t *testing.T) {
	r := build{feeds: paused("a")}.run(t)
	var bodies [20]string
	var reading, begun sync.WaitGroup
	for i := range bodies {
		conn := r.dial(t, "/event_stream?after="+r.id(0))
		begun.Add(1)
		reading.Go(func() {
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			begun.Done()
			if err != nil {
				t.Error(err)
				return
			}
			body, err := io.ReadAll(answer.Body) // which must end with its last chunk
			if err != nil {
				t.Error(err)
			}
			_ = answer.Body.Close()
			bodies[i] = string(body)
		})
	}
	stuck := r.dial(t, "/event_stream") // nobody waits for him
	flow := make(chan struct{})
	go func() {
		defer close(flow)
		for i := 1; i <= 3000; i += 10 {
			r.hand(t, large(i, i+9, 1000))
		}
	}()
	begun.Wait()
	r.openStreams(t, 21)
	began := time.Now()
	r.Close()
	if took := time.Since(began); took > drainTime+time.Second {
		t.Errorf("closing took %s", took)
	}
	if n := r.streams.Load(); n != 0 {
		t.Errorf("%d streams are open", n)
	}
	must(t, stuck.Close())
	reading.Wait()
	<-flow
	for i, body := range bodies {
		if !strings.HasSuffix(body, "\n\n") {
			t.Errorf("reader %d: the stream ends inside an event: …%q", i, body[max(0, len(body)-20):])
		}
	}
}

func TestConnectionsBeyondThePlacesWaitUntilOneIsFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := limit(listener, 1)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 2 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
		must(t, err)
		t.Cleanup(func() { conn.Close() })
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Error("a second connection was accepted in one place")
	case <-time.After(20 * time.Millisecond):
	}
	must(t, first.Close())
	_ = first.Close() // gives no second place
	second := <-accepted
	must(t, l.Close())
	if conn, open := <-accepted; open {
		t.Errorf("accepted %v when closed", conn)
	}
	must(t, second.Close())
}
