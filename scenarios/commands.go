package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// neededCommand is a command that a run cannot do without, and what for.
type neededCommand struct {
	name string
	// sub lists the subcommands that are sent to every version of the server.
	sub []string
	to  string
	// replayed: the servers send it to their replicas, who ask for no permission.
	replayed bool
}

// neededCommands lists what a run of the scenario sends to the nodes, and these to each
// other: each command once.
func neededCommands(s *Scenario) []neededCommand {
	const replicate = "for replication"
	all := []neededCommand{
		{name: "CLUSTER", sub: []string{"FAILOVER", "INFO", "MEET", "MYID", "NODES", "REPLICATE", "SET-CONFIG-EPOCH", "SLOTS"}, to: "to form the cluster and to observe it"},
		{name: "CONFIG", sub: []string{"GET", "SET"}, to: "to form the cluster"},
		{name: "INFO", to: "to observe the nodes"},
		{name: "PING", to: "to see that a node is up"},
		{name: "SET", to: "for its probes"},
		{name: "PSYNC", to: replicate},
		{name: "REPLCONF", to: replicate},
		{name: "SELECT", to: replicate, replayed: true},
	}
	add := func(c neededCommand, to string) {
		c.to = to
		if !slices.ContainsFunc(all, func(have neededCommand) bool { return have.name == c.name && !have.replayed }) {
			all = append(all, c)
		}
	}
	for i, f := range s.Faults {
		if commander, ok := f.Spec.(Commander); ok {
			for _, name := range commander.Commands() {
				add(neededCommand{name: name}, fmt.Sprintf("for faults[%d] (%s)", i, f.Kind))
			}
		}
	}
	for _, w := range s.Workloads {
		for _, c := range w.commands() {
			add(c, "for workload "+w.Name)
		}
	}
	return all
}

// commands lists what a workload and its verification send, and what the servers make
// of that for their replicas.
func (w Workload) commands() (all []neededCommand) {
	add := func(when bool, names ...string) {
		for _, name := range names {
			if when {
				all = append(all, neededCommand{name: name})
			}
		}
	}
	if commander, ok := w.Spec.(Commander); ok {
		add(true, commander.Commands()...)
	}
	if of, ok := w.Spec.(Replayed); ok {
		for _, name := range of.Replayed() {
			all = append(all, neededCommand{name: name, replayed: true})
		}
	}
	add(w.Wait != nil, "WAIT")
	add(w.WaitAOF != nil, "WAITAOF")
	add(w.Transaction, "MULTI", "EXEC")
	add(true, "COMMAND") // the library asks before every command, until it is answered
	return all
}

// checkCommands wants the commands that the tool needs to be there, by their names, and
// the user as which it connects to be allowed them.
func (d *decoder) checkCommands(config *node, s *Scenario) {
	needed := neededCommands(s)
	for _, line := range linesOf(config.field("rename-command")) {
		words, ok := splitArguments(line.text)
		if !ok || len(words) == 0 {
			continue
		}
		renamed := strings.ToUpper(words[0])
		i := slices.IndexFunc(needed, func(c neededCommand) bool { return c.name == renamed })
		if i >= 0 && d.mark(line) {
			d.at(line.pos, "rename-command %s: the tool needs this command %s; leave it as it is", renamed, needed[i].to)
		}
	}
	for _, line := range linesOf(config.field("user")) {
		words, ok := splitArguments(line.text)
		if !ok || len(words) == 0 || words[0] != defaultUser {
			continue
		}
		if problem := readACL(words[1:]).lacks(needed); problem != "" && d.mark(line) {
			d.at(line.pos, "user %s: %s", defaultUser, problem)
		}
	}
}

// linesOf is the lines of a directive that may stand on several.
func linesOf(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == listNode:
		return n.items
	default:
		return []*node{n}
	}
}

// lacks says what the tool needs and the rules of the default user do not give it, as
// far as they alone tell; "" if nothing.
func (a acl) lacks(needed []neededCommand) string {
	var denied []string
	to := ""
	for _, c := range needed {
		if name := a.denied(c); name != "" && !c.replayed {
			denied = append(denied, name)
			if to == "" {
				to = c.to
			}
		}
	}
	switch {
	case !a.on:
		return "the tool connects as this user, and it is off; write on"
	case !a.noPass:
		return "the tool connects without a password; write nopass"
	case len(denied) == 1:
		return fmt.Sprintf("the tool connects as this user, and needs %s %s; write +%s", denied[0], to, strings.ToLower(strings.ReplaceAll(denied[0], " ", "|")))
	case len(denied) > 1:
		return fmt.Sprintf("the tool connects as this user, and needs commands that it is denied: %s; write +@all, or allow them", strings.Join(denied, ", "))
	case a.noKeys:
		return "the tool connects as this user, and writes to keys; write ~*"
	default:
		return ""
	}
}
