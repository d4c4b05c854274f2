package source

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Certificate is one that a feed's server has shown, for a person to judge.
type Certificate struct {
	Host      string    `json:"host"` // that showed it
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"` // the hosts it was made for; the first ones of many
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	SHA256    string    `json:"sha256"`            // of the whole certificate, in hexadecimal digits
	Problem   string    `json:"problem,omitempty"` // why it isn't valid, in a sentence
	At        time.Time `json:"at"`                // when it was shown
}

// A certificate may be large, and is a stranger's.
const (
	maxCertNames = 20
	maxCertName  = 256
)

func describe(cert *x509.Certificate, host, problem string) *Certificate {
	sum := sha256.Sum256(cert.Raw)
	c := &Certificate{
		Host: host, Subject: cutText(cert.Subject.String()), Issuer: cutText(cert.Issuer.String()),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(), SHA256: hex.EncodeToString(sum[:]), Problem: problem, At: time.Now(),
	}
	for _, name := range cert.DNSNames {
		c.Names = append(c.Names, cutText(name))
	}
	for _, ip := range cert.IPAddresses {
		c.Names = append(c.Names, ip.String())
	}
	c.Names = c.Names[:min(len(c.Names), maxCertNames)]
	return c
}

func cutText(s string) string {
	if len(s) <= maxCertName {
		return s
	}
	return s[:maxCertName]
}

// refusedCertificate is the one for which a connection failed; nil for none.
func refusedCertificate(err error, host string) *Certificate {
	refused, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(refused.UnverifiedCertificates) == 0 {
		return nil
	}
	return describe(refused.UnverifiedCertificates[0], host, explainTLS(err, host))
}

// acceptedCertificate is the one of a connection that would have been accepted
// whatever it shows.
func acceptedCertificate(state tls.ConnectionState, host string, roots *x509.CertPool) *Certificate {
	if len(state.PeerCertificates) == 0 {
		return nil
	}
	options := x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: x509.NewCertPool()}
	for _, between := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(between)
	}
	problem := ""
	if _, err := state.PeerCertificates[0].Verify(options); err != nil {
		problem = explainTLS(err, host)
	}
	return describe(state.PeerCertificates[0], host, problem)
}

// newTLS is how the feed's connections are made safe.
func newTLS(f Feed) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.Insecure} //nolint:gosec // its owner's choice, shown in red
	var err error
	if config.RootCAs, err = roots(f.authorities()); err != nil || f.ClientCert == "" {
		return config, err
	}
	pair, err := clientCertificate(f)
	if err != nil {
		return nil, err
	}
	config.GetClientCertificate = func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if chainOf(request.Context()).away.Load() {
			return &tls.Certificate{}, nil // a redirect led to a host that is not to know who we are
		}
		return pair, nil
	}
	return config, nil
}

// roots are the system's authorities and those in the files; nil for the system's alone.
func roots(files []string) (pool *x509.CertPool, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	if pool, err = x509.SystemCertPool(); err != nil {
		pool = x509.NewCertPool()
	}
	for _, file := range files {
		certs, err := readPEM(file)
		if err != nil {
			return nil, &optionError{"The file of certificates can't be read: " + withoutPath(err).Error() + "."}
		}
		if !pool.AppendCertsFromPEM(certs) {
			return nil, &optionError{"The file of certificates holds none: it must be in PEM form."}
		}
	}
	return pool, nil
}

// clientCertificate reads what says who we are. Key and certificate may stand in one file.
func clientCertificate(f Feed) (*tls.Certificate, error) {
	cert, err := readPEM(f.ClientCert)
	if err != nil {
		return nil, &optionError{"The file of the client certificate can't be read: " + withoutPath(err).Error() + "."}
	}
	key := cert
	if f.ClientKey != "" {
		if key, err = readPEM(f.ClientKey); err != nil {
			return nil, &optionError{"The file of the client certificate's key can't be read: " + withoutPath(err).Error() + "."}
		}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &optionError{fmt.Sprintf("The client certificate and its key can't be used (%s): both must be in PEM form, the key without a password.", err)}
	}
	return &pair, nil
}

// readPEM is the text of an option that names a file, or is such a text itself.
func readPEM(option string) ([]byte, error) {
	if isPEM(option) {
		return []byte(option), nil
	}
	return os.ReadFile(option)
}

func isPEM(text string) bool { return strings.Contains(text, "-----BEGIN ") }

// maxPEM bounds what of it can stand in the settings, in bytes.
const maxPEM = 256 << 10

// isFileOrPEM reports whether an option can be what readPEM takes.
func isFileOrPEM(text string) bool {
	if !isPEM(text) {
		return text == "" || text == standIn || filepath.IsAbs(text)
	}
	block, _ := pem.Decode([]byte(text))
	return block != nil && len(text) <= maxPEM
}

// withoutPath strips what only repeats the settings.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}
