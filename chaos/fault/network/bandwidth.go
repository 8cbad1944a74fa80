package network

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Bandwidth limits how many bytes the node sends in a second. Healing lifts the limit.
type Bandwidth struct {
	Packets `yaml:",inline"`
	// Rate is bytes a second.
	Rate units.Size `yaml:"rate"`
}

func (kinds) Bandwidth() chaos.Fault {
	return &Bandwidth{Packets: packets("out"), Rate: 1_000_000}
}

var _ chaos.Preparing = (*Bandwidth)(nil)

// Check implements scenarios.FaultSpec.
func (b *Bandwidth) Check(c scenarios.Cluster) error {
	if err := b.Packets.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("rate", b.Rate, 1000, 10_000_000_000, "a second")
}

// Detail implements chaos.Detailed.
func (b *Bandwidth) Detail() string {
	return fmt.Sprintf("%s/s, %s", b.Rate, b.where())
}

// Past implements chaos.Affecting.
func (b *Bandwidth) Past() string { return "limited in bandwidth" }

// Prepare implements chaos.Preparing.
func (b *Bandwidth) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *b
	own.Packets = b.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (b *Bandwidth) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return b.shape(ctx, c, node, traffic.Effect{Bandwidth: &traffic.Bandwidth{BytesPerSecond: int64(b.Rate)}})
}
