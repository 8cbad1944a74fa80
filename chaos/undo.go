package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

// Remembering is implemented by faults that take something to be undone that their settings do not say,
// such as what a node was like before, or the name of what was made.
type Remembering interface {
	// Memory points to that, in a fault for one target. It is written as JSON before the fault is injected;
	// what another process reads of it into the Memory of a fault of the same settings has that undo the
	// fault. It is nil if what it holds ends with this process.
	Memory() any
}

// Verifying is implemented by faults of which can be seen whether a target is as it was before.
type Verifying interface {
	// Healthy says what of the fault is still to be seen of a target; nil if nothing is.
	Healthy(ctx context.Context, c Cluster, node string) error
}

// ByHand is implemented by clusters whose nodes a person can heal by commands of a shell.
type ByHand interface {
	// Commands does to a node what healing does: what of its condition is not as it was, and the rules of some
	// names.
	Commands(ctx context.Context, node string) []string
}

// The pauses between two tries to heal a node.
const (
	firstHealPause = 20 * time.Millisecond
	mostHealPause  = time.Second
)

// Undo heals a fault on one node, and tries again until what can be seen of it is gone, or ctx ends. It says
// when the healing returned that was the last one. ctx has to have a deadline.
func Undo(ctx context.Context, f Fault, c Cluster, node string) (healed time.Time, err error) {
	for pause := firstHealPause; ; pause = min(2*pause, mostHealPause) {
		failed := f.Heal(ctx, c, node)
		healed = time.Now()
		if failed == nil {
			failed = healthy(ctx, f, c, node)
		}
		switch {
		case failed == nil:
			return healed, nil
		case err == nil || ctx.Err() == nil: // else it only says that it had no time
			err = failed
		}
		if errors.Is(failed, compose.ErrVanished) || !alarm.Sleep(ctx, pause) {
			return healed, err
		}
	}
}

func healthy(ctx context.Context, f Fault, c Cluster, node string) error {
	if v, ok := f.(Verifying); ok {
		return v.Healthy(ctx, c, node)
	}
	return nil
}

// ProcessRuns fails unless a node's process is there, and is not paused.
func ProcessRuns(ctx context.Context, c Cluster, node string) error {
	is, err := c.Condition(ctx, node)
	switch {
	case err != nil:
		return err
	case !is.Running:
		return fmt.Errorf("the process of %s does not run", node)
	case is.Paused:
		return fmt.Errorf("the process of %s is paused", node)
	}
	return nil
}

// Unlimited fails if a node's CPU is limited.
func Unlimited(ctx context.Context, c Cluster, node string) error {
	is, err := c.Condition(ctx, node)
	if err == nil && is.CPU > 0 {
		err = fmt.Errorf("%s is limited to %g of a CPU", node, is.CPU)
	}
	return err
}

// OnNetworks fails if a node is off one of some networks.
func OnNetworks(ctx context.Context, c Cluster, node string, networks []compose.Network) error {
	is, err := c.Condition(ctx, node)
	if err != nil {
		return err
	}
	for _, n := range is.Off {
		if slices.Contains(networks, n) {
			return fmt.Errorf("%s is off the %s network", node, n)
		}
	}
	return nil
}

// Unshaped fails if rules of a name stand where a node's packets pass.
func Unshaped(ctx context.Context, c Cluster, node, rules string) error {
	names, err := c.Shapes(ctx, node)
	if err == nil && slices.Contains(names, rules) {
		err = fmt.Errorf("rules for the packets of %s stand", node)
	}
	return err
}

// UnhealedError is the error of a fault that could not be undone on a node.
type UnhealedError struct {
	Kind, Node string
	Err        error
	// Commands are what does it by hand; none if it is not known.
	Commands []string
}

func (e *UnhealedError) Error() string {
	text := fmt.Sprintf("NOT HEALED: %s of %s: %v", e.Kind, e.Node, e.Err)
	if len(e.Commands) == 0 {
		return text
	}
	return text + "; by hand: " + strings.Join(e.Commands, "; ")
}

func (e *UnhealedError) Unwrap() error { return e.Err }

// commandsTimeout bounds the look at a node that could not be healed.
const commandsTimeout = 5 * time.Second

// Unhealed is the error of a fault that could not be undone.
func Unhealed(ctx context.Context, f Fault, kind string, c Cluster, node string, err error) *UnhealedError {
	e := &UnhealedError{Kind: kind, Node: node, Err: err}
	if errors.Is(err, compose.ErrVanished) {
		return e
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandsTimeout)
	defer cancel()
	if hands, ok := c.(ByHand); ok {
		e.Commands = hands.Commands(ctx, node)
	}
	if own, ok := f.(Manual); ok {
		for _, n := range c.Nodes() {
			if n.Name == node {
				e.Commands = append(e.Commands, own.ByCommands(n)...)
			}
		}
	}
	return e
}

// Manual is implemented by faults that a person can undo by commands to the server.
type Manual interface {
	// ByCommands are those to a node: "redis-cli -h 10.0.0.1 -p 6379 SCRIPT KILL".
	ByCommands(n compose.Node) []string
}
