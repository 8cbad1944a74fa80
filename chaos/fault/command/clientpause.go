package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ClientPause has the server keep its clients waiting, by CLIENT PAUSE: it is well, and its peers
// see nothing of it.
type ClientPause struct {
	chaos.Selector `yaml:",inline"`
	// Mode is "all" commands, or "write" for those that write, alone.
	Mode string `yaml:"mode"`

	lasts time.Duration
}

func (kinds) ClientPause() chaos.Fault { return &ClientPause{Mode: "all"} }

var (
	_ scenarios.Timed     = (*ClientPause)(nil)
	_ scenarios.Commander = (*ClientPause)(nil)
)

// Lasting implements scenarios.Timed: CLIENT UNPAUSE would be kept waiting, too.
func (p *ClientPause) Lasting(d time.Duration) scenarios.FaultSpec {
	return &ClientPause{Selector: p.Selector, Mode: p.Mode, lasts: d}
}

// Check implements scenarios.FaultSpec.
func (p *ClientPause) Check(c scenarios.Cluster) error {
	if err := p.Selector.Check(c); err != nil {
		return err
	}
	if modes := []string{"all", "write"}; !slices.Contains(modes, p.Mode) {
		return &scenarios.FieldError{Field: "mode", Msg: fmt.Sprintf("unknown mode %q; known: %s", p.Mode, strings.Join(modes, ", "))}
	}
	return nil
}

// Commands implements scenarios.Commander.
func (p *ClientPause) Commands() []string { return []string{"CLIENT", "PUBLISH"} }

// Detail implements chaos.Detailed.
func (p *ClientPause) Detail() string { return "CLIENT PAUSE " + strings.ToUpper(p.Mode) }

// Holds implements scenarios.Holding.
func (p *ClientPause) Holds() []string { return []string{"clients"} }

// Past implements chaos.Affecting.
func (p *ClientPause) Past() string { return "told to keep its clients waiting" }

// Effects implements chaos.Affecting.
func (p *ClientPause) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Inject implements chaos.Fault.
func (p *ClientPause) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, "CLIENT", "PAUSE", strconv.FormatInt(p.lasts.Milliseconds(), 10), strings.ToUpper(p.Mode))
	return err
}

// Heal implements chaos.Fault: it waits until the server answers again. Of writes alone it does so
// while they wait, for as long as they do.
func (p *ClientPause) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), p.lasts+patience)
	defer client.Close()
	_, err := doBy(ctx, client, node, "PUBLISH", "redis-chaos", "over")
	return err
}
