package doctor

import (
	"cmp"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
)

func shapeChecks() []Check {
	return []Check{
		{"unwell", "what servers that run tell to be wrong with their cluster", unwell},
		{"masters", "fewer than three masters: no majority is left when one dies, and nobody replaces it", tooFewMasters},
		{"replicas", "masters without a replica: their slots are gone for as long as they are", withoutReplicas},
		{"one-host", "a master and its replica at one address, or all nodes in one container: what takes one takes the other", oneHost},
		{"versions", "nodes of different versions or images", versions},
		{"formed", "a compose file that starts nodes which nothing joins", formed},
	}
}

func unwell(s Setup) (all []Finding) {
	for _, reason := range s.Unwell {
		all = append(all, Finding{Severity: Fail, Where: "the cluster", Evidence: reason, Remedy: "redis-cli --cluster check ADDRESS lists what is missing, and redis-cli --cluster fix ADDRESS puts slots right"})
	}
	return all
}

// masters is how many masters a cluster has; 0 if that is not known.
func masters(s Setup) int {
	count := 0
	for _, n := range s.Nodes {
		if n.Live != nil && !n.Live.Replica && n.Live.Slots > 0 {
			count++
		}
	}
	if perMaster, known := replicasPlanned(s); count == 0 && known {
		count = len(s.Nodes) / (1 + perMaster)
	}
	return count
}

// replicasPlanned is how many replicas each master is to have, by what forms the cluster.
func replicasPlanned(s Setup) (int, bool) {
	if s.Project == nil {
		return 0, false
	}
	for _, service := range s.Project.Services {
		at := slices.Index(service.Command, "--cluster-replicas")
		if at >= 0 && at+1 < len(service.Command) {
			if n, err := strconv.Atoi(service.Command[at+1]); err == nil {
				return n, true
			}
		}
		given := cmp.Or(service.Env["REDIS_CLUSTER_REPLICAS"], service.Env["VALKEY_CLUSTER_REPLICAS"], service.Env["SLAVES_PER_MASTER"])
		if n, err := strconv.Atoi(given); err == nil {
			return n, true
		}
	}
	return 0, false
}

// enough is how many masters have a majority left when one of them dies.
const enough = 3

func tooFewMasters(s Setup) []Finding {
	const remedy = "have at least three masters, on machines of their own"
	switch n := masters(s); {
	case len(s.Nodes) == 0:
		return nil
	case n > 0 && n < enough:
		return []Finding{{Severity: Fail, Where: "the cluster", Evidence: fmt.Sprintf("%s with slots: a failover takes the votes of a majority of all masters, which are not left when one is down", counted(n, "master", "masters")), Remedy: remedy}}
	case n == 0 && len(s.Nodes) < enough:
		return []Finding{{Severity: Fail, Where: "the cluster", Evidence: fmt.Sprintf("%s in all", counted(len(s.Nodes), "node", "nodes")), Remedy: remedy}}
	}
	return nil
}

func withoutReplicas(s Setup) (all []Finding) {
	const remedy = "give each master a replica, on another machine"
	replicas, live := map[string]int{}, false
	for _, n := range s.Nodes {
		if n.Live != nil {
			live = true
			replicas[n.Live.Master]++
		}
	}
	if !live {
		planned, known := replicasPlanned(s)
		if len(s.Nodes) >= enough && (known && planned == 0 || len(s.Nodes) < 2*enough) {
			return []Finding{{Severity: Warn, Where: "the cluster", Evidence: fmt.Sprintf("%d nodes: three masters with a replica each take six", len(s.Nodes)), Remedy: remedy}}
		}
		return nil
	}
	return each(func(n Node) *Finding {
		if n.Live == nil || n.Live.Replica || n.Live.Slots == 0 || replicas[n.Live.ID] > 0 {
			return nil
		}
		return &Finding{Severity: Warn, Evidence: "no replica follows it", Remedy: remedy}
	})(s)
}

func oneHost(s Setup) (all []Finding) {
	const remedy = "have a master and its replica on different machines, or at least in different containers"
	in := map[string]int{}
	for _, n := range s.Nodes {
		if n.Container != "" {
			in[n.Container]++
		}
	}
	for _, n := range s.Nodes {
		if count := in[n.Container]; count > 1 {
			all = append(all, Finding{Severity: Warn, Where: n.Container, Evidence: fmt.Sprintf("%d nodes are in this container, and end with it", count), Remedy: remedy})
			in[n.Container] = 0
		}
	}
	byID := map[string]Node{}
	for _, n := range s.Nodes {
		if n.Live != nil {
			byID[n.Live.ID] = n
		}
	}
	var pairs []string
	for _, n := range s.Nodes {
		if n.Live == nil || !n.Live.Replica {
			continue
		}
		master, known := byID[n.Live.Master]
		if known && hostOf(n.Live.Announced) == hostOf(master.Live.Announced) {
			pairs = append(pairs, n.Name+" of "+master.Name)
		}
	}
	if len(pairs) > 0 {
		all = append(all, Finding{Severity: Warn, Where: strings.Join(pairs, ", "), Evidence: "these replicas announce the address of their master: they are on one machine, or behind one", Remedy: remedy})
	}
	return all
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

func versions(s Setup) []Finding {
	var by []together
	for _, n := range s.Nodes {
		switch {
		case n.Live != nil && n.Live.Version != "":
			by = put(by, n.Live.Server+" "+n.Live.Version, n.Name)
		case n.Live == nil && n.Service != nil:
			by = put(by, n.Service.Image, n.Name)
		}
	}
	if len(by) < 2 {
		return nil
	}
	var told []string
	for _, t := range by {
		told = append(told, t.key+": "+strings.Join(t.names, ", "))
	}
	return []Finding{{Severity: Warn, Where: "the cluster", Evidence: strings.Join(told, "; "), Remedy: "run one version, but for the time of an upgrade: elections and the replication stream differ between them"}}
}

// formed looks for what joins the nodes: a service with redis-cli --cluster create, or an image that does so itself.
func formed(s Setup) []Finding {
	if s.Project == nil || len(s.Nodes) == 0 || slices.ContainsFunc(s.Nodes, func(n Node) bool { return n.Live != nil }) {
		return nil
	}
	for _, service := range s.Project.Services {
		creates := slices.Contains(service.Command, "create") && slices.ContainsFunc(service.Command, func(w string) bool { return isClient(path.Base(w)) })
		if creates || service.Env["REDIS_CLUSTER_CREATOR"] != "" || service.Env["VALKEY_CLUSTER_CREATOR"] != "" || strings.HasSuffix(repositoryOf(service.Image), severalInOne) {
			return nil
		}
	}
	return []Finding{{Severity: Note, Where: "the compose file", Evidence: "no service runs redis-cli --cluster create: up alone gives nodes that know nobody", Remedy: "form the cluster once it is up; in a scenario, bootstrap: true has chaos do so"}}
}

func isClient(program string) bool {
	return slices.Contains([]string{"redis-cli", "valkey-cli"}, program)
}
