package server

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tickertape/backend/settings"
)

// port is the port of a door.
func port(t *testing.T, url string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(strings.Trim(url, "htp:/"))
	must(t, err)
	return port
}

func TestTheFrontDoorLetsInProgramsAndItsOwnPagesOnly(t *testing.T) {
	r := newRig(t)
	p := port(t, r.frontURL())
	type h = map[string]string
	for _, row := range []struct {
		rule   string
		header h
		want   int
	}{
		{"a program", nil, 200},
		{"by the name localhost", h{"Host": "localhost:" + p}, 200},
		{"in any case", h{"Host": "LocalHost:" + p}, 200},
		{"a name that an attacker bends to 127.0.0.1", h{"Host": "rebind.example:" + p}, 403},
		{"a name that begins like the address", h{"Host": "127.0.0.1.rebind.example:" + p}, 403},
		{"a name under localhost", h{"Host": "evil.localhost:" + p}, 403},
		{"another address of this computer", h{"Host": "127.0.0.2:" + p}, 403},
		{"the other loopback address", h{"Host": "[::1]:" + p}, 403},
		{"an address that names nothing", h{"Host": "0.0.0.0:" + p}, 403},
		{"another port", h{"Host": "127.0.0.1:1"}, 403},
		{"no port", h{"Host": "127.0.0.1"}, 403},
		{"a port that is no number", h{"Host": "127.0.0.1:http"}, 403},
		{"too many colons", h{"Host": "127.0.0.1:" + p + ":" + p}, 403},

		{"its own page", h{"Origin": "http://127.0.0.1:" + p, "Sec-Fetch-Site": "same-origin"}, 200},
		{"its own page by the other name", h{"Host": "localhost:" + p, "Origin": "http://localhost:" + p}, 200},
		{"its own page by a name that isn't that of the request", h{"Origin": "http://localhost:" + p}, 403},
		{"a page of another site", h{"Origin": "https://evil.example"}, 403},
		{"a page of another port", h{"Origin": "http://127.0.0.1:1"}, 403},
		{"a page that hides where it comes from", h{"Origin": "null"}, 403},
		{"the window, which has a door of its own", h{"Origin": "wails://wails"}, 403},
		{"a rebound page, which sends Host and Origin alike", h{"Host": "rebind.example:" + p, "Origin": "http://rebind.example:" + p}, 403},

		{"an address typed in", h{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a link followed from elsewhere", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a frame in another site's page", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"a script of another site", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403},
		{"an image in a page of another port", h{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
	} {
		t.Run(row.rule, func(t *testing.T) {
			for _, path := range []string{"/", "/basic", "/feeds", "/events", "/healthz", "/event_stream"} {
				method := http.MethodGet
				if path == "/event_stream" {
					method = http.MethodHead
				}
				got := r.do(t, ask{method: method, path: path, header: row.header})
				if got.status != row.want {
					t.Errorf("%s: %d %s", path, got.status, got.body)
				}
				if row.want == 403 && method == http.MethodGet {
					got.problem(t, 403)
				}
				checkHeaders(t, path, got.header)
			}
		})
	}
}

// checkHeaders checks what every answer has, and what none has.
func checkHeaders(t *testing.T, path string, header http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %s is %q", path, name, got)
		}
	}
	policy := header.Get("Content-Security-Policy")
	framed := strings.Contains(path, "/html") // for the window to show, without rights
	if !strings.Contains(policy, "default-src 'none';") || (!framed && !strings.Contains(policy, "frame-ancestors 'none'")) || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: Content-Security-Policy is %q", path, policy)
	}
	for _, tells := range []string{"Server", "X-Powered-By", "Via"} {
		if header.Get(tells) != "" {
			t.Errorf("%s: %s is %q", path, tells, header.Get(tells))
		}
	}
	if strings.Contains(header.Get("Access-Control-Allow-Origin"), "*") {
		t.Errorf("%s: every site may read this", path)
	}
	if header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%s: credentials are allowed", path)
	}
}

func TestTheFrontDoorAllowsNoOtherOriginAnything(t *testing.T) {
	r := newRig(t)
	for _, origin := range []string{"https://evil.example", "null", "wails://wails", r.frontURL()} {
		for _, method := range []string{"GET", "OPTIONS"} {
			got := r.do(t, ask{method: method, path: "/feeds", header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "GET"}})
			for name := range got.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s from %s: %s", method, origin, name)
				}
			}
		}
	}
}

func TestNothingCanBeChangedAtTheFrontDoor(t *testing.T) {
	r := build{window: true, feeds: clockFeed}.run(t)
	before, _ := r.cfg.Settings.Current()
	key := map[string]string{KeyHeader: r.private.Key} // nor with the window's key
	for _, route := range r.privateRoutes() {
		method, path, _ := strings.Cut(route.pattern, " ")
		if !strings.HasPrefix(path, "/api/") {
			continue
		}
		want := http.StatusMethodNotAllowed // "/" takes GET of everything
		if method == http.MethodGet {
			want = http.StatusNotFound
		}
		path = strings.Replace(path, "{id}", "clock", 1)
		body := `{"name": "x", "url": "http://127.0.0.1:1/", "enabled": false, "theme": "dark"}`
		r.do(t, ask{method: method, path: path, body: body, header: key}).problem(t, want)
		r.do(t, ask{method: method, path: path + "?key=" + r.private.Key, body: body}).problem(t, want)
	}
	for _, path := range []string{"/", "/basic", "/events", "/events/1", "/feeds", "/event_stream", "/healthz", "/nowhere"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} {
			got := r.do(t, ask{method: method, path: path, header: key})
			got.problem(t, http.StatusMethodNotAllowed)
			if got.header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: Allow is %q", method, path, got.header.Get("Allow"))
			}
		}
	}
	after, _ := r.cfg.Settings.Current()
	diff(t, "settings", before, after)
}

func TestThePrivateDoorLetsInTheWindowOnly(t *testing.T) {
	r := newRig(t)
	key, p := r.private.Key, port(t, r.private.URL)
	type h = map[string]string
	for _, row := range []struct {
		rule, path string
		header     h
		want       int
	}{
		{"no key", "/feeds", nil, 401},
		{"the key", "/feeds", h{KeyHeader: key}, 200},
		{"a wrong key", "/feeds", h{KeyHeader: strings.Repeat("0", 64)}, 401},
		{"half the key", "/feeds", h{KeyHeader: key[:32]}, 401},
		{"an empty key", "/feeds", h{KeyHeader: ""}, 401},
		{"the key in the query", "/feeds?key=" + key, nil, 401},
		{"the key in the query of the stream, where no header can be set", "/event_stream?key=" + key, nil, 200},
		{"a wrong key in the query of the stream", "/event_stream?key=" + key[1:], nil, 401},
		{"an empty key in the query of the stream", "/event_stream?key=", nil, 401},
		{"a wrong key in the header counts before the query", "/event_stream?key=" + key, h{KeyHeader: "x"}, 401},
		{"the key in the query of what only looks like the stream", "/event_stream/?key=" + key, nil, 401},
		{"the window on Linux and macOS", "/feeds", h{KeyHeader: key, "Origin": "wails://wails"}, 200},
		{"the window on Windows", "/feeds", h{KeyHeader: key, "Origin": "http://wails.localhost"}, 200},
		{"the window without its key", "/feeds", h{"Origin": "wails://wails"}, 401},
		{"a window under development", "/feeds", h{KeyHeader: key, "Origin": "http://wails.localhost:34115"}, 403},
		{"another site, with the key", "/feeds", h{KeyHeader: key, "Origin": "https://evil.example"}, 403},
		{"a page that hides where it comes from", "/feeds", h{KeyHeader: key, "Origin": "null"}, 403},
		{"the front door's page", "/feeds", h{KeyHeader: key, "Origin": r.frontURL()}, 403},
		{"its own address as an origin", "/feeds", h{KeyHeader: key, "Origin": r.private.URL}, 403},
		{"a rebound name", "/feeds", h{KeyHeader: key, "Host": "rebind.example:" + p}, 403},
		{"another port", "/feeds", h{KeyHeader: key, "Host": "127.0.0.1:5000"}, 403},
		{"the front door's pages aren't here", "/", h{KeyHeader: key}, 404},
		{"nor is anything else", "/api/nothing", h{KeyHeader: key}, 404},
		{"nor by another method", "/api/feeds", h{KeyHeader: key}, 405},
	} {
		t.Run(row.rule, func(t *testing.T) {
			method := http.MethodGet
			if strings.HasPrefix(row.path, "/event_stream") {
				method = http.MethodHead
			}
			request, err := http.NewRequestWithContext(t.Context(), method, r.private.URL+row.path, http.NoBody)
			must(t, err)
			for name, value := range row.header {
				request.Header.Set(name, value)
			}
			request.Host = row.header["Host"]
			response, err := r.client.Do(request)
			must(t, err)
			defer response.Body.Close()
			if response.StatusCode != row.want {
				t.Errorf("status %d, want %d", response.StatusCode, row.want)
			}
			checkHeaders(t, row.path, response.Header)
			allowed, origin := response.Header.Get("Access-Control-Allow-Origin"), row.header["Origin"]
			if row.want == 403 && allowed != "" || row.want != 403 && allowed != origin {
				t.Errorf("from %q: allowed %q", origin, allowed)
			}
		})
	}
}

func TestAPreflightNeedsNoKeyAndOpensNothingElse(t *testing.T) {
	r := newRig(t)
	for _, row := range []struct {
		origin string
		want   int
	}{{"wails://wails", 204}, {"http://wails.localhost", 204}, {"https://evil.example", 403}, {"null", 403}, {"", 401}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, r.private.URL+"/api/feeds", http.NoBody)
		must(t, err)
		if row.origin != "" {
			request.Header.Set("Origin", row.origin)
		}
		request.Header.Set("Access-Control-Request-Private-Network", "true")
		response, err := r.client.Do(request)
		must(t, err)
		response.Body.Close()
		if response.StatusCode != row.want {
			t.Errorf("%q: status %d, want %d", row.origin, response.StatusCode, row.want)
		}
		want := map[string]string{
			"Access-Control-Allow-Origin": row.origin, "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
			"Access-Control-Allow-Headers": KeyHeader + ", Content-Type", "Access-Control-Allow-Private-Network": "true",
		}
		for name, value := range want {
			if row.want != 204 {
				value = ""
			}
			if got := response.Header.Get(name); got != value {
				t.Errorf("%q: %s is %q, want %q", row.origin, name, got, value)
			}
		}
		checkHeaders(t, row.origin, response.Header)
	}
}

func TestWhatAProxyHandsOnIsNotFromThisComputer(t *testing.T) {
	r := newRig(t)
	read := r.token(t, "proxy", settings.ScopeRead)
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"} {
		for _, path := range []string{"/feeds", "/events", "/event_stream", "/"} {
			if got := r.do(t, ask{path: path, header: map[string]string{name: "203.0.113.7"}}); got.status != http.StatusUnauthorized {
				t.Errorf("%s with %s: %d", path, name, got.status)
			}
		}
		if got := r.do(t, ask{path: "/feeds", header: map[string]string{name: "203.0.113.7", "Authorization": "Bearer " + read}}); got.status != http.StatusOK {
			t.Errorf("%s with a token: %d", name, got.status)
		}
	}
}

func TestTheFrontDoorIsReadFromThisComputerOnly(t *testing.T) {
	r := newRig(t)
	front := r.guardFront(r.mux(r.frontRoutes()))
	for _, row := range []struct {
		rule, local, remote, host string
		want                      int
	}{
		{"this computer", "127.0.0.1:5000", "127.0.0.1:40000", "127.0.0.1:5000", 200},
		{"this computer by IPv6", "[::1]:5000", "[::1]:40000", "[::1]:5000", 200},
		{"localhost by IPv6", "[::1]:5000", "[::1]:40000", "localhost:5000", 200},
		{"an IPv4 address in IPv6's clothes", "[::ffff:127.0.0.1]:5000", "[::ffff:127.0.0.1]:40000", "127.0.0.1:5000", 200},
		{"the port that HTTP has by itself", "127.0.0.1:80", "127.0.0.1:40000", "127.0.0.1", 200},
		{"the same by IPv6", "[::1]:80", "[::1]:40000", "[::1]", 200},
		{"another computer", "192.168.1.5:5000", "192.168.1.7:40000", "192.168.1.5:5000", 401},
		{"another computer by IPv6", "[2001:db8::5]:5000", "[2001:db8::7]:40000", "[2001:db8::5]:5000", 401},
		{"this computer by its own LAN address", "192.168.1.5:5000", "192.168.1.5:40000", "192.168.1.5:5000", 200},
		{"another computer that says localhost", "192.168.1.5:5000", "192.168.1.7:40000", "localhost:5000", 403},
		{"another computer that says 127.0.0.1", "192.168.1.5:5000", "192.168.1.7:40000", "127.0.0.1:5000", 403},
		{"a remote address that can't be read", "127.0.0.1:5000", "somewhere", "127.0.0.1:5000", 401},
		{"no Host", "127.0.0.1:80", "127.0.0.1:40000", "", 403},
	} {
		t.Run(row.rule, func(t *testing.T) {
			local, err := net.ResolveTCPAddr("tcp", row.local)
			must(t, err)
			request := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), http.MethodGet, "/feeds", http.NoBody)
			request.Host, request.RemoteAddr = row.host, row.remote
			w := httptest.NewRecorder()
			front.ServeHTTP(w, request)
			if w.Code != row.want {
				t.Errorf("status %d, want %d", w.Code, row.want)
			}
			checkHeaders(t, "/feeds", w.Header())
		})
	}
}
