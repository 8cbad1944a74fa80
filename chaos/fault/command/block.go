package command

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Block keeps the server's event loop from running, by DEBUG SLEEP: its connections stay open,
// nothing is answered, and it sends no gossip.
type Block struct {
	chaos.Selector `yaml:",inline"`
	lasts          time.Duration
}

func (kinds) Block() chaos.Fault { return &Block{} }

var (
	_ scenarios.Timed     = (*Block)(nil)
	_ scenarios.Commander = (*Block)(nil)
)

// Lasting implements scenarios.Timed.
func (b *Block) Lasting(d time.Duration) scenarios.FaultSpec {
	return &Block{Selector: b.Selector, lasts: d}
}

// Commands implements scenarios.Commander.
func (b *Block) Commands() []string { return []string{"DEBUG"} }

// Needs implements chaos.Demanding.
func (b *Block) Needs() []compose.Ability { return []compose.Ability{compose.Debugging} }

// Check implements scenarios.FaultSpec.
func (b *Block) Check(c scenarios.Cluster) error {
	if set := c.Config.Value(compose.DebugDirective); set != "" && set != "yes" {
		return &scenarios.FieldError{Msg: fmt.Sprintf("a block is done by DEBUG SLEEP, and cluster.config has %s: %s; write yes, or leave it out: it is set where the server knows it", compose.DebugDirective, set)}
	}
	return b.Selector.Check(c)
}

// Detail implements chaos.Detailed.
func (b *Block) Detail() string { return "event loop, DEBUG SLEEP" }

// Holds implements scenarios.Holding.
func (b *Block) Holds() []string { return []string{"event loop"} }

// Past implements chaos.Affecting.
func (b *Block) Past() string { return "blocked" }

// Effects implements chaos.Affecting.
func (b *Block) Effects() []record.Effect { return []record.Effect{record.Blocks} }

// Inject implements chaos.Fault. A busy script would not do, as a server handles events again after
// busy-reply-threshold. It returns when the command is sent, which is when the fault takes
// hold: the server has just answered one, and takes up the next at once.
func (b *Block) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	sleep := "DEBUG SLEEP " + strconv.FormatFloat(b.lasts.Seconds(), 'f', -1, 64)
	if err := start(ctx, c, node, "DEBUG SLEEP 0", "+OK", sleep); err != nil {
		return fmt.Errorf("DEBUG SLEEP to %s: %w", node, err)
	}
	return nil
}

// Heal implements chaos.Fault: it waits until the server answers again.
func (b *Block) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	return client.Ping(ctx).Err()
}
