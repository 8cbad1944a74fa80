package docker

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/vishvananda/netlink"
)

// takeOver makes an interface with the addresses of a network that is gone, its first
// node's among them, and answers there.
func takeOver(t *testing.T, node netip.AddrPort) (asked <-chan struct{}) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "rc-foreign"
	foreign := &netlink.Bridge{LinkAttrs: attrs}
	if err := netlink.LinkAdd(foreign); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := netlink.LinkDel(foreign); err != nil {
			t.Error(err)
		}
	})
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: node.Addr().AsSlice(), Mask: net.CIDRMask(24, 32)}}
	if err := errors.Join(netlink.AddrAdd(foreign, addr), netlink.LinkSetUp(foreign)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", node.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heard := make(chan struct{}, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
			heard <- struct{}{}
		}
	}()
	return heard
}

// Once a cluster's networks are removed, nothing is dialled any more: not by the default
// route, and not who has the addresses then.
func TestNothingIsDialledOnceTheNetworksAreGone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make an interface")
	}
	e := engine(t)
	d := DefaultDeployment(3, 0)
	// Not those that other runs take.
	d.ClientNet, d.ClusterNet = netip.MustParsePrefix("10.229.77.0/24"), netip.MustParsePrefix("10.229.78.0/24")
	cluster, err := tryDeployOf(t, e, testRun("networks-gone"), d)
	if err != nil {
		t.Fatal(err)
	}
	nodes := cluster.Nodes()
	if conn, err := cluster.Dial(t.Context(), "tcp", nodes[0].Addr); err != nil {
		t.Fatal(err)
	} else {
		conn.Close()
	}
	for _, n := range nodes {
		if err := e.ContainerRemove(t.Context(), cluster.containers[n.Name], container.RemoveOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range cluster.networks {
		if err := e.NetworkRemove(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(when string) {
		t.Helper()
		// Long enough for an answer to come, and not for a dial that waits for one to end.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, n := range nodes {
			conn, err := cluster.Dial(ctx, "tcp", n.Addr)
			if err == nil {
				conn.Close()
			}
			var op *net.OpError
			if !errors.Is(err, syscall.ENODEV) || !errors.Is(err, syscall.ENETUNREACH) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("dialling %s %s: %v", n.Name, when, err)
			}
		}
	}
	fails("without its networks")
	asked := takeOver(t, netip.MustParseAddrPort(nodes[0].ClientAddr))
	if conn, err := net.Dial("tcp4", nodes[0].ClientAddr); err != nil {
		t.Fatalf("the foreign server cannot be dialled by anybody: %v", err)
	} else {
		conn.Close()
	}
	<-asked
	fails("beside a foreign network of its addresses")
	if len(asked) > 0 {
		t.Error("the foreign server was asked")
	}
}

// A server can send clients to any address. Only a node's is dialled.
func TestAddressesOfNoNodeAreNotDialled(t *testing.T) {
	d := &Cluster{dial: map[string]string{}}
	if conn, err := d.Dial(t.Context(), "tcp", "localhost:1"); err == nil || conn != nil || err.Error() != `dial tcp: no node of the cluster has the address "localhost:1"` {
		t.Error(err)
	}
}
