package local

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// A connection that was made by the cluster has been let in; any other one says its password itself.
func TestPassword(t *testing.T) {
	needMode(t, Unprivileged)
	t.Parallel()
	c, err := Deploy(t.Context(), Options{RunID: "test-password", Masters: 3, Dir: t.TempDir(), Mode: Unprivileged, Access: compose.Access{Password: "s3cret"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	node := c.Nodes()[0]
	ask := func(conn net.Conn, err error) string {
		t.Helper()
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		answer := make([]byte, 64)
		if _, err := conn.Write([]byte("PING\r\n")); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(answer)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(answer[:n]))
	}
	if answer := ask(c.Dial(t.Context(), "tcp", node.Addr)); answer != "+PONG" {
		t.Errorf("by the cluster: %s", answer)
	}
	if answer := ask(net.Dial("tcp", node.HostAddr)); !strings.HasPrefix(answer, "-NOAUTH") {
		t.Errorf("without the password: %s", answer)
	}
	wrong := compose.Access{Password: "other"}
	if answer := ask(wrong.Dial(t.Context(), netdev.Device{}, "tcp", node.HostAddr)); !strings.Contains(answer, "AUTH: WRONGPASS") {
		t.Errorf("with another one: %s", answer)
	}

	// A server that is frozen lets nobody in, and the wait for it ends with the context.
	if err := c.Pause(t.Context(), node.Name); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Dial(ctx, "tcp", node.Addr); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("frozen: %v", err)
	}
}

// All of a cluster is over TLS, and only who shows a certificate and says who it is, is let in. What the nodes read
// of that is for this user alone, and is gone with the cluster, also where its folders are kept.
func TestTLS(t *testing.T) {
	needMode(t, Unprivileged)
	t.Parallel()
	secured, err := compose.MakeTLS(nil)
	if err != nil {
		t.Fatal(err)
	}
	access := compose.Access{Username: "tool", Password: "s3 \"cr\\et", TLS: secured}
	c, err := Deploy(t.Context(), Options{RunID: "test-tls", Masters: 3, Replicas: 1, Dir: t.TempDir(), Mode: Unprivileged, Access: access, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	folder := c.entry.Made.Access
	t.Cleanup(func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the credentials are left: %v", err)
		}
	})
	for path, want := range map[string]os.FileMode{folder: 0o700, folder + "/access.conf": 0o600, folder + "/server.key": 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	for _, n := range c.Nodes() {
		client := compose.DirectClient(c, n.Addr, time.Second)
		defer client.Close()
		for directive, want := range map[string]string{"port": "0", "tls-cluster": "yes", "tls-replication": "yes", "tls-auth-clients": "yes", "masteruser": "tool"} {
			if got, err := client.ConfigGet(t.Context(), directive).Result(); err != nil || got[directive] != want {
				t.Errorf("%s: %s is %q, %v", n.Name, directive, got, err)
			}
		}
	}
	anonymous, stranger := access, access
	anonymous.TLS = mustTLS(t, compose.Credentials{CA: secured.CA, ServerName: secured.ServerName})
	stranger.Password = "other"
	for name, kept := range map[string]struct {
		out  compose.Access
		want string
	}{
		"without TLS":           {compose.Access{}, "cluster.tls"},
		"without a certificate": {anonymous, "cluster.tls.cert"},
		"with another password": {stranger, "user tool has another password"},
		"as nobody":             {compose.Access{TLS: secured}, "cluster.auth"},
	} {
		if err := firstWords(t.Context(), kept.out, c.Nodes()[0].HostAddr); err == nil || !strings.Contains(err.Error(), kept.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustTLS(t *testing.T, c compose.Credentials) *compose.TLS {
	t.Helper()
	secured, err := compose.NewTLS(c)
	if err != nil {
		t.Fatal(err)
	}
	return secured
}

// firstWords is what comes of connecting to a server and sending a first command.
func firstWords(ctx context.Context, a compose.Access, addr string) error {
	client := compose.DirectClient(dialled(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return a.Dial(ctx, netdev.Device{}, network, addr)
	}), addr, time.Second)
	defer client.Close()
	return a.Explain(client.Ping(ctx).Err())
}

// dialled is servers that are dialled by a function.
type dialled func(ctx context.Context, network, addr string) (net.Conn, error)

func (dialled) Nodes() []compose.Node { return nil }

func (d dialled) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return d(ctx, network, addr)
}
