//go:build linux

package attack

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/google/nftables"
	"github.com/vishvananda/netlink"

	"github.com/redis-chaos/redis-chaos/compose/docker"
)

// bystanders are things of somebody else on this machine: an interface, a table of nftables and a file.
type bystanders struct {
	link, table, file string
	was               string
}

// standBy makes them, and removes them at the end of the test.
func standBy(t *testing.T) *bystanders {
	t.Helper()
	b := &bystanders{link: fmt.Sprintf("by%d", os.Getpid()), table: fmt.Sprintf("bystander-%d", os.Getpid()), file: filepath.Join(t.TempDir(), "file")}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(b.file, []byte("somebody's"), 0o600))
	attrs := netlink.NewLinkAttrs()
	attrs.Name = b.link
	bridge := &netlink.Bridge{LinkAttrs: attrs}
	must(netlink.LinkAdd(bridge))
	t.Cleanup(func() { _ = netlink.LinkDel(bridge) })
	must(netlink.AddrAdd(bridge, &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(198, 51, 100, 77), Mask: net.CIDRMask(32, 32)}}))
	must(netlink.LinkSetUp(bridge))
	conn, err := nftables.New()
	must(err)
	table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: b.table})
	conn.AddChain(&nftables.Chain{Name: "somebodys", Table: table})
	must(conn.Flush())
	t.Cleanup(func() {
		conn.DelTable(table)
		_ = conn.Flush()
	})
	b.was = b.state(t)
	return b
}

// untouched fails the test if any of them is not as it was.
func (b *bystanders) untouched(t *testing.T) {
	t.Helper()
	if is := b.state(t); is != b.was {
		t.Errorf("somebody else's things are\n%s, and were\n%s", is, b.was)
	}
}

func (b *bystanders) state(t *testing.T) string {
	t.Helper()
	link, err := netlink.LinkByName(b.link)
	if err != nil {
		return err.Error()
	}
	addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return err.Error()
	}
	qdiscs, err := netlink.QdiscList(link)
	if err != nil {
		return err.Error()
	}
	conn, err := nftables.New()
	if err != nil {
		return err.Error()
	}
	chains, err := conn.ListChainsOfTableFamily(nftables.TableFamilyINet)
	if err != nil {
		return err.Error()
	}
	mine := 0
	for _, c := range chains {
		if c.Table.Name == b.table {
			mine++
		}
	}
	text, err := os.ReadFile(b.file)
	if err != nil {
		return err.Error()
	}
	info, err := os.Stat(b.file)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %v, %v, %d qdiscs, %d chains, %q %v %v", link.Attrs().Name, link.Attrs().Flags, addrs, len(qdiscs), mine, text, info.Mode(), info.ModTime())
}

// bystanderContainer starts a container of the image of a cluster, which is nobody's run, and fails the test at its
// end if that was touched.
func bystanderContainer(t *testing.T, e *docker.Engine, cluster string) {
	t.Helper()
	nodes, err := e.ContainerList(t.Context(), container.ListOptions{Filters: filters.NewArgs(filters.Arg("label", docker.RunLabel+"="+cluster))})
	if err != nil || len(nodes) == 0 {
		t.Fatalf("%d nodes, %v", len(nodes), err)
	}
	made, err := e.ContainerCreate(t.Context(), &container.Config{Image: nodes[0].Image, Entrypoint: []string{"redis-server"}, Cmd: []string{"--save", ""}}, nil, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		info, err := e.ContainerInspect(context.Background(), made.ID)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s since %s, pid %d, restarted %d times, quota %d, %d networks", info.State.Status, info.State.StartedAt, info.State.Pid, info.RestartCount, info.HostConfig.CPUQuota, len(info.NetworkSettings.Networks))
	}
	var was string
	t.Cleanup(func() {
		if is := state(); is != was {
			t.Errorf("somebody else's container is %s, and was %s", is, was)
		}
		if err := e.ContainerRemove(context.Background(), made.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			t.Error(err)
		}
	})
	if err := e.ContainerStart(t.Context(), made.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	was = state()
}
