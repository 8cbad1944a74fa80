// Package certificate makes certificate authorities, and the certificates that they sign: those of a
// cluster's servers and of its clients.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"time"
)

// validity is that of a certificate whose wish names none, to either side of now: faults have servers see
// other times than that.
const validity = 10 * 365 * 24 * time.Hour

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// PEM is its own certificate.
	PEM []byte
}

// Pair is a certificate with its key, both as PEM.
type Pair struct{ Cert, Key []byte }

// Wish is a certificate that is wanted.
type Wish struct {
	// Name is whose it is.
	Name string
	// Hosts are the names and addresses that it is valid for as a server's.
	Hosts []string
	// NotAfter is when it expires; by default, after all that a run takes.
	NotAfter time.Time
}

// NewAuthority makes an authority of a name.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of a certificate authority: %w", err)
	}
	template := newTemplate(name)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	return &Authority{certificate: parsed, key: key, PEM: asPEM("CERTIFICATE", signed)}, nil
}

// Issue signs a certificate with a key of its own, which a server and a client can use: a node of a cluster is
// a client of the others.
func (a *Authority) Issue(w Wish) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("making the key of %s: %w", w.Name, err)
	}
	template := newTemplate(w.Name)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	if !w.NotAfter.IsZero() {
		template.NotAfter = w.NotAfter
	}
	for _, host := range w.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return Pair{}, fmt.Errorf("making the certificate of %s: %w", w.Name, err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, fmt.Errorf("making the key of %s: %w", w.Name, err)
	}
	return Pair{Cert: asPEM("CERTIFICATE", signed), Key: asPEM("PRIVATE KEY", encoded)}, nil
}

func newTemplate(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: now.Add(-validity),
		NotAfter:  now.Add(validity),
	}
}

func asPEM(kind string, content []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
}
