package sse

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// redirectTo answers with a redirect and no content type, as many servers do.
func redirectTo(code int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(code)
	}
}

func TestConnectFollowsRedirectsAsFetchDoes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code         int
		method, want string
		body         bool
	}{
		{301, "GET", "GET", false},
		{302, "GET", "GET", false},
		{303, "GET", "GET", false},
		{307, "GET", "GET", false},
		{308, "GET", "GET", false},
		{301, "POST", "GET", false},
		{302, "POST", "GET", false},
		{303, "POST", "GET", false},
		{307, "POST", "POST", true},
		{308, "POST", "POST", true},
		{301, "PUT", "PUT", true},
		{302, "PUT", "PUT", true},
		{303, "PUT", "GET", false},
	}
	for _, tt := range tests {
		s := &script{answers: []http.HandlerFunc{redirectTo(tt.code, "b?c=d#e"), held("data:x\n\n")}}
		c := &Client{URL: serve(t, s) + "/a/", Method: tt.method, LastEventID: "7", Header: http.Header{
			"Authorization": {"Bearer x"}, "X-Key": {"y"}, "Content-Type": {"text/plain"}, "Host": {"feed.example"},
		}}
		if tt.method != "GET" {
			c.Body = []byte("body")
		}
		stream, err := c.Connect(t.Context())
		if err != nil {
			t.Fatalf("%d %s: %v", tt.code, tt.method, err)
		}
		if ev, err := stream.Next(); err != nil || ev.Data != "x" {
			t.Errorf("got %v, %v", ev, err)
		}
		_ = stream.Close()
		r := s.requests[1]
		got := []string{r.Method, r.URL.String(), r.Host, s.bodies[1], r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.Header.Get("Last-Event-ID"), r.Header.Get("Accept")}
		want := []string{tt.want, "/a/b?c=d", "feed.example", "", "", "Bearer x", "y", "7", "text/event-stream"}
		if tt.body {
			want[3] = "body"
		}
		if tt.want == tt.method {
			want[4] = "text/plain"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d %s (-want +got):\n%s", tt.code, tt.method, diff)
		}
	}
}

func TestRedirectTakesNoSecretsToAnotherOrigin(t *testing.T) {
	t.Parallel()
	target := &script{answers: []http.HandlerFunc{held("data:x\n\n")}}
	to := serve(t, target)
	u, err := url.Parse(serve(t, redirectTo(307, to)))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("name", "password")
	stream, err := (&Client{URL: u.String(), LastEventID: "7", Header: http.Header{
		"Cookie": {"session=1"}, "Authorization": {"Bearer x"}, "X-Api-Key": {"y"}, "User-Agent": {"Tickertape"}, "Host": {"feed.example"},
	}}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	r := target.requests[0]
	want := http.Header{
		"Accept": {"text/event-stream"}, "Accept-Encoding": {"gzip"}, "Cache-Control": {"no-cache"}, "Pragma": {"no-cache"},
		"User-Agent": {"Tickertape"}, "Last-Event-Id": {"7"},
	}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Host != strings.TrimPrefix(to, "http://") {
		t.Errorf("host %s", r.Host)
	}
}

func TestOriginIsSchemeHostAndPort(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		same bool
	}{
		{"http://a/x", "http://A:80/y", true},
		{"https://a", "https://a:443", true},
		{"https://a", "http://a", false},
		{"https://a:80", "http://a", false},
		{"http://a", "http://a:8080", false},
		{"http://a", "http://b.a", false},
	}
	for _, tt := range tests {
		a, errA := url.Parse(tt.a)
		b, errB := url.Parse(tt.b)
		if errA != nil || errB != nil || sameOrigin(a, b) != tt.same {
			t.Errorf("%s and %s: want same origin %v (%v, %v)", tt.a, tt.b, tt.same, errA, errB)
		}
	}
}

func TestRedirectsEndSomewhere(t *testing.T) {
	t.Parallel()
	loop := &script{}
	for range 100 {
		loop.answers = append(loop.answers, redirectTo(302, "/"))
	}
	_, err := runAll(t, &Client{URL: serve(t, loop), Retry: soon})
	var redirect *RedirectError
	if !errors.As(err, &redirect) || loop.count() != 21 {
		t.Errorf("got %v after %d requests", err, loop.count())
	}
	for _, location := range []string{"ftp://127.0.0.1/", "http://", "file:///etc/passwd", "//"} {
		_, err := runAll(t, &Client{URL: serve(t, redirectTo(301, location)), Retry: soon})
		if !errors.As(err, &redirect) {
			t.Errorf("to %q: got %v", location, err)
		}
	}
}

func TestCheckRedirectIsAskedAndObeyed(t *testing.T) {
	t.Parallel()
	no := errors.New("no further than this")
	s := &script{answers: []http.HandlerFunc{redirectTo(302, "/b"), redirectTo(302, "/c"), held("")}}
	base := serve(t, s)
	asked := ""
	hc := &http.Client{CheckRedirect: func(req *http.Request, via []*http.Request) error {
		asked += req.URL.Path + " after " + via[len(via)-1].URL.Path + "; "
		if len(via) == 2 {
			return no
		}
		return nil
	}}
	_, err := (&Client{URL: base + "/a", HTTP: hc}).Connect(t.Context())
	if !errors.Is(err, no) || asked != "/b after /a; /c after /b; " || s.count() != 2 {
		t.Errorf("got %v, asked %q, %d requests", err, asked, s.count())
	}
}

func TestRedirectsSendACookieOnce(t *testing.T) {
	t.Parallel()
	s := &script{answers: []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/"})
			redirectTo(302, "/b")(w, r)
		},
		redirectTo(302, "/c"), held("data:x\n\n"),
	}}
	jar, _ := cookiejar.New(nil)
	stream, err := (&Client{URL: serve(t, s), HTTP: &http.Client{Jar: jar}}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if diff := cmp.Diff([][]string{nil, {"a=1"}, {"a=1"}}, s.headers("Cookie")); diff != "" {
		t.Error(diff)
	}
}

func TestStripRedirectLeavesOnlyWhatIsHarmlessOnceTheOriginWasLeft(t *testing.T) {
	t.Parallel()
	request := func(url string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"x"}, "X-Key": {"y"}, "Accept": {"z"}, "Referer": {"https://a.example/?token=x"}, "Upgrade": {"websocket"}}
		return r
	}
	all := http.Header{"Authorization": {"x"}, "X-Key": {"y"}, "Accept": {"z"}, "Upgrade": {"websocket"}}
	harmless := http.Header{"Accept": {"z"}, "Upgrade": {"websocket"}}
	for _, tt := range []struct {
		hops []string
		want http.Header
	}{
		{[]string{"https://a.example/1", "https://a.example:443/2"}, all},
		{[]string{"https://a.example/1", "https://b.example/2"}, harmless},
		{[]string{"https://a.example/1", "https://a.example:8443/2"}, harmless},
		{[]string{"https://a.example/1", "https://b.example/2", "https://a.example/3"}, harmless}, // b chose where
	} {
		var via []*http.Request
		for _, hop := range tt.hops {
			via = append(via, request(hop))
		}
		last := via[len(via)-1]
		StripRedirect(last, via[:len(via)-1])
		if diff := cmp.Diff(tt.want, last.Header); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.hops, diff)
		}
	}
}
