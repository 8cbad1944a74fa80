package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

const password = "of-the-test"

// servers are those of a test, by the addresses where they are dialled.
type servers struct{ access compose.Access }

func (servers) Nodes() []compose.Node { return nil }

func (s servers) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.access.Dial(ctx, netdev.Device{}, network, addr)
}

// start starts a server, and gives where it is dialled.
func start(t *testing.T, args ...string) (addr string) {
	t.Helper()
	const last = 1<<16 - 1 - 10000 // of those whose bus port is one
	var port int
	for port == 0 || port > last {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port = l.Addr().(*net.TCPAddr).Port
		l.Close()
	}
	addr = fmt.Sprintf("127.0.0.1:%d", port)
	cmd := exec.Command(softwaretest.OnPath(t), append(args, "--port", strconv.Itoa(port), "--save", "", "--dir", t.TempDir())...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it keeps nothing
		_ = cmd.Wait()
	})
	return addr
}

// awaitAll waits until servers answer.
func awaitAll(t *testing.T, s servers, addrs ...string) {
	t.Helper()
	for _, addr := range addrs {
		c := compose.DirectClient(s, addr, time.Second)
		for began := time.Now(); c.Ping(t.Context()).Err() != nil; time.Sleep(5 * time.Millisecond) {
			if time.Since(began) > 30*time.Second {
				t.Fatalf("%s does not answer", addr)
			}
		}
		c.Close()
	}
}

// TestServers puts a survey to real servers: a cluster with a password that announces another address than it is dialled
// at, and what may be beside it.
func TestServers(t *testing.T) {
	with := servers{compose.Access{Password: password}}
	var nodes []compose.Node
	var candidates []Candidate
	for i := range 6 {
		addr := start(t, "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.2", "--requirepass", password, "--masterauth", password)
		nodes = append(nodes, compose.Node{Name: fmt.Sprintf("node-%d", i), Addr: addr})
		candidates = append(candidates, Candidate{Addr: addr, Name: fmt.Sprintf("node-%d", i), In: fmt.Sprint("container ", i)})
	}
	lone, open := start(t, "--cluster-enabled", "yes"), start(t)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(conf, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := start(t, conf, "--sentinel")
	for _, n := range nodes {
		awaitAll(t, with, n.Addr)
	}
	awaitAll(t, servers{}, lone, open, sentinel)
	access := compose.Access{Password: password}

	_, err := Survey{Candidates: candidates, Access: access}.Find(t.Context())
	var unformed *UnformedError
	if !errors.As(err, &unformed) || len(unformed.Nodes) != 6 || unformed.Nodes[3].Name != "node-3" {
		t.Fatalf("of servers that are not joined: %v", err)
	}
	if err := compose.Bootstrap(t.Context(), with, nodes, 3); err != nil {
		t.Fatal(err)
	}

	t.Run("whole", func(t *testing.T) {
		c, err := Survey{Candidates: append(slices.Clone(candidates), Candidate{Addr: lone}, Candidate{Addr: open, Name: "cache", In: "another"}), Access: access}.Find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range c.Nodes {
			got = append(got, fmt.Sprint(n.Name, " ", n.Shard, " ", n.Replica))
			if at := c.Dial[n.Announced]; at.Addr != n.At.Addr || !strings.HasPrefix(n.Announced, "127.0.0.2:") || n.Bus == 0 || n.ID == "" || n.Server.Port == 0 {
				t.Errorf("%+v is dialled at %s", n, at.Addr)
			}
		}
		if want := []string{"node-0 0 false", "node-3 0 true", "node-1 1 false", "node-4 1 true", "node-2 2 false", "node-5 2 true"}; !slices.Equal(got, want) {
			t.Errorf("nodes: %q", got)
		}
		if len(c.Shards) != 3 || c.Shards[1][0] != slots.Equal(3).Ranges(1)[0] {
			t.Errorf("shards: %v", c.Shards)
		}
		if len(c.Others) != 2 {
			t.Errorf("others: %+v", c.Others)
		}
	})
	t.Run("by one address", func(t *testing.T) {
		c, err := Survey{Candidates: candidates[:1], Access: access, Follow: true}.Find(t.Context())
		if err != nil || len(c.Nodes) != 6 {
			t.Fatalf("%+v, %v", c, err)
		}
	})
	t.Run("by an address map", func(t *testing.T) {
		_, port, _ := net.SplitHostPort(candidates[4].Addr)
		announced := "127.0.0.2:" + port
		to := "127.0.0.3:" + port
		c, err := Survey{Candidates: candidates[:1], Access: access, Follow: true, AddressMap: map[string]string{announced: to}}.Find(t.Context())
		if err != nil || c.Dial[announced].Addr != to {
			t.Fatalf("%+v, %v", c, err)
		}
		for _, wrong := range []struct {
			addresses map[string]string
			want      string
		}{
			{map[string]string{"10.1.2.3:6379": to}, "no node announces"},
			{map[string]string{announced: candidates[0].Addr}, "and not there"},
		} {
			_, err := Survey{Candidates: candidates, Access: access, AddressMap: wrong.addresses}.Find(t.Context())
			if err == nil || !strings.Contains(err.Error(), wrong.want) {
				t.Errorf("%v: %v", wrong.addresses, err)
			}
		}
	})
	denying := speaking(t, "-DENIED Redis is running in protected mode because protected mode is enabled\r\n")
	garbage := speaking(t, "HTTP/1.1 400 Bad Request\r\n\r\n")
	for name, test := range map[string]struct {
		candidates []Candidate
		access     compose.Access
		want       []string
	}{
		"a node that was not asked": {candidates[:5], access, []string{"is named by 5 nodes, and was not reached"}},
		"no password":               {candidates, compose.Access{}, []string{"it refuses the access", "NOAUTH"}},
		"a wrong password":          {candidates, compose.Access{Password: "wrong"}, []string{"it refuses the access", "WRONGPASS"}},
		"a single server":           {[]Candidate{{Addr: open}}, compose.Access{}, []string{open, "without cluster mode"}},
		"a Sentinel":                {[]Candidate{{Addr: sentinel}}, compose.Access{}, []string{"it is a Sentinel"}},
		"nothing that answers":      {[]Candidate{{Addr: "127.0.0.1:1"}}, compose.Access{}, []string{"connection refused"}},
		"something else":            {[]Candidate{{Addr: garbage}}, compose.Access{}, []string{"does not answer as a server of Redis does"}},
		"one in protected mode":     {[]Candidate{{Addr: denying}}, compose.Access{}, []string{"protected-mode no"}},
		"none":                      {nil, compose.Access{}, []string{"there is no server to ask"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Survey{Candidates: test.candidates, Access: test.access}.Find(t.Context())
			if err == nil {
				t.Fatalf("no error, but %+v", c)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

// speaking answers whatever is asked with a text.
func speaking(t *testing.T, text string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(text))
			conn.Close()
		}
	}()
	return l.Addr().String()
}
