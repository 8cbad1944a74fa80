package scenarios

import (
	"errors"
	"regexp"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Auth is the user that every connection is of.
type Auth struct {
	// Username is that of an ACL user; empty is the default user.
	Username string `yaml:"username"`
	Password Secret `yaml:"password"`
}

// Secret is where a secret is: SecretRandom, ${VARIABLE} of the environment, or file:PATH. It is none itself.
type Secret string

// SecretRandom is a password that the tool makes up for each cluster.
const SecretRandom Secret = "random"

// secretFile begins a Secret that is in a file.
const secretFile = "file:"

var secretVariable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// ErrNoSecret is the error of a text that says of no place where a secret is. It does not show the text, which may be
// the secret.
var ErrNoSecret = errors.New("a scenario is no place for a password; write ${VARIABLE} for one that the environment has, file:PATH for one in a file, or random, which makes one up for each cluster that is deployed")

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (s *Secret) UnmarshalScalar(text string) error {
	*s = Secret(text)
	if *s == SecretRandom || s.Variable() != "" || s.File() != "" {
		return nil
	}
	*s = ""
	return ErrNoSecret
}

func (s Secret) String() string { return string(s) }

// Variable is the variable of the environment that a secret is in; empty if it is elsewhere.
func (s Secret) Variable() string {
	if match := secretVariable.FindStringSubmatch(string(s)); match != nil {
		return match[1]
	}
	return ""
}

// File is the path of the file that a secret is in; empty if it is elsewhere.
func (s Secret) File() string {
	path, isFile := strings.CutPrefix(string(s), secretFile)
	if !isFile {
		return ""
	}
	return path
}

// InFile is a secret in a file.
func InFile(path string) Secret { return secretFile + Secret(path) }

// TLS has all connections be over TLS. The zero value, true in a scenario, leaves the certificates to the tool where
// it deploys the cluster, and otherwise trusts what this machine does.
type TLS struct {
	// CA is the path of the certificates of the CAs that sign those of the servers.
	CA string `yaml:"ca"`
	// Cert and Key are the paths of the certificate that clients show, and of its key.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// ServerName is the name that certificates of servers have to be valid for; empty is the host that is dialled.
	ServerName string `yaml:"server_name"`
	// SkipVerify takes any certificate for a server's.
	SkipVerify bool `yaml:"skip_verify,omitempty"`
}

// MarshalNode implements codec.Marshaler.
func (t TLS) MarshalNode() (*document.Node, error) {
	if t == (TLS{}) {
		return document.PlainNode("true"), nil
	}
	return codec.StructOf(&t).Encode()
}

// Login is who connections to the nodes are; nil if that is nobody in particular.
func (c Cluster) Login() *Auth {
	if c.Auth == nil && c.Password != "" {
		return &Auth{Password: c.Password}
	}
	return c.Auth
}
