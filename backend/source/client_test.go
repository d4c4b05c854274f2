package source

import (
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// ask makes one request by a feed's options, and returns the answer's body.
func ask(t *testing.T, world network, f Feed) (string, error) {
	t.Helper()
	c, err := newClient(f, "Tickertape/test", world)
	if err != nil {
		return "", err
	}
	defer c.close()
	resp, err := c.get(t.Context(), f.URL, "", "application/json", nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	in := body{turns: newTurns()}
	defer in.release()
	body, err := in.read(t.Context(), resp, resp.Body, f.maxBody())
	return string(body), err
}

func serveAt(t *testing.T, address string, handler http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// onlyAt is a world in which one server stands on the internet, and all others in
// a private network.
func onlyAt(url string) func(netip.AddrPort) bool {
	at := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://"))
	return func(a netip.AddrPort) bool { return a == at }
}

func TestARequestIsMadeByTheFeedsOptions(t *testing.T) {
	seen := func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s|%s|%s|%s:%s|%s|%s", r.Method, r.URL, body, r.UserAgent(), r.Header.Get("Accept"), user, password, r.Header.Get("Authorization"), r.Header.Get("X-Key"))
	}
	url := serveAt(t, "127.0.0.1:0", http.HandlerFunc(seen))
	for name, tt := range map[string]struct {
		change func(*Feed)
		want   string
	}{
		"plain":       {func(*Feed) {}, "GET /a?b=c |Tickertape/test|application/json|:||"},
		"a body":      {func(f *Feed) { f.Body = "{{secret}}" }, "POST /a?b=c |Tickertape/test|application/json|:||"},
		"a method":    {func(f *Feed) { f.Method, f.Body = "QUERY", "x" }, "QUERY /a?b=c x|Tickertape/test|application/json|:||"},
		"an agent":    {func(f *Feed) { f.UserAgent = "me" }, "GET /a?b=c |me|application/json|:||"},
		"headers":     {func(f *Feed) { f.Headers = map[string]string{"accept": "x/y", "user-agent": "you"} }, "GET /a?b=c |you|x/y|:||"},
		"basic":       {func(f *Feed) { f.Auth = Auth{Type: AuthBasic, User: "u", Secret: "p"} }, "GET /a?b=c |Tickertape/test|application/json|u:p|Basic dTpw|"},
		"bearer":      {func(f *Feed) { f.Auth = Auth{Type: AuthBearer, Secret: "p"} }, "GET /a?b=c |Tickertape/test|application/json|:|Bearer p|"},
		"header":      {func(f *Feed) { f.Auth = Auth{Type: AuthHeader, Name: "x-key", Secret: "p"} }, "GET /a?b=c |Tickertape/test|application/json|:||p"},
		"query":       {func(f *Feed) { f.Auth = Auth{Type: AuthQuery, Name: "k", Secret: "p&q"} }, "GET /a?b=c&k=p%26q |Tickertape/test|application/json|:||"},
		"a template":  {func(f *Feed) { f.Headers, f.Auth.Secret = map[string]string{"X-Key": "k={{secret}}"}, "p" }, "GET /a?b=c |Tickertape/test|application/json|:||k=p"},
		"in the body": {func(f *Feed) { f.Body, f.Auth.Secret = `["{{secret}}"]`, "p" }, `POST /a?b=c ["p"]|Tickertape/test|application/json|:||`},
	} {
		f := pollFeed(KindPoll, url+"/a?b=c")
		tt.change(&f)
		got, err := ask(t, newNetwork(), f)
		if err != nil || got != tt.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, tt.want)
		}
	}
}

func TestRedirectsKeepToThePolicy(t *testing.T) {
	var target string
	headers := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("X-Api-Key"), r.Header.Get("Cookie"), r.Referer(), "|", r.UserAgent())
	}
	other := serveAt(t, "127.0.0.1:0", http.HandlerFunc(headers))
	mux := http.NewServeMux()
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/headers", http.StatusFound) })
	mux.HandleFunc("/headers", headers)
	plain := serveAt(t, "127.0.0.1:0", mux)
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()

	f := pollFeed(KindPoll, plain+"/here?token=hunter2")
	f.Auth = Auth{Type: AuthBearer, Secret: "hunter2"}
	f.Headers = map[string]string{"X-Api-Key": "k", "Cookie": "c"}
	if got, err := ask(t, newNetwork(), f); err != nil || got != "Bearer hunter2kc|Tickertape/test" {
		t.Errorf("the same host gets %q, %v", got, err)
	}
	target, f.URL = other, plain+"/away?token=hunter2"
	if got, err := ask(t, newNetwork(), f); err != nil || got != "|Tickertape/test" {
		t.Errorf("another host gets %q, %v", got, err)
	}
	f.URL = plain + "/loop"
	_, err := ask(t, newNetwork(), f)
	if got := Explain(f.URL, err); got != "The server redirected more than 5 times." {
		t.Errorf("a loop: %q (%v)", got, err)
	}
	f.URL, f.Insecure = secure.URL+"/away", true
	_, err = ask(t, newNetwork(), f)
	if v := explain(f.URL, err); !strings.Contains(v.cause, "from https:// to http://") || v.state != Failed {
		t.Errorf("to plain text: %+v (%v)", v, err)
	}
}

func TestAKeyInABodyOrScriptIsNotTakenToAnotherHost(t *testing.T) {
	var reached atomic.Int32
	other := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	other = strings.Replace(other, "127.0.0.1", "localhost", 1) // the same by another name
	from := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other, http.StatusTemporaryRedirect)
	}))
	for name, change := range map[string]func(*Feed){
		"a body":                 func(f *Feed) { f.Body = `{"password":"hunter2"}` },
		"a body with the mark":   func(f *Feed) { f.Body, f.Auth.Secret = "{{secret}}", "hunter2" },
		"a stream's body":        func(f *Feed) { f.Kind, f.Body = KindSSE, `{"password":"hunter2"}` },
		"a script with the mark": func(f *Feed) { f.Kind, f.Script = KindWebSocket, []Step{{Send: "{{secret}}"}} },
		"a script with a key":    func(f *Feed) { f.Kind, f.Script = KindWebSocket, []Step{{Send: `{"token":"hunter2"}`}} },
	} {
		f := pollFeed(KindPoll, from)
		change(&f)
		s, _ := supervise(t, f)
		if h := wait(t, s, func(h Health) bool { return h.Cause != "" }); !strings.Contains(h.Cause, "must not get the feed's key") || reached.Load() > 0 {
			t.Errorf("%s: %s %q", name, h.State, h.Cause)
		}
	}
	f := pollFeed(KindPoll, from)
	f.Body = "harmless"
	if _, err := ask(t, newNetwork(), f); err != nil || reached.Load() != 1 {
		t.Errorf("a harmless body: %v", err)
	}
}

func TestNoRedirectLeadsFromThePublicNetworkToAPrivateOne(t *testing.T) {
	var reached atomic.Bool
	private := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(private, "http://"))
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:"+port+"/admin", http.StatusFound) // a name: only its address tells
	}
	outside := serveAt(t, "127.0.0.1:0", http.HandlerFunc(redirect))
	inside := serveAt(t, "127.0.0.1:0", http.HandlerFunc(redirect))
	world := newNetwork()
	world.public = onlyAt(outside)
	for _, kind := range []string{KindPoll, KindSSE, KindWebSocket, KindNDJSON} {
		f := pollFeed(kind, outside)
		s, _ := superviseIn(t, world, f)
		if h := wait(t, s, is(Failed)); !strings.Contains(h.Cause, "private network") || reached.Load() {
			t.Errorf("%s: %q, reached %v", kind, h.Cause, reached.Load())
		}
	}
	if _, err := ask(t, world, pollFeed(KindPoll, inside)); err != nil || !reached.Load() {
		t.Errorf("from one private address to another: %v", err)
	}
}

func TestPublicAddressesAreThoseThatAnybodyCanReach(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2001:4860:4860::8888": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "::": false, "100.64.0.1": false, "fe80::1": false, "fd00::1": false, "::ffff:10.0.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "64:ff9b::a00:1": false, "198.18.0.1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public %v", address, got)
		}
	}
}

func TestAnAnswerIsLimitedByWhatItUnpacksTo(t *testing.T) {
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write(make([]byte, 1<<20))
	zip.Close()
	url := serveAt(t, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/large":
			w.Write(make([]byte, 1<<20))
		case "/damaged":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(append(bomb.Bytes()[:12:12], "\xff\xff\xff\xff\xff\xff\xff"...))
		case "/unasked":
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte("x"))
		case "/cut":
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("x"))
		}
	}))
	for path, sentence := range map[string]string{
		"/bomb": "unpacks to more than 64 KiB", "/large": "has more than 64 KiB", "/damaged": "compressed, but is damaged",
		"/unasked": `unknown content encoding "br"`, "/cut": "was cut",
	} {
		f := pollFeed(KindPoll, url+path)
		f.MaxBody = 64 << 10
		_, err := ask(t, newNetwork(), f)
		if got := Explain(f.URL, err); !strings.Contains(got, sentence) {
			t.Errorf("%s: %q (%v)", path, got, err)
		}
	}
}

func TestCertificatesAreTrustedAsTheFeedSays(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	pemBytes := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, pemBytes, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Feed)
		want   string
	}{
		"by default":   {func(*Feed) {}, "an authority that this computer doesn't know"},
		"any":          {func(f *Feed) { f.Insecure = true }, ""},
		"its own":      {func(f *Feed) { f.CA = file }, ""},
		"a lost file":  {func(f *Feed) { f.CA = file + "x" }, "can't be read"},
		"an odd file":  {func(f *Feed) { f.CA = empty }, "holds none"},
		"a dead proxy": {func(f *Feed) { f.Proxy = "http://127.0.0.1:1" }, "Connection refused"},
	} {
		f := pollFeed(KindPoll, server.URL)
		tt.change(&f)
		_, err := ask(t, newNetwork(), f)
		if tt.want == "" && err == nil {
			continue
		}
		if got := Explain(f.URL, err); err == nil || !strings.Contains(got, tt.want) || tt.want == "" {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
}

func TestNoErrorRepeatsAKey(t *testing.T) {
	f := pollFeed(KindPoll, "http://127.0.0.1:1/?token=hunter2")
	f.Auth = Auth{Type: AuthQuery, Name: "k", Secret: "hunter2"}
	for _, kind := range []string{KindPoll, KindSSE, KindNDJSON, KindWebSocket, KindRSS, KindLongPoll} {
		f.Kind = kind
		s, _ := supervise(t, f)
		h := wait(t, s, is(Retrying))
		if log := fmt.Sprint(h, s.Log("x")); strings.Contains(log, "hunter2") || !strings.Contains(h.Cause, "Connection refused") {
			t.Errorf("%s: %s", kind, log)
		}
	}
}
