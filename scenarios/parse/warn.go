package parse

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// defaultReload is go-redis's cluster_state_reload_interval.
const defaultReload = units.Duration(60 * time.Second)

// warn finds what can be run and may not mean what its author has in mind.
func (d *decoder) warn(root *document.Node, s *scenarios.Scenario) {
	d.warnOfEviction(root.Field("cluster").Field("config"), s)
	d.warnOfReloads(root, s)
}

// warnOfEviction tells of keys that the servers may remove by themselves, under a
// workload that looks for what it wrote.
func (d *decoder) warnOfEviction(config *document.Node, s *scenarios.Scenario) {
	policy := s.Cluster.Config.Value("maxmemory-policy")
	limit, err := units.ParseMemory(s.Cluster.Config.Value("maxmemory"))
	if err != nil || limit == 0 || policy == "" || policy == "noeviction" {
		return
	}
	onlyWithTTL := strings.HasPrefix(policy, "volatile-")
	var counting []string
	for _, w := range s.Workloads {
		if w.Can(trait.CountsLoss) && (w.TTL() > 0 || !onlyWithTTL) {
			counting = append(counting, w.Name)
		}
	}
	if len(counting) > 0 {
		d.WarnAt(config.Field("maxmemory-policy").Pos, "maxmemory-policy %s evicts keys once maxmemory is reached, and losses are counted of workload %s: evicted elements are counted apart from lost ones as far as the servers' counters show them; with noeviction none is",
			policy, strings.Join(counting, ", "))
	}
}

// warnOfReloads tells of clients that look at the topology less than once in the run. A
// master that was told to hand over redirects them; one that is down or cut off does not.
func (d *decoder) warnOfReloads(root *document.Node, s *scenarios.Scenario) {
	moves := slices.ContainsFunc(s.Faults, func(f scenarios.Fault) bool { return movesMasters(f.Spec) })
	if s.Random != nil {
		moves = slices.ContainsFunc(s.Random.Faults, func(f scenarios.RandomFault) bool { return movesMasters(f.Spec) })
	}
	if !moves || s.Cluster.LacksReplicas() {
		return
	}
	for i, w := range s.Workloads {
		if cmp.Or(w.Client.Library, scenarios.DefaultLibrary) != scenarios.DefaultLibrary {
			continue // which look when they like
		}
		reload := defaultReload
		if given := w.Client.Effective().ClusterStateReloadInterval; given != nil {
			reload = *given
		}
		if reload <= s.Duration {
			continue
		}
		n := root.Field("workloads").Item(i)
		at := cmp.Or(n.Field("client").Field("cluster_state_reload_interval"), n.Field("client"), n)
		d.WarnAt(at.Pos, "the clients of workload %s reload the topology every %v, longer than the run of %v: after a failover they find the new master only once a node redirects them, and one that is down redirects nobody; write cluster_state_reload_interval: 1s or preset: %s under client, unless that is what you want to see",
			w.Name, reload, s.Duration, scenarios.PresetFastFailover)
	}
}

// movesMasters tells whether a fault may have a master replaced that redirects nobody.
func movesMasters(spec scenarios.FaultSpec) bool {
	_, momentary := spec.(scenarios.Momentary)
	sparer, tells := spec.(scenarios.MasterSparer)
	return !momentary && !(tells && sparer.SparesMasters())
}
