package parse

import (
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// decodeSecret reads where a secret is. That a text says of no such place does not show it, not even where it was
// given by --set.
func (d *decoder) decodeSecret(n *document.Node, s *scenarios.Secret) {
	err := scenarios.ErrNoSecret
	if n.Kind == document.Scalar {
		err = s.UnmarshalScalar(n.Text)
	}
	if err != nil && d.Mark(n) {
		at := n.Pos
		if path, _, given := strings.Cut(at.Set, "="); given {
			at.Set = path
		}
		d.At(at, "%s: %v", n.Name, err)
	}
}

// decodeTLS reads true, false or a mapping.
func (d *decoder) decodeTLS(n *document.Node, into **scenarios.TLS) {
	if n.Kind != document.Scalar {
		if d.Want(n, document.Mapping, "true or a mapping") {
			*into = &scenarios.TLS{}
			d.Decode(n, *into)
		}
		return
	}
	switch on, err := codec.ParseBool(n.Text); {
	case err != nil || n.Quoted:
		d.Blame(n, "%q is neither true nor a mapping; write true, or {ca: PATH, cert: PATH, key: PATH, server_name: NAME}", n.Text)
	case on:
		*into = &scenarios.TLS{}
	}
}

// placeAccess finds the files of the cluster's access from the folder of the scenario.
func (d *decoder) placeAccess(n *document.Node, c *scenarios.Cluster) {
	placeSecret := func(n *document.Node, s *scenarios.Secret) {
		if path := s.File(); path != "" {
			d.absolute(n, &path)
			*s = scenarios.InFile(path)
		}
	}
	placeSecret(n.Field("password"), &c.Password)
	if c.Auth != nil {
		placeSecret(n.Field("auth").Field("password"), &c.Auth.Password)
	}
	if c.TLS != nil {
		at := n.Field("tls")
		d.absolute(at.Field("ca"), &c.TLS.CA)
		d.absolute(at.Field("cert"), &c.TLS.Cert)
		d.absolute(at.Field("key"), &c.TLS.Key)
	}
}

// checkAccess judges who connections are, and how they are over TLS.
func (d *decoder) checkAccess(n *document.Node, c scenarios.Cluster) {
	auth, tls := n.Field("auth"), n.Field("tls")
	if auth != nil && n.Field("password") != nil {
		d.At(culprit(n.Field("password"), auth), "cluster: password and auth each say who connects; write auth: {password: …} alone")
	}
	if c.Auth != nil && d.Sound(auth) {
		d.checkAuth(auth, c)
	}
	if c.IsBrought() {
		at := n.Field("password")
		if c.Auth != nil {
			at = auth.Field("password")
		}
		if login := c.Login(); login != nil && login.Password == scenarios.SecretRandom {
			d.Blame(at, "random is for clusters that this program deploys, and this one is your own; write ${VARIABLE} or file:PATH")
		}
	}
	if c.TLS == nil || !d.Sound(tls) {
		return
	}
	if !c.IsBrought() && tls.Kind == document.Mapping {
		d.Blame(tls, "this program makes the certificates of a cluster that it deploys; write tls: true")
	}
	switch {
	case c.TLS.Cert != "" && c.TLS.Key == "":
		d.Blame(tls.Field("cert"), "a certificate is of no use without its key; write key: PATH, too")
	case c.TLS.Key != "" && c.TLS.Cert == "":
		d.Blame(tls.Field("key"), "a key is of no use without its certificate; write cert: PATH, too")
	case c.TLS.SkipVerify && (c.TLS.CA != "" || c.TLS.ServerName != ""):
		d.Blame(tls.Field("skip_verify"), "no certificate is verified then, and ca and server_name say how; leave it out, or these")
	}
}

func (d *decoder) checkAuth(auth *document.Node, c scenarios.Cluster) {
	name := c.Auth.Username
	if auth.Field("password") == nil {
		d.At(auth.Pos, "auth: missing \"password\"; write ${VARIABLE}, file:PATH or random")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"'\`, r) }) {
		d.Blame(auth.Field("username"), "%q is not the name of a user, which has no spaces and no quotes", name)
	}
}

// checkUsers wants the users of redis.conf not to be those that the tool makes.
func (d *decoder) checkUsers(config *document.Node, c scenarios.Cluster) {
	if c.Auth == nil || c.Auth.Username == "" {
		return
	}
	for _, line := range linesOf(config.Field("user")) {
		words, ok := directive.Split(line.Text)
		if ok && len(words) > 0 && slices.Contains([]string{c.Auth.Username, directive.DefaultUser}, words[0]) && d.Mark(line) {
			d.At(line.Pos, "user %s: cluster.auth makes this user, or turns it off; leave the line out", words[0])
		}
	}
}
