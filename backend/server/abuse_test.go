package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tickertape/backend/settings"
)

// elsewhere is a listener whose connections come from another computer.
type elsewhere struct {
	net.Listener
	remote net.Addr
}

type elsewhereConn struct {
	net.Conn
	remote net.Addr
}

func (c elsewhereConn) RemoteAddr() net.Addr { return c.remote }

func (l elsewhere) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return elsewhereConn{conn, l.remote}, nil
}

// openElsewhere opens a front door to which all seem to come from 192.0.2.7.
func (r *rig) openElsewhere(t *testing.T) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	d := openDoor(elsewhere{listener, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 40000}}, r.guardFront(r.mux(r.frontRoutes())), r.cfg.Log)
	t.Cleanup(d.close)
	return "http://" + listener.Addr().String()
}

func TestFromAnotherComputerNothingButHealthNeedsNoToken(t *testing.T) {
	r := build{window: true, feeds: pushFeeds}.run(t)
	url := r.openElsewhere(t)
	routes := append(r.frontRoutes(), r.privateRoutes()...)
	for _, pattern := range []string{"HEAD /feeds", "OPTIONS /feeds", "TRACE /", "PATCH /nowhere", "GET /nowhere", "GET //healthz", "GET /healthz/", "GET /feeds/../healthz/x"} {
		routes = append(routes, route{pattern: pattern})
	}
	for _, route := range routes {
		method, path, _ := strings.Cut(route.pattern, " ")
		path = strings.NewReplacer("{id}", "hooks", "{feed}", "hooks").Replace(path)
		for _, authorization := range []string{"", "Bearer tt_wrong", "Basic eDp5"} {
			request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader("{}"))
			must(t, err)
			request.Header.Set("Authorization", authorization)
			if authorization == "" {
				request.Header.Del("Authorization")
			}
			request.Header.Set(KeyHeader, r.private.Key)
			response, err := r.client.Do(request)
			must(t, err)
			body, err := io.ReadAll(response.Body)
			must(t, err)
			response.Body.Close()
			checkHeaders(t, path, response.Header)
			switch {
			case path == "/healthz" && authorization == "":
				diff(t, "what health tells", "{\"status\":\"ok\"}\n", string(body))
			case authorization != "" && response.StatusCode == http.StatusTooManyRequests: // by now
			case response.StatusCode != http.StatusUnauthorized || response.Header.Get("WWW-Authenticate") != "Bearer":
				t.Errorf("%s with %q: %d", route.pattern, authorization, response.StatusCode)
			}
			if strings.Contains(string(body), "test") { // the version
				t.Errorf("%s tells the version: %s", route.pattern, body)
			}
		}
	}
}

func TestNothingIsAnsweredBeforeTheGuardHasLooked(t *testing.T) {
	r := build{}.run(t)
	for _, url := range []string{r.frontURL(), r.openElsewhere(t)} {
		host := strings.TrimPrefix(url, "http://")
		conn, err := net.Dial("tcp", host)
		must(t, err)
		_, err = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: "+host+"\r\nOrigin: http://evil.example\r\n\r\n")
		must(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(t, err)
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("OPTIONS *: %d", response.StatusCode)
		}
		conn.Close()
	}
}

func TestWrongKeysAreLimitedAndRightOnesAreNot(t *testing.T) {
	r := build{window: true}.run(t)
	token := r.token(t, "x", settings.ScopeRead)
	limited := 0
	for range maxFailures + 5 {
		got := r.do(t, ask{path: "/feeds", header: map[string]string{"Authorization": "Bearer tt_wrong"}})
		if got.status == http.StatusTooManyRequests {
			limited++
			if after := got.header.Get("Retry-After"); after != "60" && after != "59" {
				t.Errorf("Retry-After is %q", after)
			}
		}
	}
	if limited != 5 {
		t.Errorf("%d of %d wrong tokens were limited, want 5", limited, maxFailures+5)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.private.URL+"/feeds", http.NoBody)
	must(t, err)
	request.Header.Set(KeyHeader, "wrong")
	response, err := r.client.Do(request)
	must(t, err)
	response.Body.Close()
	if response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a wrong key at the other door: %d", response.StatusCode)
	}
	for _, a := range []ask{{path: "/feeds"}, {private: true, path: "/feeds"}, {path: "/feeds", header: map[string]string{"Authorization": "Bearer " + token}}} {
		if got := r.do(t, a); got.status != http.StatusOK {
			t.Errorf("%+v: %d", a, got.status)
		}
	}
}

func TestFailuresAreForgottenAndBounded(t *testing.T) {
	var f failures
	now := time.Now()
	for i := range maxFailures {
		if f.add("192.0.2.1:1", now) != nil {
			t.Fatalf("failure %d is one too many", i)
		}
	}
	if f.add("192.0.2.1:2", now) == nil || f.add("[2001:db8::1]:1", now) != nil {
		t.Error("computers aren't told apart")
	}
	if f.add("192.0.2.1:1", now.Add(failureWindow)) != nil {
		t.Error("failures aren't forgotten")
	}
	for i := range 5000 {
		_ = f.add(fmt.Sprintf("10.0.%d.%d:1", i/250, i%250), now)
	}
	for i := range maxFailures + 1 { // one computer with many addresses of IPv6
		if p := f.add(fmt.Sprintf("[2001:db8:1::%x]:1", i+1), now); (p != nil) != (i == maxFailures) {
			t.Errorf("address %d: %v", i, p)
		}
	}
	if len(f.failing) > maxFailing {
		t.Errorf("%d are remembered", len(f.failing))
	}
}

func TestAnotherComputerHasSoManyConnectionsOnly(t *testing.T) {
	p := newPipes()
	l := limit(elsewhere{p, &net.TCPAddr{IP: net.ParseIP("2001:db8::7"), Port: 1}}, 2*maxPerAddress)
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	var conns []net.Conn
	for range maxPerAddress {
		_, err := p.dial(t.Context())
		must(t, err)
		conns = append(conns, <-accepted)
	}
	refused, err := p.dial(t.Context())
	must(t, err)
	if _, err := refused.Read(make([]byte, 1)); err != io.EOF { //nolint:errorlint // as a closed pipe says it
		t.Errorf("one connection more: %v", err)
	}
	conns[0].Close()
	conns[0].Close() // gives one place back, not two
	_, err = p.dial(t.Context())
	must(t, err)
	conns[0] = <-accepted
	refused, err = p.dial(t.Context())
	must(t, err)
	if _, err := refused.Read(make([]byte, 1)); err != io.EOF { //nolint:errorlint // as above
		t.Errorf("one connection more, again: %v", err)
	}
	for _, conn := range conns {
		conn.Close()
	}
	if len(l.places) != 1 || len(l.guests.count) != 0 { // one is for who comes next
		t.Errorf("%d places are taken, by %v", len(l.places), l.guests.count)
	}
	l.Close()
	<-accepted
}

func TestSlowRequestsAreCutOff(t *testing.T) {
	for _, row := range []struct {
		rule, sent string
		within     time.Duration
	}{
		{"nothing at all", "", 10 * time.Second},
		{"a head that doesn't end", "GET /feeds HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nX-A: ", 10 * time.Second},
		{"a body that doesn't come, where none is read", "GET /feeds HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nContent-Length: 10\r\n\r\n", time.Second},
		{"a body that doesn't come, refused", "POST /api/feeds HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nContent-Length: 10\r\n\r\n", time.Second},
		{"the next request on a connection", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n", 2 * time.Minute},
	} {
		t.Run(row.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build{pipes: newPipes()}.run(t)
				conn, err := r.pipes.dial(t.Context())
				must(t, err)
				began := time.Now()
				go func() { _, _ = io.WriteString(conn, row.sent) }()
				_, err = io.Copy(io.Discard, conn)
				must(t, err)
				if took := time.Since(began); took > row.within+time.Second {
					t.Errorf("open for %v", took)
				}
				conn.Close()
				r.stop()
			})
		})
	}
}

func TestASlowSettingsBodyIsEnded(t *testing.T) {
	r := newRig(t)
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		p := &pipes{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		p.conns <- far
		d := openDoor(p, r.mux([]route{{"PUT /", func(w http.ResponseWriter, req *http.Request) error {
			limitBody(w, req)
			var v any
			return readJSON(req, &v)
		}}}), r.cfg.Log)
		began := time.Now()
		go func() { _, _ = io.WriteString(near, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{") }()
		response, err := http.ReadResponse(bufio.NewReader(near), nil)
		must(t, err)
		response.Body.Close()
		if took := time.Since(began); response.StatusCode != http.StatusRequestTimeout || took < bodyTime || took > bodyTime+lingerTime {
			t.Errorf("%d after %v", response.StatusCode, took)
		}
		near.Close()
		d.close()
	})
}

func TestHeadsAndBodiesHaveLimits(t *testing.T) {
	r := newRig(t)
	if got := r.do(t, ask{path: "/feeds", header: map[string]string{"X-A": strings.Repeat("a", 80<<10)}}); got.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large head: %d", got.status)
	}
	r.do(t, ask{private: true, method: "PUT", path: "/api/settings/appearance", body: `{"theme": "` + strings.Repeat("a", maxBody) + `"}`}).problem(t, http.StatusRequestEntityTooLarge)
}

func TestNoKeyIsEverToldOrLogged(t *testing.T) {
	r := build{window: true, feeds: pushFeeds}.run(t)
	read, publish := r.token(t, "r", settings.ScopeRead), r.token(t, "p", settings.ScopePublish)
	var told bytes.Buffer
	hear := func(got answer) {
		fmt.Fprintln(&told, got.header, got.body)
	}
	for _, secret := range []string{r.private.Key, read, publish} {
		for _, header := range []map[string]string{{"Authorization": "Bearer " + secret}, {"Authorization": secret}, {KeyHeader: secret}, {"X-Api-Key": secret}} {
			for _, path := range []string{"/feeds", "/nowhere", "/events?after=x", "/api/settings", "/poll?q=(", "/ws", "/metrics", "/openapi.json"} {
				hear(r.do(t, ask{path: path, header: header}))
			}
			hear(r.do(t, ask{method: "POST", path: "/feeds/hooks/events", body: "{", header: header}))
		}
		for _, path := range []string{"/event_stream?feed=x&key=", "/ws?key=", "/nowhere?key=", "/api/settings?key="} {
			hear(r.do(t, ask{path: path + secret}))
			if secret != r.private.Key {
				hear(r.do(t, ask{private: true, path: path + secret, header: map[string]string{KeyHeader: "wrong"}}))
			}
		}
	}
	hear(r.do(t, ask{private: true, path: "/api/settings"}))
	for _, secret := range []string{r.private.Key, read, publish} {
		if strings.Contains(told.String(), secret) {
			t.Errorf("an answer has %.10s…", secret)
		}
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log has %.10s…", secret)
		}
	}
}
