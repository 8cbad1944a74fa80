package doctor

import (
	"fmt"
	"strings"
)

func settingChecks() []Check {
	return []Check{
		{"node-timeout", "`cluster-node-timeout` below 2000: brief hiccups cause failovers", each(nodeTimeout)},
		{"eviction", "a `maxmemory-policy` that evicts keys", each(eviction)},
		{"full-coverage", "`cluster-require-full-coverage yes`: while one shard has no master, all others take no commands", each(fullCoverage)},
		{"min-replicas", "`min-replicas-to-write` as large as the number of replicas, or larger", minReplicas},
		{"no-failover", "replicas that never stand for election", each(noFailover)},
		{"health-check", "health checks that end the server, or have something restart it, before the cluster has noticed that it is away", healthChecks},
	}
}

// safeTimeout is the value that survived freezes of 1.5 s in docs/timeouts.md, with every version.
const safeTimeout = 2000

func nodeTimeout(n Node) *Finding {
	ms, given := n.Config.Number("cluster-node-timeout")
	if !given || ms >= safeTimeout {
		return nil
	}
	return &Finding{Severity: Warn, Evidence: fmt.Sprintf("cluster-node-timeout %d: a server that does not answer for so long is replaced. Measured (docs/timeouts.md): with 1000, freezes of 1.1 to 1.4 s cause a failover in 5 %% of cases, with 500, of 0.5 to 0.6 s", ms),
		Remedy: "write 2000 or more (freezes of 1.5 s were survived, and failovers took 3 to 5 s); chaos tune finds the value for your configuration"}
}

func eviction(n Node) *Finding {
	policy, given := n.Config.Value("maxmemory-policy")
	limit, _ := n.Config.Value("maxmemory")
	if !given || policy == "noeviction" || n.Live != nil && (limit == "" || limit == "0") {
		return nil
	}
	return &Finding{Severity: Warn, Evidence: fmt.Sprintf("maxmemory-policy %s, maxmemory %s: acked writes are removed once the memory is full", policy, orUnset(limit)),
		Remedy: "write noeviction, unless it is a cache; in a run, evicted elements are counted apart from lost ones"}
}

func orUnset(value string) string {
	if value == "" {
		return "not set"
	}
	return value
}

func fullCoverage(n Node) *Finding {
	if !n.Config.Is("cluster-require-full-coverage", "yes") {
		return nil
	}
	return &Finding{Severity: Note, Evidence: "cluster-require-full-coverage yes, which is the default: from a master's failure to its replacement, no shard takes commands", Remedy: "write no, if the other shards are to go on meanwhile"}
}

func minReplicas(s Setup) []Finding {
	replicas := map[string]int{}
	live := false
	for _, n := range s.Nodes {
		if n.Live != nil {
			live = true
			replicas[n.Live.Master]++
		}
	}
	planned, known := replicasPlanned(s)
	return each(func(n Node) *Finding {
		wanted, given := n.Config.Number("min-replicas-to-write")
		if !given || wanted == 0 || live && (n.Live == nil || n.Live.Replica) || !live && !known {
			return nil
		}
		has := planned
		if live {
			has = replicas[n.Live.ID]
		}
		const remedy = "write a number below that of its replicas, or add replicas"
		switch {
		case wanted > has:
			return &Finding{Severity: Fail, Evidence: fmt.Sprintf("min-replicas-to-write %d, and %s: a master takes no writes", wanted, counted(has, "replica", "replicas")), Remedy: remedy}
		case wanted == has:
			return &Finding{Severity: Warn, Evidence: fmt.Sprintf("min-replicas-to-write %d, and %s: a master takes no writes while one of them is away, as is so after every failover", wanted, counted(has, "replica", "replicas")), Remedy: remedy}
		}
		return nil
	})(s)
}

func noFailover(n Node) *Finding {
	if !n.Config.Is("cluster-replica-no-failover", "yes") {
		return nil
	}
	return &Finding{Severity: Warn, Evidence: "cluster-replica-no-failover yes: it replaces no master by itself", Remedy: "write no, unless failovers are asked for by hand (CLUSTER FAILOVER)"}
}

func healthChecks(s Setup) []Finding {
	healer := ""
	if s.Project != nil {
		for _, service := range s.Project.Services {
			if strings.Contains(service.Image, "autoheal") {
				healer = service.Name
			}
		}
	}
	return each(func(n Node) *Finding {
		if n.Service == nil || n.Service.Health == "" {
			return nil
		}
		for _, word := range strings.FieldsFunc(strings.ToLower(n.Service.Health), func(r rune) bool { return strings.ContainsRune(" ;&|()\"'", r) }) {
			if word == "kill" || word == "pkill" || word == "killall" || word == "shutdown" {
				return &Finding{Severity: Fail, Evidence: "its health check ends it: " + n.Service.Health, Remedy: "have the check fail and no more: a master that does not answer is replaced by its replica, and keeps its data"}
			}
		}
		if label := n.Service.Labels["autoheal"]; healer != "" && label != "false" {
			return &Finding{Severity: Warn, Evidence: "service " + healer + " restarts containers whose health check fails: a master that is slow for a while is ended", Remedy: "leave the nodes to their cluster (label autoheal=false), or have the check fail no sooner than cluster-node-timeout"}
		}
		return nil
	})(s)
}
