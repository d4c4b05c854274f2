package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"tickertape/backend/settings"
)

// trust makes the rig's client trust the door's certificate, and nothing else.
func (r *rig) trust(t *testing.T) *http.Client {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(r.cfg.DataDir, ownCert))
	must(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		t.Fatal("no certificate in the file")
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
}

func (r *rig) setTLS(t *testing.T, cfg settings.TLS) {
	t.Helper()
	must(t, r.cfg.Settings.Update(t.Context(), func(s *settings.Settings) error {
		s.Front.TLS = cfg
		return nil
	}))
	r.front.adjust()
}

func TestEveryRouteOfTheFrontDoorSpeaksTLS(t *testing.T) {
	r := build{feeds: pushFeeds + "," + paused("a")}.run(t)
	plain := r.client
	r.setTLS(t, settings.TLS{Mode: settings.TLSOwn})
	shown, err := os.ReadFile(r.Front().Certificate)
	must(t, err)
	if !strings.HasPrefix(string(shown), "-----BEGIN CERTIFICATE-----") || strings.Contains(string(shown), "KEY") {
		t.Errorf("to be trusted: %s", shown)
	}
	if !strings.HasPrefix(r.frontURL(), "https://127.0.0.1:") || len(r.Front().Fingerprint) != 64 || time.Until(*r.Front().Expires) < ownSpare {
		t.Fatalf("the door: %+v", r.Front())
	}
	r.client = r.trust(t)
	token := r.token(t, "p", settings.ScopePublish)
	r.add(t, count("a", 1, 3)...)
	stream := r.read(t, ask{path: "/event_stream?feed=a&last=3&format=json"})
	for n := 1; n <= 3; n++ {
		if e := stream.next(t); !strings.Contains(e.Data, fmt.Sprintf(`"text":"a %d"`, n)) {
			t.Errorf("event %d is %s", n, e.Data)
		}
	}
	diff(t, "a poll", []string{"a 2", "a 3"}, r.poll(t, "feed=a&last=2").texts())
	for _, path := range []string{"/", "/basic", "/feeds", "/events", "/healthz", "/metrics", "/openapi.json"} {
		response, err := r.client.Get(r.frontURL() + path)
		must(t, err)
		response.Body.Close()
		if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
			t.Errorf("%s: %d by %s", path, response.StatusCode, response.Proto)
		}
		checkHeaders(t, path, response.Header)
	}
	if got := r.do(t, ask{method: "POST", path: "/feeds/hooks/events", body: "x", header: map[string]string{"Authorization": "Bearer " + token}}); got.status != http.StatusAccepted {
		t.Errorf("publish: %d %s", got.status, got.body)
	}
	// WebSocket is HTTP/1.1's, whatever else there is.
	one := r.trust(t)
	one.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	one.Transport.(*http.Transport).TLSClientConfig.NextProtos = []string{"http/1.1"}
	conn, _, err := websocket.Dial(t.Context(), r.frontURL()+"/ws?feed=a&last=1", &websocket.DialOptions{HTTPClient: one, HTTPHeader: http.Header{"Origin": {r.frontURL()}}})
	must(t, err)
	if got := (wsReading{conn}).next(t); !strings.Contains(got, `"text":"a 3"`) {
		t.Errorf("by WebSocket: %s", got)
	}
	for name, want := range map[string]int{"localhost": 200, "rebind.example": 403, "127.0.0.2": 403} {
		if got := r.do(t, ask{path: "/feeds", header: map[string]string{"Host": name + ":" + port(t, strings.Replace(r.frontURL(), "https", "http", 1))}}); got.status != want {
			t.Errorf("as %s: %d, want %d", name, got.status, want)
		}
	}
	r.do(t, ask{path: "/feeds", header: map[string]string{"Origin": strings.Replace(r.frontURL(), "https", "http", 1)}}).problem(t, http.StatusForbidden)
	if response, err := plain.Get(strings.Replace(r.frontURL(), "https", "http", 1) + "/feeds"); err == nil {
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("without TLS: %d", response.StatusCode)
		}
	}
	r.setTLS(t, settings.TLS{})
	if !strings.HasPrefix(r.frontURL(), "http://") || r.Front().Fingerprint != "" {
		t.Errorf("switched off: %+v", r.Front())
	}
	if _, err := stream.decoder.Next(); err == nil {
		t.Error("a stream goes on at a door that was closed")
	}
}

func TestTheOwnCertificateIsKeptAndRenewed(t *testing.T) {
	path := filepath.Join(t.TempDir(), ownCert)
	now := time.Now()
	read := func(names []string, now time.Time) []byte {
		t.Helper()
		cert, err := ownCertificate(path, names, now)
		must(t, err)
		for _, name := range names {
			must(t, cert.Leaf.VerifyHostname(name))
		}
		if now.After(cert.Leaf.NotAfter) || now.Before(cert.Leaf.NotBefore) {
			t.Errorf("at %v it is valid from %v to %v", now, cert.Leaf.NotBefore, cert.Leaf.NotAfter)
		}
		return cert.Certificate[0]
	}
	names := ownNames()
	first := read(names, now)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if !slices.Equal(first, read(names, now.Add(300*24*time.Hour))) {
		t.Error("it is made anew without need")
	}
	second := read(names, now.Add(340*24*time.Hour))
	if slices.Equal(first, second) {
		t.Error("it isn't renewed before it ends")
	}
	if third := read(append(names, "192.0.2.55"), now.Add(340*24*time.Hour)); slices.Equal(second, third) {
		t.Error("a new address of this computer is not in it")
	}
	must(t, os.WriteFile(path, []byte("nonsense"), 0o600))
	read(names, now)
}

func TestTheUsersOwnCertificateIsTakenAndReadAgain(t *testing.T) {
	r := build{}.run(t)
	path := filepath.Join(t.TempDir(), "cert.pem")
	write := func(name string) {
		data, err := makeCertificate([]string{name, "127.0.0.1"}, time.Now())
		must(t, err)
		must(t, os.WriteFile(path, data, 0o600))
	}
	write("tape.example")
	r.setTLS(t, settings.TLS{Mode: settings.TLSFiles, Cert: path, Key: path})
	before := r.Front().Fingerprint
	r.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	if got := r.do(t, ask{path: "/feeds", header: map[string]string{"Host": "tape.example"}}); got.status != 200 {
		t.Errorf("by the certificate's name: %d", got.status)
	}
	cert := r.front.certificate.Load()
	write("other.example")
	if renewed, err := cert.current(time.Now().Add(2 * certAge)); err != nil || renewed.Leaf.VerifyHostname("other.example") != nil {
		t.Errorf("it isn't read again: %v", err)
	}
	if shownBy(cert) == before {
		t.Error("the fingerprint stays")
	}
	must(t, os.WriteFile(path, nil, 0o600))
	if _, err := cert.current(time.Now().Add(9 * certAge)); err != nil {
		t.Errorf("a file that is being written closes the door: %v", err)
	}
	r.setTLS(t, settings.TLS{Mode: settings.TLSFiles, Cert: path, Key: path + ".nowhere"})
	if state := r.Front(); state.State != DoorFailed || !strings.Contains(state.Note, "certificate") {
		t.Errorf("%+v", state)
	}
}

func shownBy(c *certificate) string {
	fingerprint, _ := c.described()
	return fingerprint
}
