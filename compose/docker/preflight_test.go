package docker

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose"
)

func TestTakenPortsMoveOrAreNamed(t *testing.T) {
	e := engine(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	nodes := DefaultDeployment(3, 0).planned()
	ports, err := e.freePorts(t.Context(), nodes, compose.PortPolicy{First: taken})
	if err != nil || len(ports) != 3 || ports[0] <= taken || !slices.IsSorted(ports) {
		t.Errorf("ports %v from %d on, %v", ports, taken, err)
	}
	_, err = e.freePorts(t.Context(), nodes, compose.PortPolicy{First: taken, Fixed: true})
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
	name := d.Prefix + d.planned()[1].Volume
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
