package storage

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ReturnEmpty kills the server (SIGKILL) and removes its data, as of a machine whose disk is not there any more, or of
// another one that takes its place, at an address of its own. With
// its nodes.conf it comes back as the node that it was, with its slots and without their keys: if it does so before a
// replica was promoted, its replicas copy the empty data set. Without, it comes back as another node, which knows
// nobody and has no slots. Healing starts it; one that is another node then meets all others, who forget the ID that
// it had, and replicates whoever has the slots of its shard, or gets those that nobody has.
type ReturnEmpty struct {
	chaos.Selector `yaml:",inline"`
	// NodesConf is what becomes of that file: "keep" or "remove".
	NodesConf string `yaml:"nodes_conf"`
	// Address is the one that it comes back with, and keeps: "same" or "new", another one on the cluster network, or
	// another port where all nodes share an address.
	Address string `yaml:"address"`

	was compose.Membership // of one target
}

// What can become of nodes.conf.
const (
	keepNodesConf   = "keep"
	removeNodesConf = "remove"
)

// The addresses that a node can come back with.
const (
	sameAddress = "same"
	newAddress  = "new"
)

func (kinds) ReturnEmpty() chaos.Fault {
	return &ReturnEmpty{NodesConf: keepNodesConf, Address: sameAddress}
}

var (
	_ chaos.Demanding     = (*ReturnEmpty)(nil)
	_ chaos.Preparing     = (*ReturnEmpty)(nil)
	_ chaos.Remembering   = (*ReturnEmpty)(nil)
	_ chaos.Verifying     = (*ReturnEmpty)(nil)
	_ scenarios.Commander = (*ReturnEmpty)(nil)
)

// Check implements scenarios.FaultSpec.
func (r *ReturnEmpty) Check(c scenarios.Cluster) error {
	if err := r.Selector.Check(c); err != nil {
		return err
	}
	switch {
	case r.NodesConf != keepNodesConf && r.NodesConf != removeNodesConf:
		return &scenarios.FieldError{Field: "nodes_conf", Msg: fmt.Sprintf("unknown nodes_conf %q; known: keep, remove", r.NodesConf)}
	case r.Address != sameAddress && r.Address != newAddress:
		return &scenarios.FieldError{Field: "address", Msg: fmt.Sprintf("unknown address %q; known: same, new", r.Address)}
	}
	return nil
}

// isAnother tells whether the node comes back as another one.
func (r *ReturnEmpty) isAnother() bool { return r.NodesConf == removeNodesConf }

// Needs implements chaos.Demanding.
func (r *ReturnEmpty) Needs() []compose.Ability {
	if r.Address == newAddress {
		return []compose.Ability{compose.Filing, compose.Readdressing}
	}
	return []compose.Ability{compose.Filing}
}

// Destroys implements scenarios.Destructive.
func (r *ReturnEmpty) Destroys() string { return "all data of a node" }

// Commands implements scenarios.Commander.
func (r *ReturnEmpty) Commands() []string {
	if r.isAnother() {
		return []string{"CLUSTER"}
	}
	return nil
}

// Detail implements chaos.Detailed.
func (r *ReturnEmpty) Detail() string {
	text := "SIGKILL, all files but nodes.conf removed"
	if r.isAnother() {
		text = "SIGKILL, all files removed"
	}
	if r.Address == newAddress {
		text += ", another address"
	}
	return text
}

// Holds implements scenarios.Holding.
func (r *ReturnEmpty) Holds() []string {
	if r.isAnother() {
		return []string{"process", "membership"}
	}
	return []string{"process"}
}

// Past implements chaos.Affecting.
func (r *ReturnEmpty) Past() string { return "killed, and its data removed" }

// Effects implements chaos.Affecting.
func (r *ReturnEmpty) Effects() []record.Effect {
	return []record.Effect{record.Ends, record.Damages}
}

// Prepare implements chaos.Preparing: it asks what the node is to its cluster.
func (r *ReturnEmpty) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	own := *r
	if !r.isAnother() {
		return &own, nil
	}
	var err error
	own.was, err = compose.MembershipOf(ctx, c, node)
	return &own, err
}

// Memory implements chaos.Remembering: it is what the node was.
func (r *ReturnEmpty) Memory() any { return &r.was }

// Inject implements chaos.Fault.
func (r *ReturnEmpty) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	keep := isNodesConf
	if r.isAnother() {
		keep = isServerLog
	}
	err := onFiles(ctx, c, node, func(d *data) error { return d.wipe(keep) })
	if err != nil || r.Address != newAddress {
		return err
	}
	return c.Readdress(ctx, node)
}

// Heal implements chaos.Fault.
func (r *ReturnEmpty) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if err := c.Start(ctx, node); err != nil || !r.isAnother() {
		return err
	}
	return compose.Rejoin(ctx, c, node, r.was)
}

// Healthy implements chaos.Verifying: its server runs, it is a member of its cluster, and known at its address.
func (r *ReturnEmpty) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	err := chaos.ProcessRuns(ctx, c, node)
	if err == nil && r.isAnother() {
		err = compose.Rejoined(ctx, c, node, r.was)
	}
	if err == nil && r.Address == newAddress {
		err = compose.KnownAt(ctx, c, node)
	}
	return err
}

// Effective implements chaos.Signed.
func (r *ReturnEmpty) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed: one that is another node is not healed by its start.
func (r *ReturnEmpty) Healed() []chaos.Sign {
	if r.isAnother() {
		return nil
	}
	return []chaos.Sign{{Action: compose.Started}}
}
