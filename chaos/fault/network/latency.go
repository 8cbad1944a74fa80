package network

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Latency holds back the packets that the node sends, each way that direction names. Healing lets them
// pass as they come.
type Latency struct {
	Packets `yaml:",inline"`
	// Delay is the time that each is held back.
	Delay units.Duration `yaml:"delay"`
	// Jitter is how much more or less that is.
	Jitter units.Duration `yaml:"jitter"`
	// Distribution is "uniform" between the two, "normal" or "pareto", of which Jitter is the standard deviation.
	Distribution string `yaml:"distribution"`
}

func (kinds) Latency() chaos.Fault {
	return &Latency{Packets: packets("out"), Delay: units.Duration(100 * time.Millisecond), Distribution: "uniform"}
}

var _ chaos.Preparing = (*Latency)(nil)

// Check implements scenarios.FaultSpec.
func (l *Latency) Check(c scenarios.Cluster) error {
	if err := l.Packets.Check(c); err != nil {
		return err
	}
	if known := []string{"uniform", "normal", "pareto"}; !slices.Contains(known, l.Distribution) {
		return &scenarios.FieldError{Field: "distribution", Msg: fmt.Sprintf("unknown distribution %q; known: %s", l.Distribution, strings.Join(known, ", "))}
	}
	if err := scenarios.InRange("delay", l.Delay, units.Duration(100*time.Microsecond), units.Duration(time.Minute), ""); err != nil {
		return err
	}
	return scenarios.InRange("jitter", l.Jitter, 0, l.Delay, "no more than the delay")
}

// Detail implements chaos.Detailed.
func (l *Latency) Detail() string {
	return fmt.Sprintf("%s%s, %s", l.Delay, l.spread(), l.where())
}

func (l *Latency) spread() string {
	if l.Jitter == 0 {
		return ""
	}
	return fmt.Sprintf(" ± %s (%s)", l.Jitter, l.Distribution)
}

func (l *Latency) latency() *traffic.Latency {
	if l.Jitter == 0 {
		return &traffic.Latency{Delay: l.Delay.D()}
	}
	return &traffic.Latency{Delay: l.Delay.D(), Jitter: l.Jitter.D(), Distribution: traffic.Distribution(l.Distribution)}
}

// Past implements chaos.Affecting.
func (l *Latency) Past() string { return "slowed down on the network" }

// Prepare implements chaos.Preparing.
func (l *Latency) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	own := *l
	own.Packets = l.unique()
	return &own, nil
}

// Inject implements chaos.Fault.
func (l *Latency) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return l.shape(ctx, c, node, traffic.Effect{Latency: l.latency()})
}
