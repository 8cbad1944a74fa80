package project

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/proc"
)

// Processes are those of some containers, as this machine sees them, which is the engine's.
type Processes map[string][]int // by the id of the container

// See finds the processes of containers.
func See(containers []Container) Processes {
	p := Processes{}
	for _, pid := range proc.PIDs() {
		groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
		if err != nil {
			continue // it has ended
		}
		for _, c := range containers {
			if strings.Contains(string(groups), c.ID) {
				p[c.ID] = append(p[c.ID], pid)
			}
		}
	}
	return p
}

// listening is a port that a process of a container listens on where others reach it.
type listening struct{ port, pid int }

// listening lists the ports of a container, those of servers of Redis by their programs' names first.
func (p Processes) listening(id string) (all []listening) {
	pids := p[id]
	if len(pids) == 0 {
		return nil
	}
	sockets, err := proc.Listeners(strconv.Itoa(pids[0])) // they all have one network
	if err != nil {
		return nil
	}
	for _, pid := range pids {
		own := proc.Sockets(pid)
		for _, s := range sockets {
			l := listening{int(s.At.Port()), pid}
			// A fork of a server that writes its data set has the server's sockets, and is the younger of the two.
			taken := slices.ContainsFunc(all, func(o listening) bool { return o.port == l.port })
			if own[s.Inode] && !taken {
				all = append(all, l)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b listening) int { return rank(a.pid) - rank(b.pid) })
	return all
}

// rank is 0 for a server of Redis or the like, by the name of its program.
func rank(pid int) int {
	if name := proc.Comm(pid); strings.Contains(name, "redis") || strings.Contains(name, "valkey") {
		return 0
	}
	return 1
}

// ports are those that a container listens on, without buses.
func (p Processes) ports(id string) []int {
	var all []int
	for _, l := range p.listening(id) {
		all = append(all, l.port)
	}
	kept := withoutBuses(slices.Clone(all))
	return slices.DeleteFunc(all, func(port int) bool { return !slices.Contains(kept, port) })
}

// Server is the process that listens on a port of a container; 0 if none does.
func Server(c Container, port int) (pid int) {
	for _, l := range See([]Container{c}).listening(c.ID) {
		if l.port == port {
			return l.pid
		}
	}
	return 0
}
