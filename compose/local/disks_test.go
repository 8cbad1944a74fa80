package local

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// The data of a cluster with disks are kept where that is asked for, as those of others are, and what is set on
// a disk is undone with it.
func TestDisksAreRemovedWithTheCluster(t *testing.T) {
	t.Parallel()
	needMode(t, Unprivileged)
	if why := disk.Lacks(ownTestServer()); why != "" {
		t.Skip(why)
	}
	o := Options{RunID: testRun("disks"), Masters: 3, Mode: Unprivileged, Disks: true, DiskServer: ownTestServer(), Keep: true, Dir: filepath.Join(t.TempDir(), "run")}
	c, err := Deploy(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	const node = "redis-master-1"
	slow := &disk.Slow{Match: disk.Match{Ops: []disk.Op{disk.OpFsync}}, Delay: 1 << 40}
	if err := c.SetDisk(t.Context(), node, "slow", disk.Fault{Slow: slow}); err != nil {
		t.Error(err)
	}
	if state, err := c.DiskState(t.Context(), node); err != nil || state.Faults["slow"].Fault.Slow == nil {
		t.Errorf("%+v, %v", state, err)
	}
	if err := c.SetDisk(t.Context(), node, "none", disk.Fault{}); err == nil {
		t.Error("an empty fault was set")
	}
	if err := c.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if mounted, err := disk.Find(); err != nil || len(among(mounted, o.Dir)) > 0 {
		t.Errorf("mounted: %v, %v", among(mounted, o.Dir), err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, node, dataName, "nodes.conf")); err != nil {
		t.Error(err)
	}
}

// among are the disks below a folder.
func among(mounted []disk.Mounted, dir string) (those []string) {
	for _, m := range mounted {
		if in, err := filepath.Rel(dir, m.At); err == nil && filepath.IsLocal(in) {
			those = append(those, "disk at "+m.At)
		}
	}
	return those
}
