package compose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/redis-chaos/redis-chaos/compose/certificate"
)

// Credentials are the files of TLS as PEM, and what else a client of it has to know.
type Credentials struct {
	// CA signs the certificates of servers; nil is what this machine trusts.
	CA []byte
	// Client is the certificate that a client shows, with its key; empty for none.
	Client certificate.Pair
	// ServerName is the name that certificates of servers have to be valid for; "" is the host that is dialled.
	ServerName string
	// SkipVerify takes any certificate for a server's.
	SkipVerify bool
	// Server is the certificate of all nodes of a cluster that is deployed; empty for one that has its own.
	Server certificate.Pair
}

// TLS is how connections are made over TLS.
type TLS struct {
	Credentials
	config *tls.Config
}

// NewTLS reads credentials.
func NewTLS(c Credentials) (*TLS, error) {
	t := &TLS{c, &tls.Config{ServerName: c.ServerName, InsecureSkipVerify: c.SkipVerify}}
	if c.CA != nil {
		t.config.RootCAs = x509.NewCertPool()
		if !t.config.RootCAs.AppendCertsFromPEM(c.CA) {
			return nil, errors.New("the CA's file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
		}
	}
	if c.Client.Cert != nil {
		pair, err := tls.X509KeyPair(c.Client.Cert, c.Client.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate and its key: %w", err)
		}
		t.config.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// deployedName is what certificates of servers are valid for that are deployed, wherever these are dialled.
const deployedName = "redis-chaos"

// MakeTLS makes a certificate authority, and certificates for the nodes of a cluster that is to be deployed and
// for its clients. The authority's key is forgotten.
func MakeTLS(nodes []string) (*TLS, error) {
	ca, err := certificate.NewAuthority("redis-chaos CA")
	if err != nil {
		return nil, err
	}
	server, err := ca.Issue(certificate.Wish{Name: deployedName, Hosts: append([]string{deployedName, "localhost", "127.0.0.1"}, nodes...)})
	if err != nil {
		return nil, err
	}
	client, err := ca.Issue(certificate.Wish{Name: "redis-chaos client"})
	if err != nil {
		return nil, err
	}
	return NewTLS(Credentials{CA: ca.PEM, Client: client, ServerName: deployedName, Server: server})
}

// handshake has a connection go on within TLS. No session is resumed, as client libraries do by default.
func (t *TLS) handshake(ctx context.Context, conn net.Conn, addr string) (net.Conn, error) {
	config := t.config
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	secured := tls.Client(&Carrier{Conn: conn}, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
			err = &unansweredError{err}
		}
		return nil, err
	}
	return secured, nil
}

// unansweredError is that of a handshake that took too long. A plain port of Redis says nothing: it waits for the end
// of a line, and looks for none beyond a zero byte.
type unansweredError struct{ error }

func (e *unansweredError) Unwrap() error { return e.error }

// Carrier is the connection that carries one within TLS, whose NetConn it is.
type Carrier struct {
	net.Conn
	by io.ReadWriter // that is read and written in place of it, if there is one
}

// By has what goes through the connection from now on be read from and written to something else, as its owner does
// who polls the socket. It is not to be called while somebody reads or writes.
func (c *Carrier) By(by io.ReadWriter) { c.by = by }

// Read implements net.Conn.
func (c *Carrier) Read(p []byte) (int, error) {
	if c.by != nil {
		return c.by.Read(p)
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *Carrier) Write(p []byte) (int, error) {
	if c.by != nil {
		return c.by.Write(p)
	}
	return c.Conn.Write(p)
}
