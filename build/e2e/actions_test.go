//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tickertape/backend/engine"
)

const (
	wikimedia     = "stream.wikimedia.org"
	recentChanges = "https://" + wikimedia + "/v2/stream/recentchange"
)

// An address is in the clipboard of somebody who has never seen the window. Three actions later the first of its
// events is in the tape. The simulator plays the service, behind a proxy and a certificate that the settings name.
func TestWindowLeadsFromAnAddressToItsEventsInThreeActions(t *testing.T) {
	feeds := simulated(t)
	d := newDesk(t)
	d.playWikimedia(t, feeds)
	d.open(t)
	d.sees(t, 10*time.Second, "the open stream", shown(byHook("stream-state")+`[data-state="open"]`, ""))
	d.copies(t, recentChanges)

	actions := [3]func(){
		func() { must(t, d.Click(t.Context(), "nav.rail > .add")) },
		func() {
			must(t, d.Press(t.Context(), "ctrl+v"))
			d.sees(t, 20*time.Second, "its first events", shown(byHook("feed-preview")+" li", ""))
			d.sees(t, 5*time.Second, "the key Enter to save", "document.activeElement === document.querySelector("+js(byHook("add-feed-submit"))+")")
		},
		func() { must(t, d.Press(t.Context(), "Return")) },
	}
	for _, act := range actions {
		act()
	}
	d.sees(t, 10*time.Second, "its events in the tape", shown(byHook("tape-row")+`:not([data-feed="clock"])`, ""))

	// Who pastes an address where there is nothing to write in needs two.
	d.copies(t, feeds+"/sse/mastodon")
	d.click(t, "tab-tape")
	must(t, d.Press(t.Context(), "ctrl+v"))
	d.sees(t, 20*time.Second, "its first events", shown(byHook("feed-preview")+" li", ""))
	must(t, d.Stop())
}

// copies leaves the text in the clipboard, as somebody would who has copied it in another program.
func (d *desk) copies(t *testing.T, text string) {
	t.Helper()
	must(t, d.Eval(t.Context(), `void (() => {
		const area = document.createElement('textarea');
		area.id = 'copied';
		area.value = `+js(text)+`;
		document.body.append(area);
		area.addEventListener('copy', () => setTimeout(() => area.remove()));
		area.select();
	})()`, nil))
	must(t, d.Press(t.Context(), "ctrl+c"))
	d.sees(t, 5*time.Second, "the text to be copied", "document.querySelector('#copied') === null")
}

// playWikimedia lets the window's feeds find the simulator where Wikimedia is: by a proxy that leads there, and an
// authority that vouches for it.
func (d *desk) playWikimedia(t *testing.T, feeds string) {
	t.Helper()
	certificate, authority := vouchedFor(t, wikimedia)
	to, err := url.Parse(feeds)
	must(t, err)
	service := httptest.NewUnstartedServer(passOn(to))
	service.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	service.StartTLS()
	t.Cleanup(service.Close)
	proxy := httptest.NewServer(tunnel(wikimedia+":443", service.Listener.Addr().String()))
	t.Cleanup(proxy.Close)

	ca := filepath.Join(d.data, "authority.pem")
	must(t, os.WriteFile(ca, authority, 0o600))
	d.configure(t, "network", map[string]string{"proxy": proxy.URL, "ca": ca})
}

// configure writes a member into the settings of a program that doesn't run.
func (d *desk) configure(t *testing.T, member string, value any) {
	t.Helper()
	path := filepath.Join(d.data, engine.SettingsFile)
	text, err := os.ReadFile(path)
	must(t, err)
	var document map[string]any
	must(t, json.Unmarshal(text, &document))
	document[member] = value
	text, err = json.Marshal(document)
	must(t, err)
	must(t, os.WriteFile(path, text, 0o600))
}

// passOn answers a request as another server does, each part as it comes.
func passOn(to *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := r.Clone(r.Context())
		request.RequestURI, request.URL.Scheme, request.URL.Host, request.Host = "", to.Scheme, to.Host, ""
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		part := make([]byte, 32<<10)
		for {
			n, err := response.Body.Read(part)
			if _, gone := w.Write(part[:n]); gone != nil || err != nil {
				return // the reader sees the end
			}
			w.(http.Flusher).Flush()
		}
	})
}

// tunnel is an HTTP proxy that knows one host, and where to find it.
func tunnel(host, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != host {
			http.Error(w, "this proxy leads to "+host+" alone", http.StatusForbidden)
			return
		}
		there, err := net.Dial("tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return // the client sees the end
		}
		defer here.Close()
		if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			return
		}
		go func() {
			_, _ = io.Copy(there, here) // until one of them is closed, below
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
	})
}

// vouchedFor makes a certificate for the host, and the authority that vouches for it.
func vouchedFor(t *testing.T, host string) (tls.Certificate, []byte) {
	t.Helper()
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority of a test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	must(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, authority, key.Public(), authorityKey)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})
}
