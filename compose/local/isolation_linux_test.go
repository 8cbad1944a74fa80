package local

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/conformance"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/local/thread"
)

// fromNode dials as a process of a node would.
func fromNode(c conformance.Cluster, node, addr string) error {
	for {
		if err := tryFromNode(c, node, addr); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func tryFromNode(c conformance.Cluster, node, addr string) error {
	return thread.Run(func() error {
		if err := c.Cluster.(*Cluster).byName[node].net.Enter(); err != nil {
			return err
		}
		socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(socket)
		const patience = 500 * time.Millisecond
		limit := syscall.NsecToTimeval(patience.Nanoseconds())
		if err := syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &limit); err != nil {
			return err
		}
		to, err := net.ResolveTCPAddr("tcp4", addr)
		if err != nil {
			return err
		}
		return syscall.Connect(socket, &syscall.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())})
	})
}

// reaches is an error if nobody answers for longer than a busy machine takes.
func reaches(c conformance.Cluster, node, addr string) error {
	const patience = 30 * time.Second
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if err := fromNode(c, node, addr); err == nil || time.Since(start) > patience {
			return err
		}
	}
}

// A node that is off a network has no way to it by the other one, even where the
// host forwards packets.
func TestNoWayRoundByTheOtherNetwork(t *testing.T) {
	t.Parallel()
	needMode(t, Isolated)
	const node, peer = "redis-master-1", 1
	for _, test := range []struct {
		off         compose.Network
		missing, on func(compose.Node) string
	}{
		{compose.ClusterNetwork, clusterAddr, clientAddr},
		{compose.ClientNetwork, clientAddr, clusterAddr},
	} {
		t.Run(string(test.off), func(t *testing.T) {
			t.Parallel()
			run := testRun("way-" + string(test.off))
			c := deployForTest(t, Options{RunID: run, Masters: 3, Replicas: 1, Mode: Isolated})
			for _, addr := range []string{clusterAddr(c.Nodes()[peer]), clientAddr(c.Nodes()[peer])} {
				if err := reaches(c, node, addr); err != nil {
					t.Fatalf("on both networks, it does not reach %s: %v", addr, err)
				}
			}
			if err := c.Disconnect(t.Context(), node, test.off); err != nil {
				t.Fatal(err)
			}
			if err := fromNode(c, node, test.missing(c.Nodes()[peer])); !silent(err) {
				t.Errorf("the network that it is off: %v, want silence", err)
			}
			if err := reaches(c, node, test.on(c.Nodes()[peer])); err != nil {
				t.Errorf("the network that it is on: %v", err)
			}
			if err := fromNode(c, "redis-master-2", test.missing(c.Nodes()[0])); !silent(err) {
				t.Errorf("a peer on the network that it is off: %v, want silence", err)
			}
			if err := c.Connect(t.Context(), node, test.off); err != nil {
				t.Fatal(err)
			}
			if err := reaches(c, node, test.missing(c.Nodes()[peer])); err != nil {
				t.Errorf("back on both networks: %v", err)
			}
		})
	}
}

// silent tells whether nobody has answered: neither a yes nor a no.
func silent(err error) bool {
	return errors.Is(err, syscall.EINPROGRESS) || errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EHOSTUNREACH)
}

func clusterAddr(n compose.Node) string { return n.Addr }
func clientAddr(n compose.Node) string  { return n.ClientAddr }

// Nodes reach nothing beyond their two networks.
func TestNodesAreConfined(t *testing.T) {
	needMode(t, Isolated)
	run := testRun("confined")
	c := deployForTest(t, Options{RunID: run, Masters: 3, Replicas: 1, Mode: Isolated})
	outside, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	_, port, err := net.SplitHostPort(outside.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{"127.0.0.1": true}
	for _, n := range []string{c.Nodes()[0].Addr, c.Nodes()[0].ClientAddr} {
		own[n[:strings.LastIndexByte(n, '.')]+".1"] = true
	}
	for _, a := range addrs {
		ip := a.(*net.IPNet).IP.To4()
		if ip == nil || own[ip.String()] {
			continue
		}
		if err := fromNode(c, c.Nodes()[0].Name, net.JoinHostPort(ip.String(), port)); !silent(err) {
			t.Errorf("this machine's %s: %v, want silence", ip, err)
		}
	}
}

// A cut whose second step failed, so that the interface is down and still there, is put right
// like any other.
func TestALegThatWasLeftDownIsReplaced(t *testing.T) {
	t.Parallel()
	needMode(t, Isolated)
	const name = "redis-master-1"
	run := testRun("left-down")
	c := deployForTest(t, Options{RunID: run, Masters: 3, Mode: Isolated})
	peer := c.Nodes()[1].Addr
	err := c.Cluster.(*Cluster).do("cut off", name, func(n *node) error {
		inside, err := n.net.Netlink()
		if err != nil {
			return err
		}
		defer inside.Close()
		link, err := inside.LinkByName(string(compose.ClusterNetwork))
		if err != nil {
			return err
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.off = append(n.off, compose.ClusterNetwork)
		return inside.LinkSetDown(link)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := fromNode(c, name, peer); !silent(err) {
		t.Errorf("while it is down: %v, want silence", err)
	}
	if err := c.Connect(t.Context(), name, compose.ClusterNetwork); err != nil {
		t.Fatal(err)
	}
	if err := reaches(c, name, peer); err != nil {
		t.Errorf("back on the network: %v", err)
	}
}

// Once somebody has removed the run's networks, its addresses may be anybody's: they are
// not dialled.
func TestNothingIsDialledOnceTheNetworksAreGone(t *testing.T) {
	needMode(t, Isolated)
	run := testRun("networks-gone")
	c := deployForTest(t, Options{RunID: run, Masters: 3, Mode: Isolated})
	var names []string
	for _, n := range c.Nodes() {
		names = append(names, n.Name)
		conn, err := c.Dial(t.Context(), "tcp", n.Addr)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if err := networks.Remove(run, names); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes() {
		conn, err := c.Dial(t.Context(), "tcp", n.Addr)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, syscall.ENODEV) || !errors.Is(err, syscall.ENETUNREACH) {
			t.Errorf("dialling %s: %v", n.Name, err)
		}
	}
}
