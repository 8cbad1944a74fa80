package experiment

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/certificate"
	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// accessTo is what servers want to hear of the connections of a run, with the secrets that the scenario only names.
func accessTo(s *scenarios.Scenario) (a compose.Access, err error) {
	if login := s.Cluster.Login(); login != nil {
		a.Username = login.Username
		if a.Password, err = secret(login.Password); err != nil {
			return a, fmt.Errorf("the password of the cluster: %w", err)
		}
	}
	if s.Cluster.TLS == nil {
		return a, nil
	}
	if !s.Cluster.IsBrought() {
		a.TLS, err = compose.MakeTLS(compose.NodeNames(s.Cluster.Masters, s.Cluster.Replicas))
		return a, err
	}
	if a.TLS, err = theirTLS(*s.Cluster.TLS); err != nil {
		return a, fmt.Errorf("cluster.tls: %w", err)
	}
	return a, nil
}

// accessOf is the access that a cluster is deployed with. One that others may have after this run gives its user all
// commands.
func accessOf(s *scenarios.Scenario, o Options) (compose.Access, error) {
	a, err := accessTo(s)
	a.Debug = chaos.Needs(s, compose.Debugging)
	if !o.Keep && o.Reserve == nil {
		a.Rights = directive.Rules(parse.Commands(s))
	}
	return a, err
}

// explained adds to the error of a run which right its user lacks, if it is that.
func explained(c scenarios.Cluster, err error) error {
	login := c.Login()
	if login == nil || compose.RefusedBy(err) != "user" {
		return err
	}
	return compose.Access{Username: login.Username}.Explain(err)
}

// mostSecret bounds a secret, in bytes.
const mostSecret = 64 << 10

// secret looks up a secret.
func secret(s scenarios.Secret) (compose.Secret, error) {
	var value []byte
	where := "the file " + s.File()
	switch {
	case s == scenarios.SecretRandom:
		return compose.Secret(rand.Text()), nil
	case s.Variable() != "":
		where = "the environment variable " + s.Variable()
		text, isSet := os.LookupEnv(s.Variable())
		if !isSet {
			return "", fmt.Errorf("%s is not set; export it", where)
		}
		value = []byte(text)
	default:
		file, err := os.Open(s.File())
		if err != nil {
			return "", err
		}
		defer file.Close()
		if value, err = io.ReadAll(io.LimitReader(file, mostSecret+1)); err != nil {
			return "", err
		}
		value = bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r"))
	}
	switch {
	case len(value) == 0:
		return "", fmt.Errorf("%s is empty", where)
	case len(value) > mostSecret:
		return "", fmt.Errorf("%s holds more than %d bytes", where, mostSecret)
	}
	return compose.Secret(value), nil
}

// theirTLS reads the files that connections over TLS to a cluster of the user's take.
func theirTLS(t scenarios.TLS) (*compose.TLS, error) {
	var errs []error
	read := func(path string) []byte {
		if path == "" {
			return nil
		}
		content, err := os.ReadFile(path)
		errs = append(errs, err)
		return content
	}
	c := compose.Credentials{
		CA: read(t.CA), Client: certificate.Pair{Cert: read(t.Cert), Key: read(t.Key)},
		ServerName: t.ServerName, SkipVerify: t.SkipVerify,
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return compose.NewTLS(c)
}
