// Package doctor finds what is known to go wrong with clusters, by their compose file, by their servers, or by both:
// each with its evidence and its remedy. It changes nothing.
package doctor

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity is how much a finding matters.
type Severity string

// The severities.
const (
	OK   Severity = "ok"
	Note Severity = "note" // worth knowing, and nothing wrong
	Warn Severity = "warn" // it may go wrong, or costs something in a failover
	Fail Severity = "fail" // it does not work, or loses data
)

// Finding is something that a check has found.
type Finding struct {
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	Where    string   `json:"where"`
	Evidence string   `json:"evidence"`
	Remedy   string   `json:"remedy,omitempty"`
}

// IsWrong tells whether something is to be done about it.
func (f Finding) IsWrong() bool { return f.Severity == Warn || f.Severity == Fail }

// Check looks for one thing.
type Check struct {
	Name  string
	About string // what it finds, for the docs
	find  func(Setup) []Finding
}

// Setup is what is known of a cluster.
type Setup struct {
	Nodes []Node
	// Project is the compose file that they are of; nil if none was read.
	Project *Project
	// Unwell is what is wrong with the cluster that runs, as its servers tell.
	Unwell []string
}

// Node is a server of the cluster.
type Node struct {
	// Name is that of its service, or its address.
	Name string
	// Config is what it is started with, as far as that is known: of a compose file, its command and the redis.conf that
	// is mounted; of a server, all of it.
	Config Config
	// Container is what it is in, of a compose file; "" if that is not known.
	Container string
	// Service is of the compose file, and Live of the server that runs; nil if that is not known.
	Service *Service
	Live    *Live
}

// Live is what a server that runs tells.
type Live struct {
	ID              string
	Server, Version string
	// Replica: it is one; Master is then whose, by id. Slots is how many a master has.
	Replica bool
	Master  string
	Slots   int
	// Announced is the host:port by which others know it, and Bus the port of its bus.
	Announced string
	Bus       int
	// Unreached is why it cannot be reached there from here, or its bus; "" if it can.
	Unreached string
}

// Checks lists all checks, in the order in which they are made.
func Checks() []Check {
	return slices.Concat(announceChecks(), networkChecks(), dataChecks(), shapeChecks(), settingChecks(), securityChecks())
}

// Examine makes all checks, and lists what they found, the worst first.
func Examine(s Setup) (all []Finding) {
	for _, c := range Checks() {
		for _, f := range c.find(s) {
			f.Check = c.Name
			all = append(all, f)
		}
	}
	rank := map[Severity]int{Fail: 0, Warn: 1, Note: 2, OK: 3}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	return all
}

// each has a check look at each node, and puts what it finds on several of them in the same words into one finding.
func each(look func(n Node) *Finding) func(Setup) []Finding {
	return func(s Setup) (all []Finding) {
		for _, n := range s.Nodes {
			f := look(n)
			if f == nil {
				continue
			}
			f.Where = n.Name
			i := slices.IndexFunc(all, func(o Finding) bool {
				return o.Severity == f.Severity && o.Evidence == f.Evidence && o.Remedy == f.Remedy
			})
			if i < 0 {
				all = append(all, *f)
			} else {
				all[i].Where += ", " + n.Name
			}
		}
		return all
	}
}

// together is what has the same key, in the order in which the keys come first; "" is none.
type together struct {
	key   string
	names []string
}

// shared has the nodes that share a key which is to be each one's own.
func shared(nodes []Node, key func(n Node) string) (all []together) {
	for _, n := range nodes {
		all = put(all, key(n), n.Name)
	}
	return slices.DeleteFunc(all, func(t together) bool { return len(t.names) < 2 })
}

// put adds a name to those with its key.
func put(all []together, key, name string) []together {
	if key == "" {
		return all
	}
	i := slices.IndexFunc(all, func(t together) bool { return t.key == key })
	if i < 0 {
		return append(all, together{key, []string{name}})
	}
	all[i].names = append(all[i].names, name)
	return all
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
