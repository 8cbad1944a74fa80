package sweep

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func baseOf(t *testing.T, text string) *base {
	t.Helper()
	s, err := parse.Scenario("test.yaml", []byte(text), experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &base{file: "test.yaml", source: []byte(text), scenario: s}
}

// Every fault lasts as long as a failover may take at the point's timeout, and what came after
// what still does.
func TestFailuresFitTheTimeout(t *testing.T) {
	const kill = "kill: {role: master, shard: 0}"
	for name, test := range map[string]struct{ faults, more, want string }{
		"one":                {"{at: 6s, for: 15s, " + kill + "}", "", "2s+6s 9s"},
		"to the end":         {"{at: 6s, " + kill + "}", "", "2s+6s 9s"},
		"early":              {"{at: 500ms, for: 1s, " + kill + "}", "", "500ms+6s 7.5s"},
		"at once":            {"{at: 6s, for: 15s, " + kill + "}, {at: 6s, for: 15s, kill: {role: master, shard: 1}}", "", "2s+6s 2s+6s 9s"},
		"meanwhile":          {"{at: 6s, for: 15s, " + kill + "}, {at: 8s, for: 15s, kill: {role: master, shard: 1}}", "", "2s+6s 4s+6s 11s"},
		"one after another":  {"{at: 5s, for: 5s, " + kill + "}, {at: 12s, for: 5s, kill: {role: master, shard: 1}}", "", "2s+6s 10s+6s 17s"},
		"in another order":   {"{at: 12s, for: 5s, kill: {role: master, shard: 1}}, {at: 5s, for: 5s, " + kill + "}", "", "2s+6s 10s+6s 17s"},
		"planned":            {"{at: 5s, failover: {shard: 0}}", "", "2s+0s 3s"},
		"loads of their own": {"{at: 6s, for: 5s, " + kill + "}", "workloads: [{name: w, type: set, start: 1s, stop: 20s}]\n", "6s+6s 30s"},
	} {
		t.Run(name, func(t *testing.T) {
			b := baseOf(t, "name: test\nduration: 30s\n"+test.more+"faults: ["+test.faults+"]\nexpect: {failovers: 1}\n")
			s, err := b.failing([]string{"cluster.config.cluster-node-timeout=2000"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range s.Faults {
				got = append(got, fmt.Sprintf("%s+%s", f.At, f.For))
			}
			if text := strings.Join(append(got, s.Duration.String()), " "); text != test.want {
				t.Errorf("%s, want %s", text, test.want)
			}
			if len(s.Expect) != 0 || timeout(s) != 2*time.Second || s.Observe.Probes.String() != probes {
				t.Errorf("%+v, %s, %s", s.Expect, timeout(s), s.Observe.Probes)
			}
		})
	}
}

func TestHiccupsComeOneAfterTheOther(t *testing.T) {
	b := baseOf(t, "name: test\nduration: 30s\nobserve: {probes: 5ms}\nfaults: [{at: 6s, for: 15s, kill: {role: master, shard: 0}}]\n")
	for _, kind := range Hiccups() {
		s, err := b.hiccuping([]string{"cluster.config.cluster-node-timeout=1000"}, kind, []time.Duration{1200 * time.Millisecond, 900 * time.Millisecond, time.Second}, 2)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		var got []string
		for _, f := range s.Faults {
			got = append(got, fmt.Sprintf("%s+%s", f.At, f.For))
		}
		if text := strings.Join(append(got, s.Duration.String()), " "); text != "2s+1.2s 6.2s+900ms 10.1s+1s 14.1s" {
			t.Errorf("%s: %s", kind, text)
		}
	}
	s, err := b.partitioned([]string{"cluster.config.cluster-node-timeout=1000"})
	if err != nil || len(s.Faults) != 1 || s.Faults[0].Kind != "disconnect" || s.Faults[0].For.D() != 4500*time.Millisecond || timeout(s) != time.Second {
		t.Errorf("%+v, %v", s, err)
	}
}
