package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Disconnect takes the node off one of its two networks, or off both. Healing puts it back at the
// same addresses.
type Disconnect struct {
	chaos.Selector `yaml:",inline"`
	// Network is "cluster" (gossip and replication), "client" or "all".
	Network string `yaml:"network"`
}

func (kinds) Disconnect() chaos.Fault { return &Disconnect{Network: "all"} }

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

// Needs implements chaos.Demanding.
func (d *Disconnect) Needs() []compose.Ability {
	if len(d.networks()) > 1 {
		return []compose.Ability{compose.Networking}
	}
	return []compose.Ability{compose.Networking, compose.Separating}
}

// Detail implements chaos.Detailed.
func (d *Disconnect) Detail() string {
	if d.Network == "all" {
		return "from both networks"
	}
	return "from the " + d.Network + " network"
}

// cutTimeout bounds a cut that goes on although its context has ended.
const cutTimeout = 30 * time.Second

// Holds implements scenarios.Holding.
func (d *Disconnect) Holds() (all []string) {
	for _, n := range d.networks() {
		all = append(all, string(n)+" network")
	}
	return all
}

// Past implements chaos.Affecting.
func (d *Disconnect) Past() string { return "disconnected" }

// Effects implements chaos.Affecting.
func (d *Disconnect) Effects() []record.Effect { return []record.Effect{record.CutsOff} }

// Inject implements chaos.Fault. A cut that has begun goes on though ctx ends: an engine may
// carry out what it was asked after nobody waits for it any more, and so after Heal.
func (d *Disconnect) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	begun, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutTimeout)
	defer cancel()
	var errs []error
	for _, n := range d.networks() {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		errs = append(errs, c.Disconnect(begun, node, n))
	}
	return errors.Join(errs...)
}

// Heal implements chaos.Fault.
func (d *Disconnect) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	var errs []error
	for _, n := range d.networks() {
		errs = append(errs, c.Connect(ctx, node, n))
	}
	return errors.Join(errs...)
}

// Healthy implements chaos.Verifying.
func (d *Disconnect) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.OnNetworks(ctx, c, node, d.networks())
}

// Effective implements chaos.Signed.
func (d *Disconnect) Effective() []chaos.Sign { return d.signs(compose.Disconnected) }

// Healed implements chaos.Signed.
func (d *Disconnect) Healed() []chaos.Sign { return d.signs(compose.Connected) }

func (d *Disconnect) signs(a compose.Action) []chaos.Sign {
	var signs []chaos.Sign
	for _, n := range d.networks() {
		signs = append(signs, chaos.Sign{Action: a, Network: n})
	}
	return signs
}
