package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Commands lists what a run of the scenario sends to the nodes, and these to each
// other: each command once.
func Commands(s *scenarios.Scenario) []directive.Command {
	all := directive.ToolCommands()
	add := func(c directive.Command, to string) {
		c.To = to
		if !slices.ContainsFunc(all, func(have directive.Command) bool { return have.Name == c.Name && !have.Replayed }) {
			all = append(all, c)
		}
	}
	addOfFault := func(spec scenarios.FaultSpec, path, kind string) {
		if commander, ok := spec.(scenarios.Commander); ok {
			for _, name := range commander.Commands() {
				add(directive.Command{Name: name}, fmt.Sprintf("for %s (%s)", path, kind))
			}
		}
	}
	for i, f := range s.Faults {
		addOfFault(f.Spec, fmt.Sprintf("faults[%d]", i), f.Kind)
	}
	if s.Random != nil {
		for i, f := range s.Random.Faults {
			addOfFault(f.Spec, fmt.Sprintf("random.faults[%d]", i), f.Kind)
		}
	}
	for _, w := range s.Workloads {
		for _, c := range commandsOf(w) {
			add(c, "for workload "+w.Name)
		}
	}
	return all
}

// commandsOf lists what a workload and its verification send, and what the servers make
// of that for their replicas.
func commandsOf(w scenarios.Workload) (all []directive.Command) {
	add := func(when bool, names ...string) {
		for _, name := range names {
			if when {
				all = append(all, directive.Command{Name: name})
			}
		}
	}
	if commander, ok := w.Spec.(scenarios.Commander); ok {
		add(true, commander.Commands()...)
	}
	if of, ok := w.Spec.(scenarios.Replayed); ok {
		for _, name := range of.Replayed() {
			all = append(all, directive.Command{Name: name, Replayed: true})
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
func (d *decoder) checkCommands(config *document.Node, s *scenarios.Scenario) {
	needed := Commands(s)
	for _, line := range linesOf(config.Field("rename-command")) {
		words, ok := directive.Split(line.Text)
		if !ok || len(words) == 0 {
			continue
		}
		renamed := strings.ToUpper(words[0])
		i := slices.IndexFunc(needed, func(c directive.Command) bool { return c.Name == renamed })
		switch {
		case i >= 0 && line.Pos.File != "":
			d.takeBack(s.Cluster.Config, "rename-command", line, fmt.Sprintf("the tool needs this command %s", needed[i].To))
		case i >= 0 && d.Mark(line):
			d.At(line.Pos, "rename-command %s: the tool needs this command %s; leave it as it is", renamed, needed[i].To)
		}
	}
	d.checkUsers(config, s.Cluster)
	if login := s.Cluster.Login(); login != nil && login.Username != "" {
		return
	}
	for _, line := range linesOf(config.Field("user")) {
		words, ok := directive.Split(line.Text)
		if !ok || len(words) == 0 || words[0] != directive.DefaultUser {
			continue
		}
		switch problem := directive.Lacks(words[1:], needed); {
		case problem != "" && line.Pos.File != "":
			d.takeBack(s.Cluster.Config, "user", line, problem)
		case problem != "" && d.Mark(line):
			d.At(line.Pos, "user %s: %s", directive.DefaultUser, problem)
		}
	}
}
