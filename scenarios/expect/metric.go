package expect

import (
	"errors"

	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
)

// Metric is a figure of a run that an expectation can bound.
type Metric struct {
	Name string
	Unit Unit
	Help string
	// Needs is what some workload must be able to judge for it to be known.
	Needs trait.Trait
	// NeedsWorkload: only known where some workload runs.
	NeedsWorkload bool
	// NeedsReads: only known where some workload reads.
	NeedsReads bool
	// MoreIsBetter: a bare value is the least that it may be.
	MoreIsBetter bool
}

// PerWorkload tells whether the figure is known of each workload by itself, too: that
// is so of all that only a workload can tell.
func (m Metric) PerWorkload() bool {
	return m.Needs != "" || m.NeedsWorkload || m.NeedsReads
}

// Unit is what a metric is counted in.
type Unit int

// The units of metrics. Durations are compared in milliseconds.
const (
	UnitMillis Unit = iota
	UnitCount
	UnitRatio
	UnitBool
	UnitCauses // causes by name, of which there is no bound
)

// Metrics lists what `expect` knows, in the order that reports show it.
func Metrics() []Metric {
	return []Metric{
		{Name: "failovers", Unit: UnitCount, Help: "number of shards' changes of master, but for those that come of incidents"},
		{Name: "failover_time", Unit: UnitMillis, Help: "slowest failover on the server side: fault effective to first write acked by the new master"},
		{Name: "client_recovery", Unit: UnitMillis, NeedsWorkload: true, Help: "slowest recovery seen through the cluster client, of all workloads and failovers: fault effective to first acked write on the new master"},
		{Name: "failed_ratio", Unit: UnitRatio, NeedsWorkload: true, Help: "operations that failed or had no answer / operations attempted, all workloads together"},
		{Name: "availability", Unit: UnitRatio, NeedsWorkload: true, MoreIsBetter: true, Help: "acked operations / operations attempted, all workloads together"},
		{Name: "latency_p50", Unit: UnitMillis, NeedsWorkload: true, Help: "median latency of acked operations, of the slowest workload"},
		{Name: "latency_p95", Unit: UnitMillis, NeedsWorkload: true, Help: "95th percentile of the same"},
		{Name: "latency_p99", Unit: UnitMillis, NeedsWorkload: true, Help: "99th percentile of the same"},
		{Name: "latency_p999", Unit: UnitMillis, NeedsWorkload: true, Help: "99.9th percentile of the same"},
		{Name: "latency_max", Unit: UnitMillis, NeedsWorkload: true, Help: "longest latency of the same"},
		{Name: "unavailable", Unit: UnitMillis, Help: "time in all that a shard acked no write, of the worst shard"},
		{Name: "longest_outage", Unit: UnitMillis, Help: "longest time at a stretch that a shard acked no write"},
		{Name: "split_brain", Unit: UnitMillis, Help: "time in all that two nodes acked writes for one slot, of the worst failover"},
		{Name: "longest_split_brain", Unit: UnitMillis, Help: "longest time of the same at a stretch"},
		{Name: "lost_writes", Unit: UnitCount, Needs: trait.CountsLoss, Help: "acked writes that are absent after recovery, all workloads together"},
		{Name: "lost_ratio", Unit: UnitRatio, Needs: trait.CountsLoss, Help: "lost writes / acked writes"},
		{Name: "evicted", Unit: UnitCount, Needs: trait.DatesLoss, Help: "acked writes that the servers evicted, by their counters; they are not lost ones"},
		{Name: "expired", Unit: UnitCount, Needs: trait.DatesLoss, Help: "acked writes that expired, likewise"},
		{Name: "loss_window", Unit: UnitMillis, Needs: trait.DatesLoss, Help: "time between the acks of the first and the last lost write"},
		{Name: "duplicated", Unit: UnitCount, Needs: trait.CountsDuplicates, Help: "writes applied beyond once each, all workloads together that can tell"},
		{Name: "out_of_order", Unit: UnitCount, Needs: trait.ChecksOrder, Help: "writes applied after a later one of the same client to the same key"},
		{Name: "stale_reads", Unit: UnitCount, NeedsReads: true, Help: "reads that answered with less than what had been acked before they were sent"},
		{Name: "missed_messages", Unit: UnitCount, Needs: trait.CountsMissed, Help: "acked messages that subscribers missed while they believed that they were connected"},
		{Name: "redelivered", Unit: UnitCount, Needs: trait.HasGroups, Help: "deliveries of stream entries to a consumer group that had got them before, acked or not"},
		{Name: "undelivered", Unit: UnitCount, Needs: trait.HasGroups, Help: "stream entries that are there in the end and were never delivered to a consumer group"},
		{Name: "double_holds", Unit: UnitCount, Needs: trait.JudgesLocks, Help: "number of times that two clients held one lock at once"},
		{Name: "double_held", Unit: UnitMillis, Needs: trait.JudgesLocks, Help: "longest time that two clients held one lock at once"},
		{Name: "linearizable", Unit: UnitBool, Needs: trait.ChecksLinearizability, Help: "whether the histories of reads, writes and compare-and-set are linearizable"},
		{Name: "recovered", Unit: UnitBool, Help: "every slot served, every node linked, every replica in sync and one for every shard within recovery_timeout"},
		{Name: "incidents", Unit: UnitCount, Help: "number of times that a node died, was removed, paused or disconnected without a fault of the scenario; 0 if it is not named, and then no figure of failovers is about those that come of them"},
		{Name: "skipped_faults", Unit: UnitCount, Help: "number of faults that were left out, as their targets had another role than expected (expect_role)"},
		{Name: "outage_causes", Unit: UnitCauses, Help: "causes of outages of 100 ms or more"},
		{Name: "missed_causes", Unit: UnitCauses, Help: "causes for which masters that a fault hit were not replaced"},
		{Name: "loss_causes", Unit: UnitCauses, Needs: trait.DatesLoss, Help: "causes for which acked writes were lost"},
		{Name: "phase_causes", Unit: UnitCauses, Help: "causes for which phases of failovers took longer than predicted"},
	}
}

// perWorkload lists the figures that are known of each workload.
func perWorkload() (names []string) {
	for _, m := range Metrics() {
		if m.PerWorkload() {
			names = append(names, m.Name)
		}
	}
	return names
}

// worst is the operator of a bound that is the worst that the figure may be.
func (m Metric) worst() string {
	if m.MoreIsBetter {
		return ">="
	}
	return "<="
}

// metricNamed finds a metric; the error tells the names that there are.
func metricNamed(name string) (Metric, error) {
	var known []string
	for _, m := range Metrics() {
		if m.Name == name {
			return m, nil
		}
		known = append(known, m.Name)
	}
	return Metric{}, errors.New(suggest.Unknown("expectation", name, known))
}
