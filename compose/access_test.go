package compose

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/certificate"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// Who is not let in, or may not send a command, is told what would change that.
func TestKeptOut(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	now := time.Now()
	plain, secured := startServer(t, ca.issue(t, certificate.Wish{Name: "server", Hosts: []string{"redis.example.com", "10.0.0.1"}}), ca)
	_, expired := startServer(t, ca.issue(t, certificate.Wish{Name: "server", Hosts: []string{"127.0.0.1"}, NotAfter: now.Add(-time.Hour)}), ca)
	_, future := startServer(t, ca.issue(t, certificate.Wish{Name: "server", Hosts: []string{"127.0.0.1"}}), ca)
	mine, old := ca.issue(t, certificate.Wish{Name: "client"}), ca.issue(t, certificate.Wish{Name: "client", NotAfter: now.Add(-time.Hour)})
	over := func(c Credentials) *TLS {
		if c.CA == nil && !c.SkipVerify {
			c.CA = ca.PEM
		}
		secured, err := NewTLS(c)
		if err != nil {
			t.Fatal(err)
		}
		return secured
	}
	const named = "redis.example.com"
	right := over(Credentials{Client: mine, ServerName: named})
	tool := Access{Username: "tool", Password: "right", TLS: right}
	for name, of := range map[string]struct {
		access  Access
		addr    string
		command string // PING if it is empty
		want    string // "" if it is answered
		// patience is how long the server may take, where it does not answer.
		patience time.Duration
	}{
		"all as it should be":  {access: tool, addr: secured},
		"a name of the server": {access: Access{Username: "tool", Password: "right", TLS: over(Credentials{Client: mine})}, addr: future},
		"no verification":      {access: Access{Username: "tool", Password: "right", TLS: over(Credentials{Client: mine, SkipVerify: true})}, addr: expired},
		"without TLS":          {access: Access{Username: "tool", Password: "right"}, addr: plain},

		"wrong password":             {access: Access{Username: "tool", Password: "wrong", TLS: right}, addr: secured, want: "user tool has another password than that of cluster.auth, or is off, or does not exist"},
		"no such user":               {access: Access{Username: "nobody", Password: "right"}, addr: plain, want: "user nobody has another password"},
		"a password that is not set": {access: Access{Password: "x"}, addr: plain, want: "leave cluster.auth out"},
		"a command":                  {access: tool, addr: secured, command: "CONFIG GET save", want: "user tool needs another right: ACL SETUSER tool +config|get on every node"},
		"a key":                      {access: tool, addr: secured, command: "SET other 1", want: "ACL SETUSER tool '~*' on every node"},
		"a channel":                  {access: tool, addr: secured, command: "PUBLISH other 1", want: "ACL SETUSER tool '&*' on every node"},

		"another CA":                {access: Access{TLS: over(Credentials{CA: other.PEM, Client: mine, ServerName: named})}, addr: secured, want: `the CA of cluster.tls.ca did not sign the server's certificate, "CN=test CA" did`},
		"what this machine trusts":  {access: Access{TLS: &TLS{Credentials{Client: mine}, trustNobody(right)}}, addr: secured, want: "name the CA's certificate by cluster.tls.ca"},
		"an expired certificate":    {access: Access{TLS: over(Credentials{Client: mine})}, addr: expired, want: "the server's certificate expired at " + now.Add(-time.Hour).UTC().Format("2006-01-02T15:04")},
		"another name":              {access: Access{TLS: over(Credentials{Client: mine, ServerName: "redis.internal"})}, addr: secured, want: `the server's certificate is for redis.example.com, 10.0.0.1, and not for "redis.internal"; write one of its names as cluster.tls.server_name`},
		"another address":           {access: Access{TLS: over(Credentials{Client: mine})}, addr: secured, want: `and not for "127.0.0.1"`},
		"no client certificate":     {access: Access{Username: "tool", Password: "right", TLS: over(Credentials{ServerName: named})}, addr: secured, want: "write cluster.tls.cert and cluster.tls.key"},
		"a stranger's certificate":  {access: Access{Username: "tool", Password: "right", TLS: over(Credentials{Client: other.issue(t, certificate.Wish{Name: "client"}), ServerName: named})}, addr: secured, want: "the server does not accept the certificate of cluster.tls.cert"},
		"an old client certificate": {access: Access{Username: "tool", Password: "right", TLS: over(Credentials{Client: old, ServerName: named})}, addr: secured, want: "the certificate of cluster.tls.cert has expired"},
		"TLS to a plain port":       {access: tool, addr: plain, patience: 300 * time.Millisecond, want: "this port does not speak TLS"},
		"plain to a TLS port":       {access: Access{}, addr: secured, want: "as a port does that speaks TLS; write cluster.tls"},
		"a user to a TLS port":      {access: Access{Username: "tool", Password: "right"}, addr: secured, want: "as a port does that speaks TLS; write cluster.tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := of.command
			if command == "" {
				command = "PING"
			}
			err := firstWords(t.Context(), of.access, of.addr, command, cmp.Or(of.patience, 10*time.Second))
			if (err == nil) != (of.want == "") || err != nil && !strings.Contains(err.Error(), of.want) {
				t.Errorf("%v, want %s", err, of.want)
			}
		})
	}
}

// trustNobody is how a machine that trusts no CA makes connections over TLS.
func trustNobody(of *TLS) *tls.Config {
	config := of.config.Clone()
	config.RootCAs = nil
	return config
}

// firstWords is what comes of connecting to a server and sending it a command.
func firstWords(ctx context.Context, a Access, addr, command string, patience time.Duration) error {
	client := DirectClient(dialledBy(a.dialAny), addr, patience)
	defer client.Close()
	var words []any
	for _, word := range strings.Fields(command) {
		words = append(words, word)
	}
	return a.Explain(client.Do(ctx, words...).Err())
}

// dialAny dials by any interface.
func (a Access) dialAny(ctx context.Context, network, addr string) (net.Conn, error) {
	return a.Dial(ctx, netdev.Device{}, network, addr)
}

// dialledBy is servers that are dialled by a function.
type dialledBy func(ctx context.Context, network, addr string) (net.Conn, error)

func (dialledBy) Nodes() []Node { return nil }

func (d dialledBy) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return d(ctx, network, addr)
}

type authority struct{ *certificate.Authority }

func newAuthority(t testing.TB) authority {
	t.Helper()
	a, err := certificate.NewAuthority("test CA")
	if err != nil {
		t.Fatal(err)
	}
	return authority{a}
}

func (a authority) issue(t testing.TB, w certificate.Wish) certificate.Pair {
	t.Helper()
	pair, err := a.Issue(w)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// startServer starts a server with a plain and a TLS port, which demands client certificates, and whose user tool may
// do little.
func startServer(t testing.TB, shows certificate.Pair, ca authority) (plain, secured string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"ca.crt": ca.PEM, "server.crt": shows.Cert, "server.key": shows.Key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ports := []string{freePort(t), freePort(t)}
	server := exec.Command(program, "--bind", "127.0.0.1", "--port", ports[0], "--tls-port", ports[1], "--dir", dir, "--save", "",
		"--tls-ca-cert-file", dir+"/ca.crt", "--tls-cert-file", dir+"/server.crt", "--tls-key-file", dir+"/server.key", "--tls-auth-clients", "yes",
		"--user", "tool", "on", ">right", "~mine", "&mine", "-@all", "+ping", "+set", "+publish")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	plain, secured = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		err := firstWords(context.Background(), Access{Username: "tool", Password: "right"}, plain, "PING", time.Second)
		if err == nil {
			return plain, secured
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("the server does not answer: %v", err)
		}
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Whatever is in a password, redis.conf has it as one argument, and what is shown has it not.
func TestSecretsOfRedisConf(t *testing.T) {
	t.Parallel()
	d := Deployment{Masters: 3, AccessFolder: "/secret place", Access: Access{Password: "a \"b\\\n\xff"}}
	conf, err := d.RedisConf()
	if err != nil || strings.Contains(string(conf), "requirepass") || !strings.Contains(string(conf), `include "/secret\x20place/access.conf"`) {
		t.Errorf("%v\n%s", err, conf)
	}
	if got := string(d.Access.Files()["access.conf"]); got != "requirepass \"a\\x20\\x22b\\x5c\\x0a\\xff\"\nmasterauth \"a\\x20\\x22b\\x5c\\x0a\\xff\"\n" {
		t.Errorf("%q", got)
	}
	if shown := fmt.Sprintf("%v %+v %#v", d, d, d); strings.Contains(shown, `a "b`) {
		t.Errorf("it is shown: %s", shown)
	}
}
