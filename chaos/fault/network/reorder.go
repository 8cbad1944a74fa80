package network

import (
	"context"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Reorder holds some of the node's packets back, so that those which are sent after them arrive first.
// Healing has them arrive as they are sent.
type Reorder struct {
	Some `yaml:",inline"`
	// Hold is for how long: what is sent within that time overtakes them.
	Hold units.Duration `yaml:"hold"`
}

func (kinds) Reorder() chaos.Fault {
	return &Reorder{Some: some(25), Hold: units.Duration(10 * time.Millisecond)}
}

var _ chaos.Preparing = (*Reorder)(nil)

// Check implements scenarios.FaultSpec.
func (r *Reorder) Check(c scenarios.Cluster) error {
	if err := r.Some.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("hold", r.Hold, units.Duration(100*time.Microsecond), units.Duration(time.Minute), "")
}

// Detail implements chaos.Detailed.
func (r *Reorder) Detail() string { return fmt.Sprintf("%s, %s late", r.Some.Detail(), r.Hold) }

// Past implements chaos.Affecting.
func (r *Reorder) Past() string { return "made to send packets out of order" }

// Prepare implements chaos.Preparing.
func (r *Reorder) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *r
	own.Some = r.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (r *Reorder) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return r.shape(ctx, c, node, traffic.Effect{Reordering: &traffic.Reordering{Probability: r.Share.Share(), Hold: r.Hold.D()}})
}
