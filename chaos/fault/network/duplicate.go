package network

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Duplicate sends some of the node's packets twice. Healing has each of them sent once.
type Duplicate struct {
	Some `yaml:",inline"`
}

func (kinds) Duplicate() chaos.Fault { return &Duplicate{some(10)} }

var _ chaos.Preparing = (*Duplicate)(nil)

// Past implements chaos.Affecting.
func (d *Duplicate) Past() string { return "made to send packets twice" }

// Prepare implements chaos.Preparing.
func (d *Duplicate) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &Duplicate{d.unique()}, nil
}

// Inject implements chaos.Fault.
func (d *Duplicate) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return d.shape(ctx, c, node, traffic.Effect{Duplication: &traffic.Duplication{Probability: d.Share.Share()}})
}
