package reasons

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Limits bound what is drawn.
type Limits struct {
	// Networks: nodes can be taken off their networks.
	Networks bool
	// Short runs last the least, on the smallest clusters.
	Short bool
}

// Drawn is a scenario, and how it came about.
type Drawn struct {
	Seed     uint64
	Text     string // as YAML
	Scenario *scenarios.Scenario
	// Refused counts the scenarios that validation refused before this one.
	Refused int
}

// File is what a drawn scenario is called in messages.
func (d Drawn) File() string { return fmt.Sprintf("fuzz-%d.yaml", d.Seed) }

// mostDraws is how many scenarios are drawn for one that is valid. Most are.
const mostDraws = 1000

// Draw is the valid scenario of a seed: always the same one, within the same limits.
func Draw(seed uint64, limits Limits) (Drawn, error) {
	d := dice{rand.New(rand.NewPCG(seed, 0)), limits}
	drawn := Drawn{Seed: seed}
	var err error
	for drawn.Refused = range mostDraws {
		drawn.Text = d.scenario(seed)
		if drawn.Scenario, err = parse.Scenario(drawn.File(), []byte(drawn.Text), experiment.Catalog(), nil); err == nil {
			return drawn, nil
		}
	}
	return drawn, fmt.Errorf("none of %d scenarios of seed %d is valid; the last one: %w", mostDraws, seed, err)
}

// dice is where all that is random comes from.
type dice struct {
	*rand.Rand
	Limits
}

// in is true that often in a hundred.
func (d dice) in100(times int) bool { return d.IntN(100) < times }

// between draws from low to high, in steps.
func (d dice) between(low, high, step int) int { return low + step*d.IntN((high-low)/step+1) }

func oneOf[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

// plan is what the parts of a scenario have to know of each other. Times are ms.
type plan struct {
	masters, replicas int
	duration          int
	valueSize         string
}

func (d dice) scenario(seed uint64) string {
	p := plan{masters: d.between(3, 5, 1), replicas: oneOf(d, 0, 1, 1, 1, 2, 2), duration: d.between(6000, 12_000, 500), valueSize: "64B"}
	timeout := d.between(500, 2000, 100)
	switch {
	case d.Short:
		p.masters, p.duration, timeout = 3, 6000, d.between(500, 1000, 100)
	case d.in100(15):
		timeout = 3000
	}
	// A probe costs this machine what it costs the servers, and several runs share it.
	probes := "10ms"
	if p.masters*(1+p.replicas) > 9 {
		probes = "20ms"
	}
	config := d.config(&p, timeout)

	var b strings.Builder
	fmt.Fprintf(&b, "name: fuzz-%d\nseed: %d\nduration: %dms\nrecovery_timeout: 20s\nobserve: {probes: %s, topology: 50ms}\n", seed, seed, p.duration, probes)
	fmt.Fprintf(&b, "cluster:\n  masters: %d\n  replicas: %d\n  config:\n", p.masters, p.replicas)
	for _, line := range config {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	b.WriteString("workloads:\n")
	for i := range d.between(1, 2, 1) {
		fmt.Fprintf(&b, "  - %s\n", d.workload(i, p))
	}
	b.WriteString("faults:\n")
	for _, fault := range d.faults(p) {
		fmt.Fprintf(&b, "  - %s\n", fault)
	}
	return b.String()
}

// config draws the directives of the servers, a line each.
func (d dice) config(p *plan, timeout int) []string {
	lines := []string{fmt.Sprintf("cluster-node-timeout: %d", timeout)}
	add := func(times int, format string, args ...any) bool {
		if !d.in100(times) {
			return false
		}
		for line := range strings.Lines(fmt.Sprintf(format, args...)) {
			lines = append(lines, strings.TrimSpace(line))
		}
		return true
	}
	add(100, "repl-diskless-sync-delay: 0")
	add(60, "cluster-require-full-coverage: %s", oneOf(d, "yes", "no", "no"))
	add(60, "appendonly: %s", oneOf(d, "yes", "no"))
	add(40, "appendfsync: %s", oneOf(d, "always", "everysec", "no"))
	add(30, "cluster-allow-replica-migration: %s", oneOf(d, "yes", "no"))
	add(30, "cluster-replica-validity-factor: %d", oneOf(d, 0, 1, 10))
	add(8, "cluster-replica-no-failover: yes")
	if p.replicas > 0 {
		add(20, "min-replicas-to-write: %d\nmin-replicas-max-lag: %d", oneOf(d, 0, 1, 1), d.between(1, 3, 1))
		if add(12, "client-output-buffer-limit: \"replica 256kb 64kb 1\"\nrepl-backlog-size: 16kb") {
			p.valueSize = "4KB"
		}
	}
	if add(12, "maxmemory: %s\nmaxmemory-policy: %s", oneOf(d, "3mb", "4mb", "6mb"), oneOf(d, "noeviction", "allkeys-lru")) {
		p.valueSize = "1KB"
	}
	return lines
}

// workload draws a workload whose clients do not hang on dead nodes for longer than the
// run lasts.
func (d dice) workload(i int, p plan) string {
	client := "preset: fast-failover"
	if d.in100(40) {
		client = fmt.Sprintf("dial_timeout: 300ms, dialer_retries: 1, read_timeout: %dms, write_timeout: 500ms, pool_timeout: 500ms, max_redirects: %d, cluster_state_reload_interval: %dms",
			d.between(300, 900, 100), d.between(1, 5, 1), d.between(200, 1000, 200))
	}
	return fmt.Sprintf("{name: w%d, type: %s, clients: %d, rate: %d, keys: %d, value_size: %s, client: {%s}}",
		i+1, oneOf(d, "set", "set", "register", "counter"), d.between(4, 12, 1), d.between(100, 400, 50), d.between(50, 300, 50), p.valueSize, client)
}

// faults draws 1 to 4 faults, some of them at one moment.
func (d dice) faults(p plan) []string {
	var faults []string
	n := d.between(1, 4, 1)
	at := 0
	for range n {
		if at == 0 || !d.in100(20) { // otherwise together with the one before
			at = d.between(1000, p.duration-1500, 100)
		}
		faults = append(faults, d.fault(p, at))
	}
	return faults
}

func (d dice) fault(p plan, at int) string {
	kind := oneOf(d, "kill", "kill", "kill", "stop", "stop", "pause", "block", "starve", "disconnect", "disconnect", "disconnect", "failover", "failover")
	if kind == "failover" {
		return fmt.Sprintf("{at: %dms, failover: {%s, mode: %s}}", at, d.successor(p), oneOf(d, "default", "default", "force", "takeover"))
	}
	options := ""
	switch kind {
	case "kill":
		options = oneOf(d, "", "", "", ", signal: SIGSEGV", ", signal: SIGTERM", ", signal: SIGSTOP")
	case "stop":
		options = oneOf(d, "", ", grace: 1s")
	case "starve":
		options = oneOf(d, "", ", cpu: 0.2%", ", cpu: 2%")
	case "disconnect":
		options = oneOf(d, "", ", network: cluster", ", network: cluster", ", network: client")
		if !d.Networks {
			kind, options = "pause", ""
		}
	}
	lasts := fmt.Sprintf("for: %dms, ", min(d.between(300, 6000, 100), p.duration-at))
	if d.in100(10) && kind != "block" { // which needs one
		lasts = "" // until the end of the run
	}
	return fmt.Sprintf("{at: %dms, %s%s: {%s%s}}", at, lasts, kind, d.targets(p), options)
}

// targets draws a selector.
func (d dice) targets(p plan) string {
	role := oneOf(d, "master", "master", "master", "replica")
	shard := d.IntN(p.masters)
	switch d.IntN(5) {
	case 0:
		return fmt.Sprintf("node: redis-%s-%d", role, 1+d.IntN(p.masters))
	case 1:
		return fmt.Sprintf("role: %s, pick: random", role)
	case 2:
		return fmt.Sprintf("role: %s, shard: %d, pick: random", role, shard)
	default:
		return fmt.Sprintf("role: %s, shard: %d", role, shard)
	}
}

// successor draws who is to take over.
func (d dice) successor(p plan) string {
	switch d.IntN(6) {
	case 0:
		return fmt.Sprintf("node: redis-replica-%d", 1+d.IntN(p.masters))
	case 1:
		return "pick: random"
	default:
		return fmt.Sprintf("shard: %d", d.IntN(p.masters))
	}
}
