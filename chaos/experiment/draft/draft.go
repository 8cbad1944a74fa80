// Package draft writes a scenario with comments for a cluster, to be gone on from.
package draft

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Cluster is what a scenario is drafted for. The zero value is a cluster that is deployed for it.
type Cluster struct {
	// Compose is the path of its compose file, as the scenario is to have it, and Addrs are addresses of its nodes.
	Compose string
	Addrs   []string
	// Setup is what is known of it.
	Setup doctor.Setup
	// Password is the variable of the environment that has its password, and User its user; "" for none. TLS is how
	// its servers are spoken to over TLS; nil for in the clear.
	User, Password string
	TLS            *scenarios.TLS
}

// What servers are started with that are told nothing else, and what the tool has them told.
const (
	serverTimeout = 15000
	ownTimeout    = 5000
)

// Scenario is the text of a scenario. A master of the cluster is killed, and what is expected follows from the
// configuration. Nodes that nothing forms, and that are too few for a cluster, are an error.
func Scenario(name string, c Cluster) (string, error) {
	d := drafted{cluster: c, timeout: timeoutOf(c)}
	if n := len(c.Setup.Nodes); d.bootstrapped() && n < scenarios.DefaultMasters {
		return "", fmt.Errorf("%s has %d nodes, and nothing that forms a cluster of them, which takes %d at least", c.Compose, n, scenarios.DefaultMasters)
	}
	d.head(name)
	d.ofCluster()
	d.workloads()
	d.faults()
	d.expectations()
	return d.text.String(), nil
}

// timeoutOf is the cluster-node-timeout of a cluster: the longest of its nodes'.
func timeoutOf(c Cluster) (ms int) {
	for _, n := range c.Setup.Nodes {
		given, _ := n.Config.Number("cluster-node-timeout")
		ms = max(ms, cmp.Or(given, serverTimeout))
	}
	return cmp.Or(ms, ownTimeout)
}

type drafted struct {
	cluster Cluster
	timeout int // ms
	text    strings.Builder
}

func (d *drafted) line(format string, args ...any) { fmt.Fprintf(&d.text, format+"\n", args...) }

func (d *drafted) isOwn() bool { return d.cluster.Compose == "" && len(d.cluster.Addrs) == 0 }

// hasReplicas tells whether a master can be replaced, as far as is known.
func (d *drafted) hasReplicas() bool {
	masters := 0
	for _, n := range d.cluster.Setup.Nodes {
		if n.Live != nil && n.Live.Replica {
			return true
		}
		if n.Live != nil {
			masters++
		}
	}
	return masters == 0 && (d.isOwn() || !d.bootstrapped() || d.replicas() > 0)
}

// bootstrapped tells whether nothing forms the cluster of the compose file.
func (d *drafted) bootstrapped() bool {
	return d.cluster.Compose != "" && slices.ContainsFunc(doctor.Examine(d.cluster.Setup), func(f doctor.Finding) bool { return f.Check == "formed" })
}

// replicas is how many each master gets of the nodes that there are, beside three masters at least.
func (d *drafted) replicas() int {
	if n := len(d.cluster.Setup.Nodes); n >= 2*scenarios.DefaultMasters && n%2 == 0 {
		return scenarios.DefaultReplicas
	}
	return 0
}

// longest is the longest that the configuration lets a failover take.
func (d *drafted) longest() time.Duration {
	p := predict.Predictor{Timeout: record.Millis(d.timeout), ProbePace: record.Millis(scenarios.DefaultProbes.D().Milliseconds())}
	for _, n := range d.cluster.Setup.Nodes {
		if n.Live != nil && n.Live.Version != "" {
			p.Server = record.Server{Name: n.Live.Server, Version: n.Live.Version}
		}
	}
	return (p.MarkedFailed()[1] + p.ElectedAfter()[1]).D()
}

// inSeconds is a length of time that is no shorter, as a scenario has it.
func inSeconds(t time.Duration) time.Duration {
	return time.Duration(math.Ceil(t.Seconds())) * time.Second
}

func (d *drafted) head(name string) {
	d.line("# The master of a shard is taken away under load, and its replica has to replace it. Drafted by chaos init; change what does not fit.")
	d.line("#   chaos validate FILE     what is wrong with it, and what it takes")
	d.line("#   chaos plan FILE         what is done when, to whom")
	d.line("#   chaos run FILE          carries it out, and leaves a report")
	d.line("name: %s", name)
	d.line("description: Take a master away under load; its replica must replace it.")
}

func (d *drafted) ofCluster() {
	if d.isOwn() {
		d.line("cluster:                             # deployed for the run, and removed after it")
		d.line("  masters: %d                         # 3 to 30", scenarios.DefaultMasters)
		d.line("  replicas: %d                        # per master, 0 to 5", scenarios.DefaultReplicas)
		d.line("  image: %s              # Redis 6.2 or newer, or Valkey", scenarios.DefaultImage)
		d.line("  # config_file: redis.conf          # a file of yours, as it is; config wins over it")
		d.line("  config:                            # directives of redis.conf")
		d.line("    cluster-node-timeout: %d", d.timeout)
		return
	}
	d.line("cluster:")
	if d.cluster.Compose != "" {
		d.ofCompose()
	} else {
		d.line("  addrs: [%s]  # some of its nodes; the others are found", strings.Join(quoted(d.cluster.Addrs), ", "))
		d.line("  # address_map: {10.0.0.5:6379: 127.0.0.1:7000}  # where nodes are dialled, by what they announce, if that is elsewhere")
	}
	if d.cluster.Password != "" {
		d.line("  auth:                              # of all connections; export the variable before the run")
		if d.cluster.User != "" {
			d.line("    username: %s", yaml(d.cluster.User))
		}
		d.line("    password: ${%s}", d.cluster.Password)
	}
	if t := d.cluster.TLS; t != nil {
		d.line("  tls:                               # of all connections")
		for _, f := range []struct{ name, value string }{{"ca", t.CA}, {"cert", t.Cert}, {"key", t.Key}, {"server_name", t.ServerName}} {
			if f.value != "" {
				d.line("    %s: %s", f.name, yaml(f.value))
			}
		}
		if *t == (scenarios.TLS{}) {
			d.line("    skip_verify: true                # better: ca: PATH of the CA's certificate")
		}
	}
	d.line("  # allow_data_loss: true            # for faults that destroy data which is not the run's own")
	var names []string
	for _, n := range d.cluster.Setup.Nodes {
		role := ""
		if n.Live != nil {
			role = map[bool]string{true: " (replica)", false: " (master)"}[n.Live.Replica]
		}
		names = append(names, n.Name+role)
	}
	d.line("  # Found: %s.", strings.Join(names, ", "))
	d.line("  # cluster-node-timeout is %d there; what is expected below follows from that.", d.timeout)
}

func (d *drafted) ofCompose() {
	d.line("  compose: %s", yaml(d.cluster.Compose))
	var services []string
	for _, n := range d.cluster.Setup.Nodes {
		if n.Service != nil && !slices.Contains(services, n.Service.Name) {
			services = append(services, n.Service.Name)
		}
	}
	if p := d.cluster.Setup.Project; p != nil && len(services) < len(p.Services) {
		d.line("  services: [%s]  # whose containers may be nodes; the others are left alone", strings.Join(quoted(services), ", "))
	}
	d.line("  up: true                           # started for the run and removed after it; without it, the project has to run already")
	if d.bootstrapped() {
		per := d.replicas()
		d.line("  bootstrap: true                    # nothing in the file forms the cluster: lone, empty nodes are joined")
		d.line("  masters: %d", len(d.cluster.Setup.Nodes)/(1+per))
		d.line("  replicas: %d", per)
	}
}

func (d *drafted) workloads() {
	d.line("workloads:")
	d.line("  - name: orders")
	d.line("    type: set                        # every write adds an element of its own, so that losses are exact")
	d.line("    clients: 16                      # each with one write in flight")
	d.line("    rate: 500                        # writes a second in all; without it, as fast as the cluster takes them")
	d.line("    keys: 1000")
	d.line("    client:                          # as your applications have theirs")
	d.line("      dial_timeout: 500ms")
	d.line("      read_timeout: 500ms")
	d.line("      cluster_state_reload_interval: 1s  # a master that is dead redirects nobody")
}

// Times of the run, beside what a failover may take.
const (
	before = 5 * time.Second  // the fault
	slack  = 5 * time.Second  // that a failover, or the return of a node, may take beyond the prediction
	after  = 10 * time.Second // for the old master to come back as a replica
)

// down is how long the master is away: long enough to be replaced.
func (d *drafted) down() time.Duration { return inSeconds(d.longest() + slack) }

func (d *drafted) faults() {
	d.line("duration: %v", before+d.down()+after)
	d.line("recovery_timeout: 60s                # for the cluster to be whole again")
	d.line("faults:")
	d.line("  - at: %v", before)
	d.line("    for: %v                         # longer than a failover takes; then it is healed", d.down())
	if policies := d.restarts(); len(policies) > 0 {
		d.line("    # With restart: %s, the engine starts a server that was killed at once, and before it is replaced. A paused", strings.Join(policies, ", "))
		d.line("    # one it leaves alone; kill: {role: master, shard: 0} shows what the restart does.")
		d.line("    pause: {role: master, shard: 0}")
	} else {
		d.line("    kill: {role: master, shard: 0}   # SIGKILL, to the master that shard 0 has by then")
	}
	if len(d.cluster.Addrs) > 0 {
		d.line("  # Where the process or container of a node is not found from here, this is done by the servers alone:")
		d.line("  #   failover: {shard: 0}")
		d.line("  # and this by a command of yours (docs/hooks.md):")
		d.line("  #   hook: {role: master, shard: 0, inject: [./stop-node.sh], heal: [./start-node.sh], effect: ends}")
	}
}

// restarts lists the policies by which the engine starts nodes again.
func (d *drafted) restarts() (policies []string) {
	for _, n := range d.cluster.Setup.Nodes {
		if n.Service != nil && n.Service.Restart != "" && n.Service.Restart != "no" && !slices.Contains(policies, n.Service.Restart) {
			policies = append(policies, n.Service.Restart)
		}
	}
	return policies
}

func (d *drafted) expectations() {
	d.line("expect:                              # these decide the exit code")
	if !d.hasReplicas() {
		d.line("  failovers: 0                       # no master has a replica: its slots are gone for as long as it is")
		d.line("  recovered: true")
		return
	}
	longest := inSeconds(d.longest())
	d.line("  failovers: 1")
	d.line("  failover_time: \"<= %v\"          # the longest that cluster-node-timeout %d lets it take: %v", longest, d.timeout, d.longest().Round(100*time.Millisecond))
	d.line("  client_recovery: \"<= %v\"        # and the clients' timeouts and reload on top", longest+3*time.Second)
	d.line("  lost_ratio: \"<= 1%%\"               # replication is asynchronous: what was acked just before may be lost")
	d.line("  recovered: true")
}

// yaml is a text as a scenario has it.
func yaml(text string) string {
	if document.StringNode(text).Quoted {
		return strconv.Quote(text)
	}
	return text
}

func quoted(texts []string) (all []string) {
	for _, t := range texts {
		all = append(all, yaml(t))
	}
	return all
}
