package resource

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Starve leaves the server a share of one CPU: what it takes longer for is answered late.
// Healing lifts the limit.
type Starve struct {
	chaos.Selector `yaml:",inline"`
	// CPU is 0.1% to 100% of one.
	CPU units.Percent `yaml:"cpu"`

	usage
}

// Starve has 0.5% for a default: of that, a server under a load of some hundred commands a
// second works them off so slowly that it was suspected after 1.3 to 3.5 times the
// cluster-node-timeout. With 1% it is late, and answers its peers in time.
func (kinds) Starve() chaos.Fault { return &Starve{CPU: 0.5} }

var (
	_ chaos.Preparing = (*Starve)(nil)
	_ chaos.Telling   = (*Starve)(nil)
)

// The shares that every runtime can keep a server to.
const leastCPU, mostCPU = units.Percent(0.1), units.Percent(100)

// Check implements scenarios.FaultSpec.
func (s *Starve) Check(c scenarios.Cluster) error {
	if err := s.Selector.Check(c); err != nil {
		return err
	}
	if s.CPU < leastCPU || s.CPU > mostCPU {
		return &scenarios.FieldError{Field: "cpu", Msg: fmt.Sprintf("%v of a CPU is out of range; write %v to %v", s.CPU, leastCPU, mostCPU)}
	}
	return nil
}

// Detail implements chaos.Detailed.
func (s *Starve) Detail() string { return fmt.Sprintf("limited to %v", s.CPU) }

// Holds implements scenarios.Holding.
func (s *Starve) Holds() []string { return []string{"CPU"} }

// Needs implements chaos.Demanding.
func (s *Starve) Needs() []compose.Ability { return []compose.Ability{compose.Throttling} }

// Past implements chaos.Affecting.
func (s *Starve) Past() string { return "starved of CPU" }

// Effects implements chaos.Affecting.
func (s *Starve) Effects() []record.Effect { return []record.Effect{record.Slows} }

// Prepare implements chaos.Preparing.
func (s *Starve) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &Starve{Selector: s.Selector, CPU: s.CPU, usage: usage{did: record.DidRun, share: new(s.CPU.Share())}}, nil
}

// Memory implements chaos.Remembering: the limit is lifted, whatever was measured under it.
func (s *Starve) Memory() any { return nil }

// Inject implements chaos.Fault.
func (s *Starve) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	if err := c.LimitCPU(ctx, node, s.CPU.Share()); err != nil {
		return err
	}
	s.begin(ctx, c, node)
	return nil
}

// Heal implements chaos.Fault.
func (s *Starve) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	s.end(ctx, c, node)
	return c.LimitCPU(ctx, node, 0)
}

// Healthy implements chaos.Verifying.
func (s *Starve) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.Unlimited(ctx, c, node)
}
