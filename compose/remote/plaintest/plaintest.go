// Package plaintest starts clusters of servers for tests as a person does it by hand: this program has no part in them.
package plaintest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// Cluster is a cluster of servers of this machine.
type Cluster struct {
	// Addrs are where they listen, the masters first.
	Addrs  []string
	access compose.Access
}

// Nodes implements compose.Servers: the cluster knows no names.
func (c *Cluster) Nodes() []compose.Node { return nil }

// Dial implements compose.Servers.
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return c.access.Dial(ctx, netdev.Device{}, network, addr)
}

const (
	masters  = 3
	patience = 30 * time.Second
)

// Start starts a cluster of three masters with so many replicas of each, and ends it with the test. password is that of
// its servers; "" is none. options are what each is started with beside what it takes.
func Start(t testing.TB, replicas int, password string, options ...string) *Cluster {
	t.Helper()
	program := softwaretest.OnPath(t)
	c := &Cluster{access: compose.Access{Password: compose.Secret(password)}}
	if password != "" {
		options = append(options, "--requirepass", password, "--masterauth", password)
	}
	var nodes []compose.Node
	for i := range masters * (1 + replicas) {
		dir, port := t.TempDir(), freePort(t)
		addr := "127.0.0.1:" + strconv.Itoa(port)
		cmd := exec.Command(program, append([]string{
			"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--dir", dir,
			"--save", "", "--repl-diskless-sync-delay", "0", "--logfile", filepath.Join(dir, "redis.log"),
		}, options...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = cmd.Wait() // tests end servers
		}()
		t.Cleanup(func() { c.end(addr); <-ended })
		c.Addrs = append(c.Addrs, addr)
		nodes = append(nodes, compose.Node{Name: fmt.Sprintf("plain-%d", i), Addr: addr})
	}
	for _, addr := range c.Addrs {
		c.await(t, addr)
	}
	if err := compose.Bootstrap(t.Context(), c, nodes, masters); err != nil {
		t.Fatal(err)
	}
	return c
}

// freePort is one whose bus port is one, too.
func freePort(t testing.TB) int {
	t.Helper()
	const last = 1<<16 - 1 - 10000
	for {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port <= last {
			return port
		}
	}
}

func (c *Cluster) await(t testing.TB, addr string) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		_, err := c.Ask(t.Context(), addr, "PING")
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("%s does not answer: %v", addr, err)
		}
	}
}

// Ask sends a command to the server at an address.
func (c *Cluster) Ask(ctx context.Context, addr string, words ...any) (any, error) {
	client := compose.DirectClient(c, addr, time.Second)
	defer client.Close()
	return client.Do(ctx, words...).Result()
}

// end ends what listens at an address, whoever has started it.
func (c *Cluster) end(addr string) {
	for {
		if _, err := c.Ask(context.Background(), addr, "PING"); err != nil {
			return
		}
		_, _ = c.Ask(context.Background(), addr, "SHUTDOWN", "NOSAVE", "FORCE") // it ends without an answer
		_, _ = c.Ask(context.Background(), addr, "SHUTDOWN", "NOSAVE")          // before Redis 7.0
	}
}
