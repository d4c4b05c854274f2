package source

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority makes certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // of its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	pair := a.issue(t, func(c *x509.Certificate) { c.IsCA, c.Subject.CommonName = true, "Test Authority" })
	a.cert, a.key = pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey)
	a.file = writePEM(t, "CERTIFICATE", a.cert.Raw)
	return a
}

// issue makes a certificate for this computer, signed by the authority, or by
// itself where there is none yet.
func (a *authority) issue(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "feed.example"}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"feed.example", "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	change(template)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// files are the pair as people keep it.
func files(t *testing.T, pair tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, "CERTIFICATE", pair.Leaf.Raw), writePEM(t, "PRIVATE KEY", der)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// tlsServer is one with a certificate of a test's authority.
type tlsServer struct {
	*httptest.Server
	caFile string
}

func startTLS(t *testing.T, a *authority, handler http.Handler, change func(*tls.Config)) tlsServer {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{a.issue(t, func(*x509.Certificate) {})}}
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return tlsServer{server, a.file}
}

// listen is another listener with the server's certificate.
func (s tlsServer) listen(t *testing.T) net.Listener {
	t.Helper()
	return tls.NewListener(listen(t), &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12})
}

func TestTheAuthoritiesOfTheFeedAndOfAllFeedsAreTrusted(t *testing.T) {
	mine, other := newAuthority(t), newAuthority(t)
	server := startTLS(t, mine, say("ok"), nil)
	for _, tt := range []struct {
		own, global string
		good        bool
	}{
		{"", "", false}, {mine.file, "", true}, {"", mine.file, true}, {other.file, mine.file, true}, {mine.file, other.file, true}, {other.file, other.file, false},
	} {
		f := pollFeed(KindPoll, server.URL)
		f.CA, f.Defaults.CA = tt.own, tt.global
		if _, err := ask(t, newNetwork(), f); (err == nil) != tt.good {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestAClientCertificateIsForTheFeedsOwnHost(t *testing.T) {
	ca := newAuthority(t)
	who := func(w http.ResponseWriter, r *http.Request) {
		for _, cert := range r.TLS.PeerCertificates {
			fmt.Fprint(w, cert.Subject.CommonName)
		}
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	mutual := func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, pool }
	server := startTLS(t, ca, http.HandlerFunc(who), mutual)
	required := startTLS(t, ca, http.HandlerFunc(who), func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool })
	away := startTLS(t, ca, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
	}), mutual)
	cert, key := files(t, ca.issue(t, func(c *x509.Certificate) { c.Subject.CommonName = "me" }))
	otherCert, _ := files(t, newAuthority(t).issue(t, func(*x509.Certificate) {}))
	both := filepath.Join(t.TempDir(), "both.pem")
	var text []byte
	for _, file := range []string{cert, key} {
		part, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	if err := os.WriteFile(both, text, 0o600); err != nil {
		t.Fatal(err)
	}
	pasted := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, tt := range map[string]struct {
		url, cert, key string
		want           string
		problem        string
	}{
		"both pasted":            {server.URL, pasted(cert), pasted(key), "me", ""},
		"both pasted in one":     {server.URL, pasted(both), "", "me", ""},
		"one pasted, one a file": {server.URL, cert, pasted(key), "me", ""},
		"none":                   {server.URL, "", "", "", ""},
		"one":                    {server.URL, cert, key, "me", ""},
		"both in a file":         {server.URL, both, "", "me", ""},
		"one that is wanted":     {required.URL, cert, key, "me", ""},
		"none, but it is wanted": {required.URL, "", "", "", "wants a client certificate"},
		"at another host":        {away.URL, cert, key, "", ""},
		"a lost file":            {server.URL, cert + "x", key, "", "client certificate can't be read"},
		"a lost key":             {server.URL, cert, key + "x", "", "certificate's key can't be read"},
		"another one's key":      {server.URL, otherCert, key, "", "can't be used"},
		"no key":                 {server.URL, cert, "", "", "the key without a password"},
	} {
		f := pollFeed(KindPoll, tt.url)
		f.CA, f.ClientCert, f.ClientKey = ca.file, tt.cert, tt.key
		got, err := ask(t, newNetwork(), f)
		if got != tt.want || (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(Explain(f.URL, err), tt.problem) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if f.UsesSecret() != (tt.cert != "") {
			t.Errorf("%s: uses a secret: %v", name, f.UsesSecret())
		}
	}
}

func TestAPastedKeyIsASecretAndItsCertificateIsNot(t *testing.T) {
	cert, key := files(t, newAuthority(t).issue(t, func(*x509.Certificate) {}))
	read := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	f := pollFeed(KindPoll, "https://a.example/")
	f.ID, f.Name, f.ClientCert, f.ClientKey, f.CA = "a", "A", read(cert), read(key), read(cert)
	if problems := f.Problems(); len(problems) > 0 {
		t.Error(problems)
	}
	shown := f.Masked()
	if shown.ClientCert != f.ClientCert || shown.ClientKey != Mask || len(shown.Problems()) > 0 {
		t.Errorf("%q, %q, %v", shown.ClientCert, shown.ClientKey, shown.Problems())
	}
	if back := shown.Unmasked(f); back.ClientKey != f.ClientKey {
		t.Errorf("%q", back.ClientKey)
	}
	stored := f.MapSecrets(func(string, string) string { return SecretRef("k") })
	if len(stored.Problems()) > 0 || stored.Resolved(map[string]string{"k": f.ClientKey}).ClientKey != f.ClientKey {
		t.Errorf("%q, %v", stored.ClientKey, stored.Problems())
	}
	if f.ClientKey, f.ClientCert = key, f.ClientCert+f.ClientKey; f.Masked().ClientKey != key || f.Masked().ClientCert != Mask {
		t.Error("a path is no secret, and a key beside its certificate is one")
	}
	f.ClientCert, f.ClientKey, f.CA = "cert.pem", "-----BEGIN nonsense", "ca.pem"
	if problems := f.Problems(); problems["clientCert"] == "" || problems["clientKey"] == "" || problems["ca"] == "" {
		t.Error(problems)
	}
}

func TestNoTLSBefore12IsSpoken(t *testing.T) {
	server := startTLS(t, newAuthority(t), say("ok"), func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	f := pollFeed(KindPoll, server.URL)
	f.Insecure = true
	_, err := ask(t, newNetwork(), f)
	if got := Explain(f.URL, err); !strings.Contains(got, "no longer safe (before 1.2)") {
		t.Errorf("%q (%v)", got, err)
	}
}

func TestACertificateThatIsNotValidIsThereToBeJudged(t *testing.T) {
	ca := newAuthority(t)
	for name, tt := range map[string]struct {
		change   func(*x509.Certificate)
		insecure bool
		ca       string
		problem  string // "" for none
		known    bool   // whether it is kept
	}{
		"a good one":             {func(*x509.Certificate) {}, false, ca.file, "", false},
		"a good one, unchecked":  {func(*x509.Certificate) {}, true, ca.file, "", true},
		"a stranger's":           {func(*x509.Certificate) {}, false, "", "doesn't know", true},
		"a stranger's, accepted": {func(*x509.Certificate) {}, true, "", "doesn't know", true},
		"an old one":             {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, true, ca.file, "has expired", true},
		"another host's":         {func(c *x509.Certificate) { c.IPAddresses = nil }, false, ca.file, "made for another name", true},
		"another's, accepted":    {func(c *x509.Certificate) { c.IPAddresses = nil }, true, ca.file, "made for another name", true},
	} {
		pair := ca.issue(t, tt.change)
		server := startTLS(t, ca, http.HandlerFunc(kinds), func(c *tls.Config) { c.Certificates = []tls.Certificate{pair} })
		f := pollFeed(KindSSE, server.URL+"/sse")
		f.Insecure, f.CA = tt.insecure, tt.ca
		s, _ := supervise(t, f)
		wait(t, s, is(Retrying)) // the certificate is refused, or the stream has ended
		got := s.Certificate("x")
		if (got != nil) != tt.known {
			t.Fatalf("%s: %+v", name, got)
		}
		probed := Probe(t.Context(), f.URL, ProbeConfig{With: Feed{Insecure: tt.insecure, Connection: Connection{CA: tt.ca}}}).Certificate
		if got == nil {
			if probed != nil {
				t.Errorf("%s: probed %+v", name, probed)
			}
			continue
		}
		sum := sha256.Sum256(pair.Leaf.Raw)
		if got.SHA256 != hex.EncodeToString(sum[:]) || got.Subject != "CN=feed.example" || got.Issuer != "CN=Test Authority" || !got.NotAfter.Equal(pair.Leaf.NotAfter) {
			t.Errorf("%s: %+v", name, got)
		}
		if !strings.Contains(got.Problem, tt.problem) || (got.Problem == "") != (tt.problem == "") {
			t.Errorf("%s: %q, want %q", name, got.Problem, tt.problem)
		}
		if probed == nil || probed.SHA256 != got.SHA256 || probed.Problem != got.Problem {
			t.Errorf("%s: probed %+v", name, probed)
		}
	}
	if s, _ := supervise(t, pollFeed(KindPoll, "http://127.0.0.1:1/")); s.Certificate("x") != nil || s.Certificate("y") != nil {
		t.Error("a certificate from nowhere")
	}
}
