// Package remote finds clusters that run already, by addresses of their nodes. What can be done to them is what their
// servers take as commands, and what can be done to the processes of those servers that run on this machine.
package remote

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Runtime is clusters of the user's that are named by addresses.
type Runtime struct{}

var _ compose.Runtime = Runtime{}

// Name implements compose.Runtime.
func (Runtime) Name() string { return "remote" }

// Open implements compose.Runtime.
func (Runtime) Open(context.Context) (compose.Host, error) { return host{}, nil }

// Prepare implements compose.Runtime: nothing is deployed here.
func (Runtime) Prepare(context.Context, string) (compose.Deployer, error) {
	return nil, compose.Unavailable("clusters are found by their addresses (cluster.addrs), and not deployed there")
}

// Unfinished implements compose.Runtime: nothing is made that a run would have to remove.
func (Runtime) Unfinished() ([]string, error) { return nil, nil }

// Parts implements compose.Runtime.
func (Runtime) Parts() string { return "processes" }

// place is what the journals call all clusters that are named by addresses: they are told apart by their nodes.
const place = "addresses"

// claim is what the journal of runs notes of a cluster that is in use: nothing but that.
type claim struct{}

// host is everywhere.
type host struct{}

var _ compose.Bringer = host{}

// Place implements compose.Host.
func (host) Place(context.Context) (string, error) { return place, nil }

// RemoveStale implements compose.Host: what a run that was killed has left is healed, and not removed.
func (host) RemoveStale(context.Context) (swept compose.Swept, err error) { return swept, nil }

// Remove implements compose.Host.
func (host) Remove(context.Context, string) error { return nil }

// Close implements compose.Host.
func (host) Close() error { return nil }

// hold keeps all other runs on this machine off a cluster until it is let go of.
func hold(name string) (*journal.Entry[claim], error) {
	j, err := journal.Open[claim](place)
	if err != nil {
		return nil, err
	}
	e, err := j.Claim(name)
	if e != nil || err != nil {
		return e, err
	}
	return j.Register(name, func([]journal.Item[claim]) (claim, error) { return claim{}, nil })
}
