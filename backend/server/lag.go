package server

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

// lag makes an answer take longer on its way: what is written comes out in
// order, each part after the delay, as at the other end of a longer line. Nothing
// is held up that wasn't on the way already.
type lag struct {
	http.ResponseWriter
	delay time.Duration
	sent  func(n int) // told of the bytes that came out

	parcels chan parcel
	ended   chan struct{} // closed when nothing comes out any more
	out     func(parcel) error

	mu     sync.Mutex
	closed bool
	conn   net.Conn // once taken over
}

// parcel is one write on its way, or the status before the first.
type parcel struct {
	due    time.Time
	data   []byte
	status int
	flush  bool
}

// maxParcels bounds what is on the way. Beyond it a write waits.
const maxParcels = 256

func newLag(w http.ResponseWriter, delay time.Duration, sent func(int)) *lag {
	l := &lag{ResponseWriter: w, delay: delay, sent: sent, parcels: make(chan parcel, maxParcels), ended: make(chan struct{})}
	l.out = l.answer
	go l.carry()
	return l
}

// Unwrap lets http.ResponseController find the deadlines.
func (l *lag) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// WriteHeader puts the status on its way.
func (l *lag) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols { // before the connection is taken over
		l.ResponseWriter.WriteHeader(status)
		return
	}
	_ = l.send(parcel{status: status})
}

// Write puts a copy of b on its way.
func (l *lag) Write(b []byte) (int, error) {
	return len(b), l.send(parcel{data: append([]byte(nil), b...)})
}

// FlushError has what was written before leave at its time.
func (l *lag) FlushError() error { return l.send(parcel{flush: true}) }

func (l *lag) send(p parcel) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	p.due = time.Now().Add(l.delay)
	select {
	case l.parcels <- p:
		return nil
	case <-l.ended:
		return net.ErrClosed
	}
}

// close waits until what is on the way has come out.
func (l *lag) close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.parcels)
	}
	l.mu.Unlock()
	<-l.ended
}

func (l *lag) carry() {
	defer close(l.ended)
	for p := range l.parcels {
		time.Sleep(time.Until(p.due))
		if l.out(p) != nil {
			return
		}
		l.sent(len(p.data))
	}
}

func (l *lag) answer(p parcel) (err error) {
	switch {
	case p.status != 0:
		l.ResponseWriter.WriteHeader(p.status)
	case p.flush:
		err = http.NewResponseController(l.ResponseWriter).Flush()
	default:
		_, err = l.ResponseWriter.Write(p.data)
	}
	return err
}

// Hijack takes the connection over for a WebSocket, whose writes take as long.
func (l *lag) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	l.out = func(p parcel) error { // nothing was sent before: the channel orders this
		_, err := conn.Write(p.data)
		return err
	}
	slow := &laggingConn{Conn: conn, lag: l}
	return slow, bufio.NewReadWriter(buffered.Reader, bufio.NewWriter(slow)), nil
}

// sever cuts a connection that was taken over; others are cut by the handler.
func (l *lag) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// laggingConn is a connection whose writes take their time.
type laggingConn struct {
	net.Conn
	lag *lag
}

func (c *laggingConn) Write(b []byte) (int, error) { return c.lag.Write(b) }

func (c *laggingConn) Close() error {
	c.lag.close()
	return c.Conn.Close()
}
