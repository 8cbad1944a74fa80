package network

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Partition keeps the node's packets from its peers, or theirs from it. Healing lets them pass.
type Partition struct {
	Packets `yaml:",inline"`
	// Mode is "drop", which nobody is told of, or "reject", which refuses connections at once, and ends those that live
	// with their next packet.
	Mode string `yaml:"mode"`
}

func (kinds) Partition() chaos.Fault {
	return &Partition{Packets: packets("both"), Mode: "drop"}
}

var _ chaos.Preparing = (*Partition)(nil)

// Check implements scenarios.FaultSpec.
func (p *Partition) Check(c scenarios.Cluster) error {
	if err := p.Packets.Check(c); err != nil {
		return err
	}
	return checkMode(p.Mode)
}

// checkMode wants a way to lose packets.
func checkMode(mode string) error { return scenarios.OneOf("mode", mode, "drop", "reject") }

// Detail implements chaos.Detailed.
func (p *Partition) Detail() string {
	return p.Mode + ", " + p.where()
}

// lost is the effect of a mode.
func lost(mode string) traffic.Effect {
	if mode == "reject" {
		return traffic.Effect{Reject: &traffic.Reject{With: traffic.ResetTCP}}
	}
	return traffic.Effect{Drop: &traffic.Drop{}}
}

// Past implements chaos.Affecting.
func (p *Partition) Past() string { return "cut off from its peers" }

// Prepare implements chaos.Preparing.
func (p *Partition) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *p
	own.Packets = p.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (p *Partition) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return p.shape(ctx, c, node, lost(p.Mode))
}
