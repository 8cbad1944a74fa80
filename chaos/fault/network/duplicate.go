package network

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Duplicate sends some of the node's packets twice. Healing has each of them sent once.
type Duplicate struct {
	Packets `yaml:",inline"`
	// Share is how many of them.
	Share units.Percent `yaml:"share"`
}

func (kinds) Duplicate() chaos.Fault {
	return &Duplicate{Packets: packets("out"), Share: 10}
}

var _ chaos.Preparing = (*Duplicate)(nil)

// Check implements scenarios.FaultSpec.
func (d *Duplicate) Check(c scenarios.Cluster) error {
	if err := d.Packets.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("share", d.Share, leastShare, 100, "")
}

// Detail implements chaos.Detailed.
func (d *Duplicate) Detail() string {
	return fmt.Sprintf("%v of the packets, %s", d.Share, d.where())
}

// Past implements chaos.Affecting.
func (d *Duplicate) Past() string { return "made to send packets twice" }

// Prepare implements chaos.Preparing.
func (d *Duplicate) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *d
	own.Packets = d.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (d *Duplicate) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return d.shape(ctx, c, node, traffic.Effect{Duplication: &traffic.Duplication{Probability: d.Share.Share()}})
}
