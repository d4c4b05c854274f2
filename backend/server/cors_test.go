package server

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"tickertape/backend/settings"
)

func TestTheFrontDoorAllowsTheOriginsOfItsOwnerAlone(t *testing.T) {
	r := build{feeds: pushFeeds}.run(t)
	const allowed = "https://board.example:8443"
	must(t, r.cfg.Settings.Update(t.Context(), func(s *settings.Settings) error {
		s.Front.Origins = []string{allowed}
		return nil
	}))
	cross := func(origin string) map[string]string {
		return map[string]string{"Origin": origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Access-Control-Request-Method": "POST"}
	}
	for _, origin := range []string{"https://evil.example", "null", allowed + "/", strings.ToUpper(allowed), "http://board.example:8443", "https://board.example", allowed + ".evil.example"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			got := r.do(t, ask{method: method, path: "/feeds", header: cross(origin)})
			got.problem(t, http.StatusForbidden)
			if got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s from %s is allowed", method, origin)
			}
		}
	}
	got := r.do(t, ask{path: "/feeds", header: cross(allowed)})
	if got.status != http.StatusOK || got.header.Get("Access-Control-Allow-Origin") != allowed || got.header.Get("Vary") != "Origin" {
		t.Errorf("from an allowed origin: %d %v", got.status, got.header)
	}
	preflight := r.do(t, ask{method: "OPTIONS", path: "/feeds/hooks/events", header: cross(allowed)})
	if preflight.status != http.StatusNoContent || preflight.header.Get("Access-Control-Allow-Methods") != "GET, POST" ||
		!strings.HasPrefix(preflight.header.Get("Access-Control-Allow-Headers"), "Authorization,") {
		t.Errorf("a preflight: %d %v", preflight.status, preflight.header)
	}
	r.do(t, ask{method: "POST", path: "/feeds/hooks/events", body: "x", header: cross(allowed)}).problem(t, http.StatusUnauthorized)
	published := cross(allowed)
	published["Authorization"] = "Bearer " + r.token(t, "p", settings.ScopePublish)
	if got := r.do(t, ask{method: "POST", path: "/feeds/hooks/events", body: "x", header: published}); got.status != http.StatusAccepted || got.header.Get("Access-Control-Allow-Origin") != allowed {
		t.Errorf("publishing: %d %s", got.status, got.body)
	}
	conn, _, err := websocket.Dial(t.Context(), r.frontURL()+"/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {allowed}}})
	must(t, err)
	must(t, conn.Close(websocket.StatusNormalClosure, ""))
	// A page of that site that asks without saying who it is, as an image does, gets nothing.
	r.do(t, ask{path: "/feeds", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}}).problem(t, http.StatusForbidden)
}

func TestATokenInTheQueryOpensStreamsAlone(t *testing.T) {
	r := build{feeds: pushFeeds}.run(t)
	reading, publishing := r.token(t, "r", settings.ScopeRead), r.token(t, "p", settings.ScopePublish)
	front := r.guardFront(r.mux(r.frontRoutes()))
	for _, row := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/event_stream?format=x&access_token=" + reading, 400}, // the stream's own, behind the guard
		{"GET", "/event_stream?format=x&access_token=" + publishing, 403},
		{"GET", "/event_stream?format=x&access_token=wrong", 401},
		{"GET", "/event_stream?format=x&access_token=", 401},
		{"GET", "/event_stream?format=x", 401},
		{"GET", "/ws?access_token=" + reading, 426},
		{"GET", "/poll?access_token=" + reading, 401},
		{"GET", "/feeds?access_token=" + reading, 401},
		{"GET", "/event_stream/?access_token=" + reading, 401},
		{"POST", "/feeds/hooks/events?access_token=" + publishing, 401},
	} {
		local := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 5000}
		request := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), row.method, row.path, http.NoBody)
		request.Host, request.RemoteAddr = "192.168.1.5:5000", "192.168.1.7:40000"
		w := httptest.NewRecorder()
		front.ServeHTTP(w, request)
		if w.Code != row.want {
			t.Errorf("%s %s: %d, want %d: %s", row.method, row.path[:20], w.Code, row.want, w.Body)
		}
	}
	// A stream that came in so ends with its token, too.
	stream := r.read(t, ask{path: "/event_stream?access_token=" + reading})
	r.revoke(t, "r")
	r.front.adjust()
	for err := error(nil); err == nil; { // until it ends
		_, err = stream.decoder.Next()
	}
	if strings.Contains(r.log.String(), reading) {
		t.Error("the log has the token")
	}
}
