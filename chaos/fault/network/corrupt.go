package network

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Corrupt changes a byte of some of the node's packets, which the receiver then drops. Healing leaves
// them as they are.
type Corrupt struct {
	Packets `yaml:",inline"`
	// Share is how many of them.
	Share units.Percent `yaml:"share"`
}

func (kinds) Corrupt() chaos.Fault {
	return &Corrupt{Packets: packets("out"), Share: 10}
}

var _ chaos.Preparing = (*Corrupt)(nil)

// Check implements scenarios.FaultSpec.
func (d *Corrupt) Check(c scenarios.Cluster) error {
	if err := d.Packets.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("share", d.Share, leastShare, 100, "")
}

// Detail implements chaos.Detailed.
func (d *Corrupt) Detail() string {
	return fmt.Sprintf("%v of the packets, %s", d.Share, d.where())
}

// Past implements chaos.Affecting.
func (d *Corrupt) Past() string { return "made to send damaged packets" }

// Prepare implements chaos.Preparing.
func (d *Corrupt) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *d
	own.Packets = d.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (d *Corrupt) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return d.shape(ctx, c, node, traffic.Effect{Corruption: &traffic.Corruption{Probability: d.Share.Share()}})
}
