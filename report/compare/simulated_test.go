package compare

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// tries is how many pairs of sets each simulation compares.
var tries = flag.Int("tries", 60, "pairs of sets in each simulation of comparisons")

// simulatedRun is the figures of a run in which a master is killed: each of the other five nodes
// suspects it after one to one and a half times the timeout, both other masters have to, and the
// replica waits for another 0.5 to 1 s, and then for its cron; slow is how much longer, in ms.
func simulatedRun(rnd *rand.Rand, timeout, slow float64) map[string]stats.Value {
	var suspects []float64
	for range 5 {
		suspects = append(suspects, timeout*(1+rnd.Float64()/2))
	}
	pfail := slices.Min(suspects)
	fail := max(suspects[0], suspects[1]) + 100*rnd.Float64()
	delay := 500 + 500*rnd.Float64() + 100*rnd.Float64() + slow
	votes, opening := 2+3*rnd.ExpFloat64(), 1+9*rnd.Float64()
	failover := fail + delay + votes + opening
	client := failover + 1000*rnd.Float64()
	failed := (client + 200*rnd.NormFloat64()) / 30_000 / 3
	lost := 0.0
	if rnd.IntN(5) == 0 {
		lost = float64(rnd.IntN(20))
	}
	values := map[string]stats.Value{}
	for name, v := range map[string]float64{
		"failovers": 1, "recovered": 1, "failover_time": failover, "client_recovery": client, "lost_writes": lost, "lost_ratio": lost / 60_000,
		"availability": 1 - failed, "failed_ratio": failed, "throughput": 2000 * (1 - failed),
		"suspicion": pfail, "agreement": fail - pfail, "election_delay": delay, "votes": votes, "opening": opening,
		"pfail": pfail, "fail": fail, "election": fail + delay, "promoted": fail + delay + votes, "converged": failover + 50*rnd.Float64(), "redundant": 16_000 + 300*rnd.NormFloat64(),
		"latency_p50": 1 + rnd.Float64(), "latency_p95": 1000 * rnd.Float64(), "latency_p99": 0.6*client + 200*rnd.NormFloat64(), "latency_max": client,
		"unavailable": failover + 300*rnd.Float64(), "longest_outage": failover, "split_brain": 0,
	} {
		values[name] = stats.Value(max(0, v))
	}
	return values
}

func simulatedSet(rnd *rand.Rand, n int, timeout, slow float64) *set.Set {
	s := &set.Set{Schema: set.Schema, Scenario: "master-kill", Source: fmt.Sprintf("name: master-kill\ncluster:\n  config:\n    cluster-node-timeout: %.0f\n", timeout)}
	s.Server.Name, s.Server.Version = "redis", "7.0.15"
	for i := range n {
		s.Runs = append(s.Runs, set.Run{ID: fmt.Sprint("run-", i), Verdict: report.Pass, Values: simulatedRun(rnd, timeout, slow)})
	}
	units := map[string]set.Unit{"failovers": set.Count, "recovered": set.Bool, "lost_writes": set.Count, "lost_ratio": set.Ratio, "availability": set.Ratio, "failed_ratio": set.Ratio, "throughput": set.PerSecond}
	for _, name := range []string{"failover_time", "client_recovery", "unavailable", "lost_writes", "failed_ratio", "suspicion", "agreement", "election_delay", "votes", "opening",
		"pfail", "fail", "election", "promoted", "converged", "redundant", "failovers", "availability", "latency_p50", "latency_p95", "latency_p99", "latency_max", "longest_outage", "split_brain", "lost_ratio", "recovered", "throughput"} {
		unit := units[name]
		if unit == "" {
			unit = set.Millis
		}
		s.Figures = append(s.Figures, set.Figure{Name: name, Unit: unit})
	}
	return s
}

func timeouts() []float64 { return []float64{500, 1000, 2000, 5000, 15_000} }

// simulated is in how many of all pairs of sets some change is sure, and in how many one of
// election_delay is.
func simulated(t *testing.T, n int, slow float64) (any, delay, pairs int) {
	for _, timeout := range timeouts() {
		ofTimeout := 0
		for try := range *tries / len(timeouts()) {
			rnd := rand.New(rand.NewPCG(uint64(try), uint64(timeout)))
			figures, err := figuresOf(simulatedSet(rnd, n, timeout, 0), simulatedSet(rnd, n, timeout, slow))
			if err != nil {
				t.Fatal(err)
			}
			test(figures)
			pairs++
			if slices.ContainsFunc(figures, func(f *Figure) bool { return f.Verdict.Sure() }) {
				any++
				ofTimeout++
			}
			if slices.ContainsFunc(figures, func(f *Figure) bool { return f.Name == "election_delay" && f.Verdict.Sure() }) {
				delay++
			}
		}
		t.Logf("timeout %v: %d sure", timeout, ofTimeout)
	}
	t.Logf("of %d pairs of %d runs each, %d differ for sure, %d in election_delay", pairs, n, any, delay)
	return any, delay, pairs
}

// Two sets of 10 runs of the same server differ in any figure in 1 of 20 pairs at most.
func TestSimulatedSetsOfOneServer(t *testing.T) {
	if any, _, pairs := simulated(t, 10, 0); any*20 > pairs {
		t.Errorf("%d of %d pairs differ for sure", any, pairs)
	}
}

// A server whose election is slowed by 300 ms is found with 10 runs each in 9 of 10 pairs.
func TestSimulatedSlowElection(t *testing.T) {
	if any, _, pairs := simulated(t, 10, 300); any*10 < pairs*9 {
		t.Errorf("only %d of %d pairs differ for sure", any, pairs)
	}
}
