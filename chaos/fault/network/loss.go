package network

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Loss loses some packets that the node sends. Healing has all of them arrive.
type Loss struct {
	Some `yaml:",inline"`
	// Burst is how many are lost one after the other, on average; 1 has each lost by itself.
	Burst float64 `yaml:"burst"`
}

func (kinds) Loss() chaos.Fault {
	return &Loss{Some: some(10), Burst: 1}
}

var _ chaos.Preparing = (*Loss)(nil)

// Check implements scenarios.FaultSpec.
func (l *Loss) Check(c scenarios.Cluster) error {
	if err := l.Some.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("burst", l.Burst, 1, 1000, "packets")
}

// Detail implements chaos.Detailed.
func (l *Loss) Detail() string {
	if l.Burst > 1 {
		return fmt.Sprintf("%v of the packets, in bursts of %g, %s", l.Share, l.Burst, l.where())
	}
	return l.Some.Detail()
}

// loss is in bursts by the simplest case of the model of Gilbert and Elliott: all that is sent while the
// path is bad is lost, and it is bad for Burst packets on average.
func (l *Loss) loss() *traffic.Loss {
	share := l.Share.Share()
	if l.Burst == 1 || share == 1 {
		return &traffic.Loss{Probability: share}
	}
	toGood := 1 / l.Burst
	return &traffic.Loss{Bursts: &traffic.GilbertElliott{ToBad: min(1, toGood*share/(1-share)), ToGood: toGood, LossBad: 1}}
}

// Past implements chaos.Affecting.
func (l *Loss) Past() string { return "made to lose packets" }

// Prepare implements chaos.Preparing.
func (l *Loss) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *l
	own.Some = l.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (l *Loss) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return l.shape(ctx, c, node, traffic.Effect{Loss: l.loss()})
}
