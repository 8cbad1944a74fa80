package compose

import (
	"fmt"
	"testing"
)

// The nodes of a shard are in as many zones as there can be, and every zone has a node.
func TestNodesAreSpreadOverZones(t *testing.T) {
	for masters := 3; masters <= 7; masters++ {
		for replicas := range 4 {
			for zones := 2; zones <= masters+replicas; zones++ {
				d := Deployment{Masters: masters, Replicas: replicas}
				for i := range zones {
					d.Zones = append(d.Zones, fmt.Sprint(i))
				}
				ofShard, nodes := map[int]map[string]bool{}, map[string]int{}
				for _, n := range d.Nodes() {
					if ofShard[n.Master] == nil {
						ofShard[n.Master] = map[string]bool{}
					}
					ofShard[n.Master][n.Zone] = true
					nodes[n.Zone]++
				}
				for shard, in := range ofShard {
					if len(in) != min(zones, 1+replicas) {
						t.Errorf("%d×%d nodes, %d zones: shard %d is in %v", masters, 1+replicas, zones, shard, in)
					}
				}
				if len(nodes) != zones {
					t.Errorf("%d×%d nodes, %d zones: %v", masters, 1+replicas, zones, nodes)
				}
			}
		}
	}
	if n := (Deployment{Masters: 3}).Nodes()[0]; n.Zone != "" {
		t.Errorf("a cluster without zones has %q", n.Zone)
	}
}
