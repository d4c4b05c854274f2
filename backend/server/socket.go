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
	tcp, _ := conn.(*placed).Conn.(*net.TCPConn) // of a door with a fanout always
	if s.raw, err = tcp.SyscallConn(); err != nil {
		_ = conn.Close() // the first write shows it
	}
	return s
}

func (s *socket) write(b []byte, timeout time.Duration) error {
	if err := s.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	_, err := s.Write(b)
	return err
}

// rest ends the deadline of write, which would hold for try as well.
func (s *socket) rest() error { return s.SetWriteDeadline(time.Time{}) }
