package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"tickertape/backend/server"
	"tickertape/backend/source"
	"tickertape/backend/sse"
)

// trust is whose certificates a command takes: those that the system takes, the
// one that the front door on the same data folder has made, and those of a file.
type trust struct {
	dataDir *string
	ca      string // a PEM file; "" for none
}

func (t *trust) flag(flags *pflag.FlagSet) {
	flags.StringVar(&t.ca, "ca", "", "a PEM `file` of certificates to trust besides the system's, such as "+server.CertificateFile+" of another computer")
}

// client is one for requests; release closes its connections.
func (t *trust) client() (client *http.Client, release func(), err error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	// It names this computer alone, so that nobody else could show it.
	if own, err := os.ReadFile(filepath.Join(*t.dataDir, server.CertificateFile)); err == nil {
		roots.AppendCertsFromPEM(own)
	}
	if t.ca != "" {
		given, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, nil, fmt.Errorf("--ca: %w", err)
		}
		if !roots.AppendCertsFromPEM(given) {
			return nil, nil, fmt.Errorf("--ca %s holds no certificate: it must be in PEM form", t.ca)
		}
	}
	const connectTimeout = 30 * time.Second
	transport, release := sse.NewTransport(new(net.Dialer).DialContext, connectTimeout)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, release, nil
}

// explain says in plain words why a request failed, and what helps where a
// front door shows a certificate of its own.
func explain(url string, err error) string {
	reason := source.Explain(url, err)
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		reason += " If it is a front door with a certificate of its own: copy " + server.CertificateFile + " from its data folder, and give it by --ca."
	}
	return reason
}
