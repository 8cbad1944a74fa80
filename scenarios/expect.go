package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
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
		{Name: "outage_causes", Unit: UnitCauses, Help: "causes of outages of 100 ms or more"},
		{Name: "missed_causes", Unit: UnitCauses, Help: "causes for which masters that a fault hit were not replaced"},
		{Name: "loss_causes", Unit: UnitCauses, Needs: trait.DatesLoss, Help: "causes for which acked writes were lost"},
		{Name: "phase_causes", Unit: UnitCauses, Help: "causes for which phases of failovers took longer than predicted"},
	}
}

// Expectation bounds one metric: the run fails if it does not hold.
type Expectation struct {
	Metric Metric
	// Workload is the one that it is about; empty: all of them.
	Workload string
	Op       string // "<=", "<", ">=", ">", "=="
	// Value in the metric's unit: milliseconds, a count, a ratio, or 0/1.
	Value float64
	// Causes must each have been found, of a metric that is causes; with none, none may
	// have been.
	Causes []string
	// Want is the bound as a person reads it: "<= 8s", "master_down, full_coverage".
	Want string
}

// expectCauses is an expectation about causes.
func expectCauses(m Metric, workload string, causes []string) Expectation {
	want := strings.Join(causes, ", ")
	if len(causes) == 0 {
		want = "none"
	}
	return Expectation{Metric: m, Workload: workload, Causes: causes, Want: want}
}

// HoldsCauses tells whether the causes found satisfy the expectation.
func (e Expectation) HoldsCauses(found []string) bool {
	if len(e.Causes) == 0 {
		return len(found) == 0
	}
	return !slices.ContainsFunc(e.Causes, func(c string) bool { return !slices.Contains(found, c) })
}

// ofWorkload is how the name of an expectation about one workload begins:
// workloads.orders.lost_writes.
const ofWorkload = "workloads."

// Name is what the expectation is called in a scenario: lost_writes, or
// workloads.orders.lost_writes.
func (e Expectation) Name() string {
	if e.Workload == "" {
		return e.Metric.Name
	}
	return ofWorkload + e.Workload + "." + e.Metric.Name
}

// SplitName takes the name of an expectation apart; workload is empty where it is about
// all of them.
func SplitName(name string) (workload, metric string) {
	rest, of := strings.CutPrefix(name, ofWorkload)
	if i := strings.LastIndex(rest, "."); of && i >= 0 {
		return rest[:i], rest[i+1:]
	}
	return "", name
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

// Holds tells whether a measured value satisfies the expectation.
func (e Expectation) Holds(got float64) bool {
	switch e.Op {
	case "<=":
		return got <= e.Value
	case "<":
		return got < e.Value
	case ">=":
		return got >= e.Value
	case ">":
		return got > e.Value
	default:
		return got == e.Value
	}
}

// ParseExpectation reads the bound of a metric: "<= 8s", "> 0", "0", "true". Without
// an operator, a count or a truth value is what it must be, and a duration or a ratio
// is the worst that it may be: no measured one is ever exactly so long.
func ParseExpectation(name, bound string) (Expectation, error) {
	workload, metric := SplitName(name)
	m, err := metricNamed(metric)
	if err != nil {
		return Expectation{Workload: workload}, err
	}
	bare := "=="
	if m.Unit == UnitMillis || m.Unit == UnitRatio {
		bare = m.worst()
	}
	return parseBound(m, workload, bound, bare, false)
}

// worst is the operator of a bound that is the worst that the figure may be.
func (m Metric) worst() string {
	if m.MoreIsBetter {
		return ">="
	}
	return "<="
}

// parseBound reads a bound, whose operator is bare if it gives none. Fractions are of counts.
func parseBound(m Metric, workload, bound, bare string, fractions bool) (Expectation, error) {
	e := Expectation{Metric: m, Workload: workload, Op: bare}
	name, value := e.Name(), strings.TrimSpace(bound)
	for _, op := range []string{"<=", ">=", "==", "<", ">"} {
		if rest, ok := strings.CutPrefix(value, op); ok {
			e.Op, value = op, strings.TrimSpace(rest)
			break
		}
	}
	e.Want = e.Op + " " + value
	switch m.Unit {
	case UnitMillis:
		d, err := units.ParseDuration(value)
		if err != nil {
			return e, fmt.Errorf("%s: %w", name, err)
		}
		e.Value = float64(d) / float64(time.Millisecond)
	case UnitCount:
		n, err := parseCount(value, fractions)
		if err != nil {
			return e, fmt.Errorf("%s: %q is not a count; write it like 0 or \"<= 10\"", name, value)
		}
		e.Value = n
	case UnitRatio:
		number, percent := strings.CutSuffix(value, "%")
		r, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if percent {
			r /= 100
		}
		if err != nil || !(r >= 0 && r <= 1) {
			like := `"<= 0.001" or "<= 0.1%"`
			if m.MoreIsBetter {
				like = `">= 0.99" or ">= 99%"`
			}
			return e, fmt.Errorf("%s: %q is not a ratio; write it like %s", name, value, like)
		}
		e.Value = r
	case UnitCauses:
		return e, fmt.Errorf("%s: causes have no bound", name)
	case UnitBool:
		b, err := strconv.ParseBool(value)
		if err != nil || e.Op != "==" {
			return e, fmt.Errorf("%s: %q is not a truth value; write true or false", name, bound)
		}
		e.Want = strconv.FormatBool(b)
		if b {
			e.Value = 1
		}
	}
	return e, nil
}

// parseCount reads a count; one of several runs, such as their mean, may be a fraction.
func parseCount(text string, fractions bool) (float64, error) {
	const most = 1 << 53
	if !fractions {
		n, err := strconv.ParseUint(text, 10, 53)
		return float64(n), err
	}
	n, err := units.ParseFloat(text)
	if err == nil && (n < 0 || n > most) {
		err = strconv.ErrRange
	}
	return n, err
}
