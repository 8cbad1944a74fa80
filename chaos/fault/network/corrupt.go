package network

import (
	"context"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Corrupt changes a byte of some of the node's packets, which the receiver then drops. Healing leaves
// them as they are.
type Corrupt struct {
	Some `yaml:",inline"`
}

func (kinds) Corrupt() chaos.Fault { return &Corrupt{some(10)} }

var _ chaos.Preparing = (*Corrupt)(nil)

// Past implements chaos.Affecting.
func (d *Corrupt) Past() string { return "made to send damaged packets" }

// Prepare implements chaos.Preparing.
func (d *Corrupt) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &Corrupt{d.unique()}, nil
}

// Inject implements chaos.Fault.
func (d *Corrupt) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return d.shape(ctx, c, node, traffic.Effect{Corruption: &traffic.Corruption{Probability: d.Share.Share()}})
}
