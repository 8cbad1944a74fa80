package experiment

import (
	"context"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/draft"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Draft writes a scenario that fits a cluster of the user's, or one that is deployed. folder is where the scenario is to be,
// and told is what could not be read.
func Draft(ctx context.Context, name string, c scenarios.Cluster, folder string) (text string, told []string, err error) {
	of := draft.Cluster{Addrs: c.Addrs, TLS: c.TLS}
	switch {
	case c.Compose != "":
		if of.Setup, told, err = readProject(ctx, c.Compose); err != nil {
			return "", told, err
		}
		if of.Compose, err = from(folder, c.Compose); err == nil {
			of.Password, err = loginOf(&of, folder)
		}
	case len(c.Addrs) > 0:
		of.Setup, err = servers(ctx, c)
		if c.Auth != nil {
			of.User, of.Password = c.Auth.Username, PasswordVariable
		}
	}
	if err != nil {
		return "", told, err
	}
	text, err = draft.Scenario(name, of)
	return text, told, err
}

// from is a path as seen from a folder.
func from(folder, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", err
	}
	return filepath.Rel(folder, path)
}

// loginOf finds whether the nodes of a compose file want a password, and their certificates.
func loginOf(c *draft.Cluster, folder string) (variable string, err error) {
	for _, n := range c.Setup.Nodes {
		if password, given := n.Config.Value("requirepass"); given && password != "" {
			variable = PasswordVariable
		}
		if port, _ := n.Config.Number("tls-port"); port > 0 && c.TLS == nil {
			if c.TLS, err = tlsOf(n, folder); err != nil {
				return "", err
			}
		}
	}
	return variable, nil
}

// tlsOf is the files on this machine that a node has its own certificate from, which clients may show as well.
func tlsOf(n doctor.Node, folder string) (*scenarios.TLS, error) {
	var t scenarios.TLS
	for directive, path := range map[string]*string{"tls-ca-cert-file": &t.CA, "tls-cert-file": &t.Cert, "tls-key-file": &t.Key} {
		file, _ := n.Config.Value(directive)
		here := n.Service.OnHost(file)
		if file == "" || here == "" {
			continue
		}
		var err error
		if *path, err = from(folder, here); err != nil {
			return nil, err
		}
	}
	return &t, nil
}
