package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Disconnect takes the node off one of its two networks, or off both. Healing
// puts it back at the same addresses.
type Disconnect struct {
	Selector `yaml:",inline"`
	// Network is "cluster" (gossip and replication), "client" or "all".
	Network string `yaml:"network"`
}

func newDisconnect() *Disconnect { return &Disconnect{Network: "all"} }

var _ Fault = (*Disconnect)(nil)

// Check implements scenarios.FaultSpec.
func (d *Disconnect) Check(c scenarios.Cluster) error {
	if err := d.Selector.Check(c); err != nil {
		return err
	}
	if d.networks() == nil {
		return &scenarios.FieldError{Field: "network", Msg: fmt.Sprintf("unknown network %q; known: cluster, client, all", d.Network)}
	}
	return nil
}

func (d *Disconnect) networks() []compose.Network {
	switch d.Network {
	case "cluster":
		return []compose.Network{compose.ClusterNetwork}
	case "client":
		return []compose.Network{compose.ClientNetwork}
	case "all":
		return []compose.Network{compose.ClusterNetwork, compose.ClientNetwork}
	default:
		return nil
	}
}

// Needs implements Fault.
func (d *Disconnect) Needs() []compose.Ability { return []compose.Ability{compose.Networking} }

// Detail implements Fault.
func (d *Disconnect) Detail() string {
	if d.Network == "all" {
		return "from both networks"
	}
	return "from the " + d.Network + " network"
}

// cutTimeout bounds a cut that goes on although its context has ended.
const cutTimeout = 30 * time.Second

// Inject implements Fault. A cut that has begun goes on though ctx ends: an engine may
// carry out what it was asked after nobody waits for it any more, and so after Heal.
func (d *Disconnect) Inject(ctx context.Context, r compose.Runtime, node string) error {
	begun, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutTimeout)
	defer cancel()
	var errs []error
	for _, n := range d.networks() {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		errs = append(errs, r.Disconnect(begun, node, n))
	}
	return errors.Join(errs...)
}

// Heal implements Fault.
func (d *Disconnect) Heal(ctx context.Context, r compose.Runtime, node string) error {
	var errs []error
	for _, n := range d.networks() {
		errs = append(errs, r.Connect(ctx, node, n))
	}
	return errors.Join(errs...)
}

// Effect implements Fault.
func (d *Disconnect) Effect() []Sign { return d.signs(compose.Disconnected) }

// Healed implements Fault.
func (d *Disconnect) Healed() []Sign { return d.signs(compose.Connected) }

func (d *Disconnect) signs(a compose.Action) []Sign {
	var signs []Sign
	for _, n := range d.networks() {
		signs = append(signs, Sign{Action: a, Network: n})
	}
	return signs
}
