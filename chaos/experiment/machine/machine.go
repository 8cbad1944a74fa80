// Package machine looks at what this machine has for runs, and what it lacks: each with what would change it.
package machine

import (
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/compose/local/userns"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Checks lists what is looked at, for the docs.
func Checks() []doctor.Check {
	return []doctor.Check{
		{Name: "runtime", About: "whether clusters can be deployed: with Docker, with Podman, as processes of this machine; and what faults each of these cannot have"},
		{Name: "compose", About: "the Compose program"},
		{Name: "server", About: "a `redis-server` or `valkey-server` on `PATH`"},
		{Name: "rights", About: "whether this is root, or may make namespaces of users"},
		{Name: "packets", About: "what the kernel changes packets by: nftables, netfilter queues, HTB, netem"},
		{Name: "cgroups", About: "the version of control groups"},
		{Name: "ports", About: "the host ports of the default cluster"},
		{Name: "memory", About: "the memory that is left for runs"},
		{Name: "disk", About: "the disk that is left for what runs leave"},
	}
}

// Look looks at all of it. What cannot run any cluster is a failure, and what some faults lack is a warning. out is where
// runs leave their files.
func Look(ctx context.Context, runtimes []compose.Runtime, out string) []doctor.Finding {
	all := lookAtRuntimes(ctx, runtimes)
	all = append(all, lookAtCompose(ctx), lookAtServer(ctx), lookAtRights())
	all = append(all, lookAtPackets(ctx)...)
	return append(all, lookAtCgroups(), lookAtPorts(), lookAtMemory(), lookAtDisk(out))
}

func ok(check, where, evidence string) doctor.Finding {
	return doctor.Finding{Check: check, Severity: doctor.OK, Where: where, Evidence: evidence}
}

func lacking(check, where, evidence, remedy string) doctor.Finding {
	return doctor.Finding{Check: check, Severity: doctor.Warn, Where: where, Evidence: evidence, Remedy: remedy}
}

// abilities are those that a runtime has or lacks, whatever cluster it runs.
func abilities() []compose.Ability {
	return []compose.Ability{compose.Networking, compose.Shaping, compose.Naming, compose.LimitingMemory, compose.Seeing, compose.Timeshifting, compose.Disking, compose.Filing}
}

// lookAtRuntimes tells which runtimes are here, and what each of them cannot do. What another one can is no more than a note.
func lookAtRuntimes(ctx context.Context, runtimes []compose.Runtime) (all []doctor.Finding) {
	can := map[compose.Ability]bool{}
	type lack struct {
		at  int // in all
		can compose.Ability
	}
	var lacks []lack
	usable := false
	for _, r := range runtimes {
		d, err := r.Prepare(ctx, "")
		if err != nil {
			evidence, remedy, _ := strings.Cut(err.Error(), ": ")
			all = append(all, doctor.Finding{Check: "runtime", Severity: doctor.Note, Where: r.Name(), Evidence: evidence, Remedy: remedy})
			continue
		}
		usable = true
		all = append(all, ok("runtime", r.Name(), "nodes run "+d.Where()))
		for _, a := range abilities() {
			why := d.Lacks(a)
			if why == "" {
				can[a] = true
				continue
			}
			evidence, remedy := why, ""
			if at := strings.LastIndex(why, "; "); at >= 0 {
				evidence, remedy = why[:at], why[at+2:]
			}
			lacks = append(lacks, lack{len(all), a})
			all = append(all, lacking("runtime", r.Name(), fmt.Sprintf("cannot %s: %s", a, evidence), remedy))
		}
		d.Close()
	}
	for _, l := range lacks {
		if can[l.can] {
			all[l.at].Severity = doctor.Note
		}
	}
	if !usable {
		all = append(all, doctor.Finding{Check: "runtime", Severity: doctor.Fail, Where: "this machine", Evidence: "it has nothing to run clusters on", Remedy: "install Docker with Compose, or redis-server (apt-get install redis-server)"})
	}
	return all
}

func lookAtCompose(ctx context.Context) doctor.Finding {
	c, err := cli.Find(ctx)
	if err != nil {
		evidence, remedy, _ := strings.Cut(err.Error(), "; ")
		return lacking("compose", "this machine", evidence, remedy)
	}
	return ok("compose", "this machine", c.String())
}

func lookAtServer(ctx context.Context) doctor.Finding {
	p, err := software.FindProgram("")
	if err != nil {
		evidence, remedy, _ := strings.Cut(err.Error(), ": ")
		return lacking("server", "this machine", evidence, remedy)
	}
	server, err := p.AskVersion(ctx)
	if err != nil {
		return lacking("server", p.Binary, err.Error(), "name another one by --redis-server")
	}
	return ok("server", p.Binary, server.String())
}

func lookAtRights() doctor.Finding {
	switch obstacle := userns.Obstacle(); {
	case os.Geteuid() == 0:
		return ok("rights", "this user", "root")
	case obstacle != "":
		evidence, remedy, _ := strings.Cut(obstacle, "; ")
		return lacking("rights", "this user", "not root, and "+evidence, remedy)
	}
	return ok("rights", "this user", "not root; nothing is known to keep users from namespaces of their own")
}

func lookAtCgroups() doctor.Finding {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return ok("cgroups", "this machine", "version 2")
	}
	if _, err := os.Stat("/sys/fs/cgroup/memory"); err == nil {
		return ok("cgroups", "this machine", "version 1")
	}
	return lacking("cgroups", "this machine", "none are mounted at /sys/fs/cgroup", "the memory of local processes is not limited then; use Docker, or Linux with control groups")
}

// defaultNodes is how many nodes the default cluster has.
const defaultNodes = 6

func lookAtPorts() doctor.Finding {
	var taken []string
	for port := compose.DefaultPort; port < compose.DefaultPort+defaultNodes; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			taken = append(taken, fmt.Sprint(port))
			continue
		}
		l.Close()
	}
	where := fmt.Sprintf("127.0.0.1:%d-%d", compose.DefaultPort, compose.DefaultPort+defaultNodes-1)
	if len(taken) > 0 {
		return doctor.Finding{Check: "ports", Severity: doctor.Note, Where: where, Evidence: "taken: " + strings.Join(taken, ", "), Remedy: "nothing: the next free ones are taken, unless --fixed-ports is given"}
	}
	return ok("ports", where, "free")
}

// needed is what the default cluster takes of memory, and what its runs leave on disk, in bytes and some more.
const needed = 256 << 20

func lookAtMemory() doctor.Finding {
	m := demand.ThisMachine()
	left := math.Min(m.Available, m.Allowed)
	switch {
	case math.IsInf(left, 1):
		return ok("memory", "this machine", "how much is left is not known on "+runtime.GOOS)
	case left < needed:
		return lacking("memory", "this machine", inMiB(left)+" left", "a run of the default cluster takes some 130 MiB; free some, or raise the limit of the control group")
	}
	return ok("memory", "this machine", inMiB(left)+" left")
}

func lookAtDisk(out string) doctor.Finding {
	left, err := diskLeft(out)
	switch {
	case err != nil:
		return lacking("disk", out, err.Error(), "name another folder by --out")
	case left < needed:
		return lacking("disk", out, inMiB(left)+" left", "a run leaves some 20 MiB, and more with many writes; free some, or name another folder by --out")
	}
	return ok("disk", out, inMiB(left)+" left")
}

func inMiB(bytes float64) string { return fmt.Sprintf("%.0f MiB", bytes/(1<<20)) }
