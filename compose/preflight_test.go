package compose

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/volume"
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, s := range texts {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

func TestPickSubnets(t *testing.T) {
	preferred := [2]netip.Prefix(prefixes("172.30.1.0/24", "172.30.2.0/24"))
	for _, test := range []struct{ taken, want []netip.Prefix }{
		{nil, prefixes("172.30.1.0/24", "172.30.2.0/24")},
		{prefixes("172.17.0.0/16"), prefixes("172.30.1.0/24", "172.30.2.0/24")},
		{prefixes("172.30.2.0/25"), prefixes("172.30.3.0/24", "172.30.4.0/24")},
		{prefixes("172.30.0.0/22"), prefixes("172.30.5.0/24", "172.30.6.0/24")},
		{prefixes("172.16.0.0/12"), prefixes("10.230.1.0/24", "10.230.2.0/24")},
	} {
		got, err := pickSubnets(preferred, test.taken)
		if err != nil || !slices.Equal(got[:], test.want) {
			t.Errorf("taken %v: %v, %v; want %v", test.taken, got, err, test.want)
		}
	}
	if _, err := pickSubnets(preferred, prefixes("172.16.0.0/12", "10.0.0.0/8")); err == nil || !strings.Contains(err.Error(), "docker network ls") {
		t.Errorf("everything is taken: %v", err)
	}
}

func TestTakenPortsMoveOrAreNamed(t *testing.T) {
	e := engine(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	nodes := DefaultDeployment(3, 0).Nodes()
	ports, err := e.freePorts(t.Context(), nodes, PortPolicy{First: taken})
	if err != nil || len(ports) != 3 || ports[0] <= taken || !slices.IsSorted(ports) {
		t.Errorf("ports %v from %d on, %v", ports, taken, err)
	}
	_, err = e.freePorts(t.Context(), nodes, PortPolicy{First: taken, Fixed: true})
	want := fmt.Sprintf("host port %d, for redis-master-1, is taken by process %d (", taken, os.Getpid())
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s…", err, want)
	}
}

// What is not ours is never taken over.
func TestForeignNamesAreInTheWay(t *testing.T) {
	e := engine(t)
	d := DefaultDeployment(3, 0)
	d.RunID = testRun("foreign")
	d.Prefix = d.RunID + "-"
	name := d.Prefix + d.Nodes()[1].Volume
	if _, err := e.VolumeCreate(t.Context(), volume.CreateOptions{Name: name}); err != nil {
		t.Fatal(err)
	}
	defer e.VolumeRemove(t.Context(), name, false)
	_, err := e.checkNames(t.Context(), d, nil)
	if err == nil || err.Error() != "a volume "+name+" that is not ours is in the way; nothing was touched: rename or remove it, or run under another name" {
		t.Errorf("%v", err)
	}
	if err := e.Remove(t.Context(), d.RunID); err != nil {
		t.Error(err)
	}
	if _, err := e.VolumeInspect(t.Context(), name); err != nil {
		t.Errorf("the volume that is not ours is gone: %v", err)
	}
}

func TestLargeClustersNeedRoomInTheNeighbourTable(t *testing.T) {
	for nodes, fits := range map[int]bool{6: true, 31: true, 32: false, 60: false} {
		if err := fitsNeighbours(nodes, 1024); (err == nil) != fits {
			t.Errorf("%d nodes: %v", nodes, err)
		}
	}
	want := "60 nodes need about 3660 entries in the kernel's neighbour table, and it holds 1024: sudo sysctl -w net.ipv4.neigh.default.gc_thresh3=7320, or deploy fewer nodes"
	if err := fitsNeighbours(60, 1024); err.Error() != want {
		t.Errorf("%v", err)
	}
}

// Runs that deploy at the same time get different subnets, although nothing of
// either can be seen yet.
func TestReservedSubnetsAreTaken(t *testing.T) {
	nothing := func() ([]netip.Prefix, error) { return nil, nil }
	// Of this process's own.
	third := os.Getpid() % 127 * 2
	preferred := [2]netip.Prefix(prefixes(fmt.Sprintf("10.99.%d.0/24", third), fmt.Sprintf("10.99.%d.0/24", third+1)))
	first, releaseFirst, err := ReserveSubnets(testRun("reserve-1"), preferred, nothing)
	if err != nil || first != preferred {
		t.Fatalf("%v, %v", first, err)
	}
	second, releaseSecond, err := ReserveSubnets(testRun("reserve-2"), preferred, nothing)
	if err != nil || second == first {
		t.Errorf("%v, %v", second, err)
	}
	releaseFirst()
	releaseSecond()
	again, release, err := ReserveSubnets(testRun("reserve-3"), preferred, nothing)
	if err != nil || again != preferred {
		t.Errorf("%v, %v", again, err)
	}
	release()
}
