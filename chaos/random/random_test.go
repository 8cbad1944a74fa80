package random_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func catalog() scenarios.Catalog { return scenarios.Catalog{Faults: fault.Kinds()} }

func scenario(t *testing.T, masters, replicas int, text string) *scenarios.Scenario {
	t.Helper()
	source := fmt.Sprintf("name: t\nduration: 60s\ncluster: {masters: %d, replicas: %d}\nrandom:\n%s", masters, replicas, text)
	s, err := parse.Scenario("t.yaml", []byte(source), catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const several = `  every: 1s
  for: 500ms-4s
  at_most: 3
  faults:
    - {weight: 3, kill: {role: master, pick: random}}
    - {weight: 2, pause: {role: replica, pick: random}}
    - {weight: 1, latency: {role: master, pick: random, delay: 20ms}}
    - {weight: 1, failover: {pick: random}}
    - {weight: 1, flushall: {role: master, pick: random}}
`

func plain(t *testing.T, s *scenarios.Scenario, seed int64) *scenarios.Scenario {
	t.Helper()
	p, err := random.Plain(s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func written(t *testing.T, s *scenarios.Scenario) string {
	t.Helper()
	text, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What a seed draws is a scenario that can be read, and always the same one.
func TestASeedIsAlwaysTheSamePlainScenario(t *testing.T) {
	s := scenario(t, 3, 1, several)
	before := written(t, s)
	seen := map[string]bool{}
	for seed := range int64(12) {
		p := plain(t, s, seed+1)
		text := written(t, p)
		if again := written(t, plain(t, s, seed+1)); again != text {
			t.Fatalf("seed %d is\n%s\nand then\n%s", seed+1, text, again)
		}
		seen[text] = true
		if p.Random != nil || len(p.Faults) == 0 || p.Seed != seed+1 {
			t.Errorf("seed %d: %+v", seed+1, p)
		}
		read, err := parse.Scenario("plain.yaml", []byte(text), catalog(), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again := written(t, read); again != text {
			t.Errorf("\n%s\nis read as\n%s", text, again)
		}
	}
	if len(seen) != 12 {
		t.Errorf("12 seeds are %d schedules", len(seen))
	}
	if written(t, s) != before {
		t.Error("drawing changed the scenario")
	}
}

// targetOf is the node that a fault names.
func targetOf(t *testing.T, f scenarios.Fault) string {
	t.Helper()
	s, ok := f.Spec.(chaos.Fault).Targets().(aim.Selector)
	if !ok || len(s.Node) != 1 {
		t.Fatalf("%+v names no node", f)
	}
	if expected := map[bool]string{true: aim.Replica}[f.Kind == "failover"]; s.ExpectRole != expected {
		t.Errorf("%s of %s expects the role %q, and is to expect %q", f.Kind, s.Node[0], s.ExpectRole, expected)
	}
	return s.Node[0]
}

// shardOf is the shard that a node is formed in.
func shardOf(t *testing.T, node string, masters int) int {
	t.Helper()
	_, number, _ := strings.Cut(strings.TrimPrefix(node, "redis-"), "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return (n - 1) % masters
}

// inForce are the faults that are in force when one begins, itself included, and those that were over less than a
// second before.
func inForce(all []scenarios.Fault, at scenarios.Fault) (them []scenarios.Fault) {
	for _, f := range all {
		if f.At <= at.At && f.At.D()+f.For.D()+time.Second > at.At.D() {
			them = append(them, f)
		}
	}
	return them
}

func TestWhatIsDrawnKeepsToItsBounds(t *testing.T) {
	for _, test := range []struct {
		masters, replicas, mostMasters int
	}{{3, 1, 1}, {5, 1, 2}, {5, 2, 2}, {3, 0, 1}} {
		text := several
		if test.replicas == 0 {
			text = "  every: 1s\n  for: 500ms-4s\n  at_most: 3\n  faults: [{kill: {role: master, pick: random}}]\n"
		}
		s := scenario(t, test.masters, test.replicas, text)
		together := 0
		for seed := range int64(100) {
			all := plain(t, s, seed+1).Faults
			began := map[int]bool{}  // shards of which a master was hit
			follow := map[int]bool{} // shards of which a replica was to take over
			for _, f := range all {
				if f.At+f.For > s.Duration {
					t.Fatalf("seed %d: %s at %s for %s outlives the run", seed+1, f.Kind, f.At, f.For)
				}
				them := inForce(all, f)
				together = max(together, len(them))
				if len(them) > 3 {
					t.Errorf("seed %d: %d faults at %s", seed+1, len(them), f.At)
				}
				nodes, shards := map[string]bool{}, map[int]int{}
				masters := 0
				for _, other := range them {
					node := targetOf(t, other)
					if nodes[node] {
						t.Errorf("seed %d: two faults on %s at %s", seed+1, node, f.At)
					}
					nodes[node] = true
					shard := shardOf(t, node, test.masters)
					if shards[shard]++; strings.HasPrefix(node, "redis-master-") || began[shard] || follow[shard] {
						masters++
					}
				}
				if masters > test.mostMasters {
					t.Errorf("seed %d: %d nodes that may be masters are hit at %s: %v", seed+1, masters, f.At, nodes)
				}
				for shard, n := range shards {
					if test.replicas > 0 && n == 1+test.replicas {
						t.Errorf("seed %d: all of shard %d is hit at %s", seed+1, shard, f.At)
					}
				}
				shard := shardOf(t, targetOf(t, f), test.masters)
				if particular := f.Kind == "failover" || f.Kind == "flushall"; particular && (began[shard] || follow[shard]) {
					t.Errorf("seed %d: %s of a node whose role is not known at %s", seed+1, f.Kind, f.At)
				}
				if f.Kind == "failover" {
					follow[shard] = true
				}
				if strings.HasPrefix(targetOf(t, f), "redis-master-") {
					began[shard] = true
				}
			}
		}
		if test.masters > 3 && together < 2 {
			t.Errorf("%d×%d: at most %d faults at a time were drawn", test.masters, test.replicas, together)
		}
	}
}

func TestQuorumMayBeLostWhereThatIsAllowed(t *testing.T) {
	s := scenario(t, 3, 1, "  every: 500ms\n  for: 4s\n  at_most: 3\n  allow_quorum_loss: true\n  faults: [{kill: {role: master, pick: random}}]\n")
	for seed := range int64(10) {
		all := plain(t, s, seed+1).Faults
		if slices.ContainsFunc(all, func(f scenarios.Fault) bool { return len(inForce(all, f)) == 3 }) {
			return
		}
	}
	t.Error("no seed of 10 has all three masters killed at a time")
}

// Weights, the mean of the times between faults, and the range of their lengths.
func TestWhatIsDrawnFollowsItsDistributions(t *testing.T) {
	for arrivals, far := range map[string][2]float64{"exponential": {5, 20}, "uniform": {1.8, 2.2}} { // the longest, by the mean
		s := scenario(t, 5, 1, "  every: 200ms\n  arrivals: "+arrivals+"\n  for: 50ms-150ms\n  at_most: 100\n  allow_quorum_loss: true\n  faults: [{weight: 3, latency: {role: master, pick: random, delay: 1ms}}, {weight: 1, pause: {role: replica, pick: random}}]\n")
		s.Duration *= 20
		s.Cluster.Masters = 30
		s.Random.Every *= 10 // a node is free again by then, for the most part
		kinds := map[string]int{}
		var last, longest, sum time.Duration
		n := 0
		for seed := range int64(10) {
			last = 0
			for _, f := range plain(t, s, seed+1).Faults {
				kinds[f.Kind]++
				if f.Kind == "latency" && (f.For.D() < 50*time.Millisecond || f.For.D() > 150*time.Millisecond) {
					t.Errorf("a fault for %s", f.For)
				}
				longest, sum, n, last = max(longest, f.At.D()-last), sum+f.At.D()-last, n+1, f.At.D()
			}
		}
		mean := sum.Seconds() / float64(n)
		if mean < 1.8 || mean > 2.2 || longest.Seconds() < far[0]*mean || longest.Seconds() > far[1]*mean {
			t.Errorf("%s: %d faults, one each %.2f s, at most %.2f s apart", arrivals, n, mean, longest.Seconds())
		}
		if share := float64(kinds["pause"]) / float64(n); share < 0.2 || share > 0.3 {
			t.Errorf("%v: %.2f of %d are of weight 1 to 3", kinds, share, n)
		}
	}
}
