package remote

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
)

// lacks says why the cluster cannot do something; "" if it can, to one of its nodes at least.
func (c *Cluster) lacks(a compose.Ability) string {
	switch a {
	case compose.Debugging:
		return "" // the servers say so themselves
	case compose.Signalling:
		return c.unlessSome(func(n *node) string { return n.elsewhere })
	case compose.Starting:
		return c.unlessSome(func(n *node) string {
			if n.here == nil {
				return n.elsewhere
			}
			return n.here.origin.obstacle()
		})
	default:
		return hooks
	}
}

// unlessSome is why none of the nodes can do something; "" if one can.
func (c *Cluster) unlessSome(why func(*node) string) string {
	var whys []string
	for _, n := range c.nodes {
		text := why(n)
		if text == "" {
			return ""
		}
		if !slices.Contains(whys, text) {
			whys = append(whys, text)
		}
	}
	return strings.Join(whys, "; ") + "; write a hook, which runs a command of your own"
}

// whereabouts says where the servers run.
func (c *Cluster) whereabouts() string {
	here := 0
	for _, n := range c.nodes {
		if n.here != nil {
			here++
		}
	}
	return fmt.Sprintf("found by addresses, %d of %d servers as processes of this machine (%s)", here, len(c.nodes), runtime.GOOS)
}

// notes are what a reader of the report should know.
func (c *Cluster) notes() (notes []string) {
	var unlogged []string
	for _, n := range c.nodes {
		if n.log.path == "" {
			unlogged = append(unlogged, n.Name)
		}
	}
	if len(unlogged) > 0 {
		notes = append(notes, fmt.Sprintf("The logs of %s are not at hand, and what only they tell is not known: a log is read if the server is a process of this machine that has a logfile.", strings.Join(unlogged, ", ")))
	}
	return notes
}
