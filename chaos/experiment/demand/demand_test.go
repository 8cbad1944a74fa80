package demand

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/fault"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/workload"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

// parsed is a scenario of one workload.
func parsed(t *testing.T, rest string) *scenarios.Scenario {
	t.Helper()
	catalog := scenarios.Catalog{Faults: fault.Kinds(), Workloads: workload.Kinds(), Libraries: workload.Libraries()}
	s, err := parse.Scenario("f.yaml", []byte("name: t\n"+rest), catalog, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The memory of these was measured: the most at once of this program and its six servers,
// on the local runtime.
func TestMemoryAsMeasured(t *testing.T) {
	for _, c := range []struct {
		scenario string
		measured float64 // MiB
	}{
		{"duration: 20s\nworkloads: [{name: w, type: register, clients: 1, rate: 1, keys: 1}]", 103},
		{"duration: 15s\nworkloads: [{name: w, type: register, clients: 16, keys: 16, value_size: 16MiB}]", 2057},
		{"duration: 15s\nworkloads: [{name: w, type: register, clients: 1000, keys: 1000}]", 181},
		{"duration: 40s\nworkloads: [{name: w, clients: 64, pipeline: 16, rate: 36700}]", 537},
		{"duration: 10s\nworkloads: [{name: w, clients: 8, rate: 32.4, value_size: 1MiB}]", 860},
		{"duration: 30s\nworkloads: [{name: w, type: pubsub, clients: 64, rate: 11200}]", 155},
	} {
		if got := Of(parsed(t, c.scenario)).Memory() / mib; got < 0.75*c.measured || got > 1.25*c.measured {
			t.Errorf("%s\n%.0f MiB, and %.0f were measured", c.scenario, got, c.measured)
		}
	}
}

func TestDemand(t *testing.T) {
	for _, c := range []struct {
		scenario       string
		memory, onDisk float64 // bytes, at least
		most           float64 // times that
		says           string
	}{
		{"duration: 20s\nworkloads: [{name: w, clients: 16, value_size: 512MB}]", 50 * gib, 14 * gib, 1.2, "42 GiB values under way"},
		{"duration: 20s\nworkloads: [{name: w, clients: 1, pipeline: 16, value_size: 512MB}]", 50 * gib, 14 * gib, 1.2, "15 GiB data"},
		{"duration: 20s\nworkloads: [{name: w, type: counter, clients: 16, value_size: 512MB}]", 100 * mib, 0, 1.2, "6 servers, "},
		{"duration: 24h\nworkloads: [{name: w, rate: 1000000}]", 20e12, 0, 1.5, "23 TiB data"},
		{"duration: 24h\ncluster: {config: {maxmemory: 1gb, maxmemory-policy: allkeys-lru}}\nworkloads: [{name: w, rate: 10000}]", 6 * gib, 18 * gib, 2, "6.0 GiB data"},
		{"duration: 24h\ncluster: {masters: 30, replicas: 5}", 15 * gib, 14 * gib, 1.5, "180 servers, "},
		{"duration: 20s\ncluster: {config: {databases: 1000000, repl-backlog-size: 1gb}}", 2000 * gib, 0, 1.2, "servers and program without a load"},
		{"duration: 20s\ncluster: {config: {databases: x, repl-backlog-size: lots}}", 100 * mib, 0, 1.2, "109 MiB servers"},
		{"duration: 20s\nworkloads: [{name: w, type: mixed, mix: {register: 1, set: 1}, rate: 1000, value_size: 1MB, keys: 100}]", 18 * gib, 18 * gib, 1.2, "19 GiB data"},
		{"duration: 20s\nworkloads: [{name: w, type: mixed, mix: {register: 1, set: 1}}, {name: x, type: set}]", 0, 0, 0, "closed loop of w, of x"},
	} {
		d := Of(parsed(t, c.scenario))
		if c.most > 0 && (d.Memory() < c.memory || d.Memory() > c.most*c.memory || d.Disk < c.onDisk) || !strings.Contains(d.String(), c.says) {
			t.Errorf("%s\n%s", c.scenario, d)
		}
	}
}

func TestCheck(t *testing.T) {
	huge := Of(parsed(t, "duration: 20s\nworkloads: [{name: w, clients: 16, value_size: 512MB}]"))
	small := Of(parsed(t, "duration: 20s\nworkloads: [{name: w}]"))
	for name, c := range map[string]struct {
		machine Machine
		demand  Demand
		here    bool
		want    []string
	}{
		"it fits":                 {Machine{64 * gib, 64 * gib}, huge, true, nil},
		"nothing is known":        {unlimited(), huge, true, nil},
		"too little memory":       {Machine{60 * gib, 64 * gib}, huge, false, []string{"takes 57 GiB of memory (42 GiB values under way", "workload w: 16 clients × 512MB", "this machine has 60 GiB available", "90 %", "write smaller values"}},
		"too small a group":       {Machine{64 * gib, 60 * gib}, huge, true, []string{"takes 57 GiB", "its control group leaves this program 60 GiB"}},
		"servers elsewhere":       {Machine{64 * gib, 30 * gib}, huge, false, nil},
		"too small even for this": {Machine{64 * gib, 20 * gib}, huge, false, []string{"takes 19 GiB", "leaves this program 20 GiB"}},
		"a small run":             {Machine{1 * gib, 1 * gib}, small, true, nil},
	} {
		err := c.machine.Check(c.demand, c.here)
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is missing in: %v", name, want, err)
			}
		}
	}
}
