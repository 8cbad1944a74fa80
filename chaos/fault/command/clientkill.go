package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// ClientKill has the server close connections, by CLIENT KILL, again and again. Healing lets
// them be.
type ClientKill struct {
	chaos.Selector `yaml:",inline"`
	// Type is "normal" clients, "pubsub", a master's links to its "replica" or a replica's to
	// its "master".
	Type string `yaml:"type"`
	// Every is the time between two times.
	Every units.Duration `yaml:"every"`
}

func (kinds) ClientKill() chaos.Fault {
	return &ClientKill{Type: "normal", Every: units.Duration(100 * time.Millisecond)}
}

var (
	_ scenarios.Commander = (*ClientKill)(nil)
	_ chaos.Sustained     = (*ClientKill)(nil)
)

// leastEvery keeps a server able to do something else.
const leastEvery = units.Duration(10 * time.Millisecond)

// Check implements scenarios.FaultSpec.
func (k *ClientKill) Check(c scenarios.Cluster) error {
	if err := k.Selector.Check(c); err != nil {
		return err
	}
	if types := []string{"normal", "pubsub", "replica", "master"}; !slices.Contains(types, k.Type) {
		return &scenarios.FieldError{Field: "type", Msg: fmt.Sprintf("unknown type %q; known: %s", k.Type, strings.Join(types, ", "))}
	}
	if k.Every < leastEvery {
		return &scenarios.FieldError{Field: "every", Msg: fmt.Sprintf("%s is too often; write %s or more", k.Every, leastEvery)}
	}
	return nil
}

// Commands implements scenarios.Commander.
func (k *ClientKill) Commands() []string { return []string{"CLIENT"} }

// Detail implements chaos.Detailed.
func (k *ClientKill) Detail() string {
	return fmt.Sprintf("CLIENT KILL TYPE %s, every %s", k.Type, k.Every)
}

// Past implements chaos.Affecting.
func (k *ClientKill) Past() string {
	switch k.Type {
	case "replica":
		return "told to drop the links to its replicas"
	case "master":
		return "told to drop the link to its master"
	default:
		return "told to drop its clients"
	}
}

// Effects implements chaos.Affecting.
func (k *ClientKill) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Inject implements chaos.Fault.
func (k *ClientKill) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	_, err := do(ctx, c, node, k.words()...)
	return err
}

// words is the command. It spares the connection that it comes by.
func (k *ClientKill) words() []string { return []string{"CLIENT", "KILL", "TYPE", k.Type} }

// Sustain implements chaos.Sustained. A server that does not answer has no clients to drop.
func (k *ClientKill) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	again := time.NewTicker(k.Every.D())
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			_, _ = doBy(ctx, client, node, k.words()...)
		}
	}
}

// Heal implements chaos.Fault.
func (k *ClientKill) Heal(context.Context, chaos.Cluster, string) error { return nil }
