package server

import (
	"net"
	"net/http"
	"syscall"
	"time"
)

// socket is a connection that was taken over from net/http: the outlet of a
// stream, which can also be written to without waiting.
type socket struct {
	net.Conn
	tcp     *net.TCPConn // the same, for writes of several parts
	raw     syscall.RawConn
	attempt attempt
}

// hijack takes over the connection of a request that came by a fanout's door.
// It returns nil when that can't be; the answer is then still net/http's.
func hijack(w http.ResponseWriter) *socket {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	s := &socket{Conn: conn}
	s.attempt.bind()
	s.tcp, _ = conn.(*placed).Conn.(*net.TCPConn) // of a door with a fanout always
	if s.raw, err = s.tcp.SyscallConn(); err != nil {
		_ = conn.Close() // the first write shows it
	}
	return s
}

// write sends b as a chunk.
func (s *socket) write(b []byte, timeout time.Duration) error {
	if err := s.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	// In parts: b is shared, and a copy for each stream that is behind could be
	// much.
	parts := net.Buffers{appendChunkHead(nil, len(b)), b, []byte("\r\n")}
	_, err := parts.WriteTo(s.tcp)
	return err
}

// send sends b as it is.
func (s *socket) send(b []byte, timeout time.Duration) error {
	if err := s.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	_, err := s.Write(b)
	return err
}

// rest ends the deadline of write, which would hold for try as well.
func (s *socket) rest() error { return s.SetWriteDeadline(time.Time{}) }
