package compose

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// KeptOutError is the error of a connection or a command that a server, or the check of its certificate, did not
// let through, with what would.
type KeptOutError struct {
	err    error
	Remedy string
}

func (e *KeptOutError) Error() string { return fmt.Sprintf("%v: %s", e.err, e.Remedy) }

func (e *KeptOutError) Unwrap() error { return e.err }

// Explain adds to the error of dialling a server, or of the first command to it, what would let it through: a
// *KeptOutError. Any other error stays as it is.
func (a Access) Explain(err error) error {
	if err == nil || errors.As(err, new(*KeptOutError)) {
		return err
	}
	remedy := a.remedy(err)
	if remedy == "" {
		return err
	}
	return &KeptOutError{err, remedy}
}

func (a Access) remedy(err error) string {
	if answer := redis.Error(nil); errors.As(err, &answer) {
		return a.remedyOfAnswer(answer.Error())
	}
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		if a.TLS.CA == nil {
			return "this machine does not trust who signed the server's certificate; name the CA's certificate by cluster.tls.ca"
		}
		return fmt.Sprintf("the CA of cluster.tls.ca did not sign the server's certificate, %s did; name the certificate of that CA", issuer(unknown.Cert))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if now := time.Now(); now.Before(invalid.Cert.NotBefore) {
			return fmt.Sprintf("the server's certificate is valid from %s on; compare the clocks", invalid.Cert.NotBefore.UTC().Format(time.RFC3339))
		}
		return fmt.Sprintf("the server's certificate expired at %s; give the server a new one", invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	case errors.As(err, &host):
		return fmt.Sprintf("the server's certificate is for %s, and not for %q; write one of its names as cluster.tls.server_name", strings.Join(hostsOf(host.Certificate), ", "), host.Host)
	case errors.As(err, new(*unansweredError)):
		return "the server did not answer the TLS handshake: it does not respond, or this port does not speak TLS, as a plain port of Redis does not answer; then leave cluster.tls out, or name the server's tls-port"
	case errors.As(err, &record):
		return "this port does not speak TLS; leave cluster.tls out, or name the server's tls-port"
	}
	return a.remedyOfAlert(err)
}

func issuer(c *x509.Certificate) string {
	if c == nil || c.Issuer.String() == "" {
		return "another one"
	}
	return fmt.Sprintf("%q", c.Issuer.String())
}

func hostsOf(c *x509.Certificate) []string {
	hosts := c.DNSNames
	for _, ip := range c.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	if len(hosts) == 0 {
		return []string{"no host (it has no subjectAltName)"}
	}
	return hosts
}

// remedyOfAlert reads what a server says when it ends a connection within TLS, for which crypto/tls has no types, or
// that it says nothing at all.
func (a Access) remedyOfAlert(err error) string {
	text := err.Error()
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
	switch {
	case a.TLS == nil && ended:
		return "the server ended the connection at the first words, as a port does that speaks TLS; write cluster.tls, or name the server's plain port"
	case a.TLS == nil:
		return ""
	case strings.Contains(text, "tls: certificate required"), a.TLS.Client.Cert == nil && strings.Contains(text, "tls: handshake failure"):
		return "the server demands a client certificate (tls-auth-clients); write cluster.tls.cert and cluster.tls.key"
	case strings.Contains(text, "remote error: tls: unknown certificate authority"), strings.Contains(text, "remote error: tls: bad certificate"):
		return "the server does not accept the certificate of cluster.tls.cert: no CA that it trusts (tls-ca-cert-file) signed that"
	case strings.Contains(text, "remote error: tls: expired certificate"):
		return "the certificate of cluster.tls.cert has expired"
	case strings.Contains(text, "remote error: tls: protocol version not supported"):
		return "the server takes no version of TLS that this program speaks, which is 1.2 or newer (tls-protocols)"
	case ended && a.TLS.Client.Cert == nil:
		return "the server ended the connection, as one does that demands a client certificate (tls-auth-clients); write cluster.tls.cert and cluster.tls.key, or see its log"
	case ended:
		return "the server ended the connection, as one does that does not accept the certificate of cluster.tls.cert; its log says why"
	default:
		return ""
	}
}

// isAlert tells whether an error is what the other side of a connection within TLS has said before it ended that.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// noPermission finds the command of which a server says that a user may not send it.
var noPermission = regexp.MustCompile(`to run the '([^']+)' command`)

// remedyOfAnswer reads the errors of servers to who may not do something.
func (a Access) remedyOfAnswer(text string) string {
	const (
		everywhere = "on every node; docs/security.md lists the rights that the tool needs"
		grant      = "user %s needs another right: ACL SETUSER %s %s " + everywhere
	)
	switch {
	case strings.Contains(text, "WRONGPASS"):
		return fmt.Sprintf("user %s has another password than that of cluster.auth, or is off, or does not exist", a.user())
	case strings.Contains(text, "NOAUTH"):
		return "the server wants to know who connects; write cluster.auth"
	case strings.Contains(text, "without any password configured"), strings.Contains(text, "no password is set"):
		return "the server has no password for the default user; leave cluster.auth out, or write its username"
	case !strings.Contains(text, "NOPERM"):
		return ""
	}
	right := ""
	switch command := noPermission.FindStringSubmatch(text); {
	case command != nil:
		right = "+" + strings.ToLower(command[1])
	case strings.Contains(text, "channel"):
		right = "'&*'"
	case strings.Contains(text, "key"):
		right = "'~*'"
	default:
		return fmt.Sprintf("user %s lacks a right; docs/security.md lists those that the tool needs", a.user())
	}
	return fmt.Sprintf(grant, a.user(), a.user(), right)
}
