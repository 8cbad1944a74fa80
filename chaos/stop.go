package chaos

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Stop ends the server gracefully (SIGTERM), or by force after Grace.
// Healing starts it again on its own data.
type Stop struct {
	Selector `yaml:",inline"`
	// Grace is how long the server may take to end.
	Grace scenarios.Duration `yaml:"grace"`
}

func newStop() *Stop { return &Stop{Grace: scenarios.Duration(10 * time.Second)} }

var _ Fault = (*Stop)(nil)

// Detail implements Fault.
func (s *Stop) Detail() string { return "SIGTERM, grace " + s.Grace.String() }

// Inject implements Fault.
func (s *Stop) Inject(ctx context.Context, r compose.Runtime, node string) error {
	return r.Stop(ctx, node, s.Grace.D())
}

// Heal implements Fault.
func (s *Stop) Heal(ctx context.Context, r compose.Runtime, node string) error {
	return r.Start(ctx, node)
}

// Effect implements Fault.
func (s *Stop) Effect() []Sign { return []Sign{{Action: compose.Died}} }

// Healed implements Fault.
func (s *Stop) Healed() []Sign { return []Sign{{Action: compose.Started}} }
