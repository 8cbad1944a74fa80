package parse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	const noPlace = "a scenario is no place for a password; write ${VARIABLE} for one that the environment has, file:PATH for one in a file, or random, which makes one up for each cluster that is deployed"
	for cluster, want := range map[string]string{
		"password: random": "",
		"auth: {username: tool, password: random}, tls: true":                                           "",
		"auth: {password: '${REDIS_PASSWORD}'}, tls: false":                                             "",
		"auth: {password: 'file:/run/secrets/redis'}":                                                   "",
		"addrs: ['a:1'], auth: {password: '${P}'}, tls: true":                                           "",
		"addrs: ['a:1'], tls: {ca: /ca.crt, cert: /c.crt, key: /c.key, server_name: redis.example.com}": "",
		"addrs: ['a:1'], tls: {skip_verify: true}":                                                      "",

		"password: hunter2":                                "f.yaml:3:21: password: " + noPlace,
		"auth: {password: hunter2}":                        "f.yaml:3:28: password: " + noPlace,
		"auth: {password: '$P'}":                           "f.yaml:3:28: password: " + noPlace,
		"auth: {password: 'file:'}":                        "f.yaml:3:28: password: " + noPlace,
		"auth: {password: [a]}":                            "f.yaml:3:28: password: " + noPlace,
		"auth: {username: tool}":                           "f.yaml:3:17: auth: missing \"password\"; write ${VARIABLE}, file:PATH or random",
		"auth: {username: 'a b', password: random}":        "f.yaml:3:28: username: \"a b\" is not the name of a user, which has no spaces and no quotes",
		"password: random, auth: {password: random}":       "f.yaml:3:21: cluster: password and auth each say who connects; write auth: {password: …} alone",
		"addrs: ['a:1'], password: random":                 "f.yaml:3:37: password: random is for clusters that this program deploys, and this one is your own; write ${VARIABLE} or file:PATH",
		"tls: yes":                                         "f.yaml:3:16: tls: \"yes\" is neither true nor a mapping; write true, or {ca: PATH, cert: PATH, key: PATH, server_name: NAME}",
		"tls: {ca: /ca.crt}":                               "f.yaml:3:16: tls: this program makes the certificates of a cluster that it deploys; write tls: true",
		"addrs: ['a:1'], tls: {cert: /c.crt}":              "f.yaml:3:39: cert: a certificate is of no use without its key; write key: PATH, too",
		"addrs: ['a:1'], tls: {key: /c.key}":               "f.yaml:3:38: key: a key is of no use without its certificate; write cert: PATH, too",
		"addrs: ['a:1'], tls: {ca: /c, skip_verify: true}": "f.yaml:3:54: skip_verify: no certificate is verified then, and ca and server_name say how; leave it out, or these",
		"auth: {username: a, password: random}, config: {user: [a on, b off, default off]}": "f.yaml:3:66: user a: cluster.auth makes this user, or turns it off; leave the line out\nf.yaml:3:79: user default: cluster.auth makes this user, or turns it off; leave the line out",
	} {
		s, err := Scenario("f.yaml", []byte(minimal+"cluster: {"+cluster+"}\n"), fakeCatalog(), nil)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s:\n got %v\nwant %s", cluster, err, want)
		case err == nil:
			checkRoundTrip(t, s)
		}
	}
}

// What stands where a secret is to be found may be the secret: it is shown nowhere.
func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"cluster.password=hunter2", "cluster.auth.password=hunter2", "cluster.auth.password=[hunter2]"} {
		_, err := Scenario("f.yaml", []byte(minimal), fakeCatalog(), []string{set})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "${VARIABLE}") {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// Paths of files are relative to the folder of the scenario, and have to be there for a run.
func TestFilesOfAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "s.yaml")
	text := minimal + "cluster: {addrs: ['a:1'], auth: {password: 'file:secret'}, tls: {ca: ca.crt}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Load(t.Context(), file, fakeCatalog(), nil)
	for _, want := range []string{":3:44: password: stat " + dir + "/secret: no such file or directory; write the path of a file with the password", ":3:70: ca: stat " + dir + "/ca.crt"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, name := range []string{"secret", "ca.crt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, _, err := Load(t.Context(), file, fakeCatalog(), nil)
	if err != nil || s.Cluster.Auth.Password != scenarios.InFile(dir+"/secret") || s.Cluster.TLS.CA != dir+"/ca.crt" {
		t.Errorf("%v", err)
	}
}
