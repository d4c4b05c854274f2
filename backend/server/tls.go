package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tickertape/backend/settings"
)

const (
	// ownCert is the file in the data folder with the certificate that
	// Tickertape makes, and its key.
	ownCert = "front-door.pem"
	// CertificateFile is the certificate alone, there as well: for those who
	// are to trust it.
	CertificateFile = "front-door.crt"
	// ownLife is how long it is valid: browsers refuse those of more than 398
	// days. It is renewed when less than ownSpare is left.
	ownLife, ownSpare = 365 * 24 * time.Hour, 30 * 24 * time.Hour
	// certAge is how long a certificate is used before its files are looked at
	// again.
	certAge = time.Minute
)

// certificate is the one that a door shows: read again when it was renewed, by
// whoever does that.
type certificate struct {
	read func(now time.Time) (*tls.Certificate, error)

	mu     sync.Mutex
	cert   *tls.Certificate
	looked time.Time
}

// newCertificate reads the certificate that the settings name, or makes one.
func newCertificate(cfg settings.TLS, dataDir string, names []string) (*certificate, error) {
	c := &certificate{read: func(now time.Time) (*tls.Certificate, error) {
		return ownCertificate(filepath.Join(dataDir, ownCert), names, now)
	}}
	if cfg.Mode == settings.TLSFiles {
		c.read = func(time.Time) (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(cfg.Cert, cfg.Key)
			return &cert, err
		}
	}
	_, err := c.current(time.Now())
	return c, err
}

// current is the certificate as it is now. One that can't be read any more
// stays in use: a file may be half written.
func (c *certificate) current(now time.Time) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cert != nil && now.Sub(c.looked) < certAge {
		return c.cert, nil
	}
	c.looked = now
	cert, err := c.read(now)
	if err == nil {
		c.cert = cert
	}
	if c.cert == nil {
		return nil, err
	}
	return c.cert, nil
}

// config is that of a listener.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(time.Now()) },
	}
}

// described is the certificate's SHA-256, by which people compare it with what a
// browser shows, and until when it is valid.
func (c *certificate) described() (fingerprint string, expires *time.Time) {
	cert, err := c.current(time.Now())
	if err != nil {
		return "", nil
	}
	sum := sha256.Sum256(cert.Certificate[0])
	return hex.EncodeToString(sum[:]), &cert.Leaf.NotAfter
}

// names reports whether the certificate is for the host that the request names.
// No attacker has one for a name of his that he bends to this computer.
func (c *certificate) names(r *http.Request) bool {
	if c == nil || r.TLS == nil {
		return false
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	cert, err := c.current(time.Now())
	return err == nil && cert.Leaf.VerifyHostname(host) == nil
}

// ownCertificate reads the file, and makes it anew where it is missing, will
// soon end, or lacks a name of this computer.
func ownCertificate(path string, names []string, now time.Time) (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(path, path)
	if err == nil && now.After(cert.Leaf.NotBefore) && cert.Leaf.NotAfter.Sub(now) > ownSpare && namesAll(cert.Leaf, names) {
		return &cert, showCertificate(path, cert.Leaf)
	}
	data, err := makeCertificate(names, now)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	if err := replaceFile(path, data); err != nil {
		return nil, fmt.Errorf("save the certificate: %w", err)
	}
	if cert, err = tls.X509KeyPair(data, data); err != nil {
		return nil, err
	}
	return &cert, showCertificate(path, cert.Leaf)
}

// showCertificate keeps the certificate beside the file that has its key, too.
func showCertificate(path string, leaf *x509.Certificate) error {
	path = filepath.Join(filepath.Dir(path), CertificateFile)
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := replaceFile(path, data); err != nil {
		return fmt.Errorf("save the certificate: %w", err)
	}
	return nil
}

func namesAll(leaf *x509.Certificate, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return leaf.VerifyHostname(name) != nil })
}

// makeCertificate makes a self-signed one: it and its key, as PEM.
func makeCertificate(names []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Tickertape"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownLife), // clocks differ
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, certErr := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	private, keyErr := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(certErr, keyErr); err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})...), nil
}

// replaceFile writes a file that only its owner reads, in one step.
func replaceFile(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

// ownNames are the names and addresses of this computer.
func ownNames() []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if host, err := os.Hostname(); err == nil && (&x509.Certificate{DNSNames: []string{host}}).VerifyHostname(host) == nil {
		names = append(names, host)
	}
	addrs, _ := net.InterfaceAddrs() // without them, those of loopback are there
	for _, addr := range addrs {
		if network, ok := addr.(*net.IPNet); ok && !slices.Contains(names, network.IP.String()) {
			names = append(names, network.IP.String())
		}
	}
	return names
}
