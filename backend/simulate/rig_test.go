package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// simulated is a Server on loopback.
type simulated struct {
	*Server
	t    *testing.T
	ctx  context.Context // of all requests: a test that waits in vain says so
	url  string          // without the slash at the end
	http *http.Client
}

func start(t *testing.T, cfg Config) *simulated {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	url, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return &simulated{Server: s, t: t, ctx: ctx, url: strings.TrimSuffix(url, "/"), http: client}
}

// reply is a response that the end of the test closes.
type reply struct{ *http.Response }

// get asks for path, with headers in pairs, and leaves the body to be read.
func (s *simulated) get(path string, header ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	return reply{resp}
}

// text reads to the end, and says whether that came before its time.
func (r reply) text() (string, error) {
	b, err := io.ReadAll(r.Body)
	return string(b), err
}

// read asks for path and returns the whole answer.
func (s *simulated) read(path string, header ...string) (status int, text string) {
	s.t.Helper()
	resp := s.get(path, header...)
	text, err := resp.text()
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, text
}

// dial opens a WebSocket.
func (s *simulated) dial(path string) *websocket.Conn {
	s.t.Helper()
	c, _, err := websocket.Dial(s.ctx, "ws"+strings.TrimPrefix(s.url, "http")+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c.SetReadLimit(16 << 20)
	s.t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

// say sends each of messages and returns one answer for each.
func (s *simulated) say(c *websocket.Conn, messages ...string) (answers []string) {
	s.t.Helper()
	for _, m := range messages {
		if err := c.Write(s.ctx, websocket.MessageText, []byte(m)); err != nil {
			s.t.Fatal(err)
		}
		answers = append(answers, s.hear(c))
	}
	return answers
}

func (s *simulated) hear(c *websocket.Conn) string {
	s.t.Helper()
	_, message, err := c.Read(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(message)
}

// field returns the member of a JSON text that the names lead to, as its JSON.
func field(t *testing.T, text string, names ...string) string {
	t.Helper()
	for _, name := range names {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		text = string(object[name])
	}
	return strings.Trim(text, `"`)
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Git may have made other line ends of ours.
	equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got)
}

// onPipes serves s on pipes, so that time may be synctest's, and returns a client that
// reaches it whatever the URL.
func onPipes(t *testing.T, s *Server) *http.Client {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	s.serve(l)
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &http.Client{Transport: transport}
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// waitForGoroutines waits until there are no more than most, or fails.
func waitForGoroutines(t *testing.T, most int) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > most {
		select {
		case <-deadline:
			var b bytes.Buffer
			buf := make([]byte, 1<<20)
			b.Write(buf[:runtime.Stack(buf, true)])
			t.Fatalf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), most, b.String())
		case <-time.After(time.Millisecond):
		}
	}
}
