package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func TestContradictions(t *testing.T) {
	const head = "name: s\nduration: 40s\nfaults:\n"
	for _, c := range []struct{ first, second, want string }{
		{"at: 5s, for: 20s, stop: {node: redis-master-1}", "at: 8s, for: 4s, pause: {node: redis-master-1}",
			"s.yaml:5:21: faults[1] (pause) is done to the process of redis-master-1 at 8s, while faults[0] (stop) has it from 5s to 25s; write at: 25s or later, or name another node"},
		{"at: 8s, for: 4s, pause: {node: redis-master-1}", "at: 5s, for: 20s, stop: {node: redis-master-1}",
			"s.yaml:4:21: faults[0] (pause) is done to the process of redis-master-1 at 8s, while faults[1] (stop) has it from 5s to 25s; write at: 25s or later, or name another node"},
		{"at: 5s, starve: {node: redis-master-1}", "at: 30s, starve: {node: redis-master-1, cpu: 1%}",
			"s.yaml:5:13: faults[1] (starve) is done to the CPU of redis-master-1 at 30s, while faults[0] (starve) has it from 5s to 40s; end that one before by for:, or name another node"},
		{"at: 5s, for: 2s, disconnect: {node: redis-master-1}", "at: 6s, for: 2s, disconnect: {node: redis-master-1, network: client}",
			"s.yaml:5:21: faults[1] (disconnect) is done to the client network of redis-master-1 at 6s, while faults[0] (disconnect) has it from 5s to 7s; write at: 7s or later, or name another node"},
		{"at: 5s, for: 2s, config_set: {node: redis-master-1, set: {maxmemory: 1mb, hz: 5}}", "at: 6s, config_set: {node: redis-master-1, set: {hz: 50}}",
			"s.yaml:5:12: faults[1] (config_set) is done to the directive hz of redis-master-1 at 6s, while faults[0] (config_set) has it from 5s to 7s; write at: 7s or later, or name another node"},
		{"at: 5s, for: 20s, kill: {node: redis-master-1}", "at: 6s, restart: {node: redis-master-1}",
			"s.yaml:5:12: faults[1] (restart) is done to the process of redis-master-1 at 6s, while faults[0] (kill) has it from 5s to 25s; write at: 25s or later, or name another node"},

		{"at: 5s, for: 2s, kill: {node: redis-master-1}", "at: 7s, for: 2s, pause: {node: redis-master-1}", ""},
		{"at: 5s, for: 9s, kill: {node: redis-master-1}", "at: 7s, for: 2s, pause: {node: redis-master-2}", ""},
		{"at: 5s, for: 9s, kill: {role: master, shard: 0}", "at: 7s, for: 2s, pause: {role: master, shard: 0}", ""},
		{"at: 5s, for: 9s, latency: {node: redis-master-1}", "at: 7s, for: 2s, latency: {node: redis-master-1}", ""},
		{"at: 5s, for: 9s, disconnect: {node: redis-master-1, network: client}", "at: 7s, disconnect: {node: redis-master-1, network: cluster}", ""},
		{"at: 5s, for: 9s, kill: {node: redis-master-1, signal: SIGHUP}", "at: 7s, pause: {node: redis-master-1}", ""},
		{"at: 5s, for: 9s, kill: {node: redis-master-1}", "when: {cluster: ok}, for: 2s, pause: {node: redis-master-1}", ""},
		{"at: 5s, for: 9s, starve: {node: redis-master-1}", "at: 7s, pause: {node: redis-master-1}", ""},
	} {
		_, err := parse.Scenario("s.yaml", []byte(head+"- {"+c.first+"}\n- {"+c.second+"}\n"), scenarios.Catalog{Faults: Kinds()}, nil)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s; %s:\n%q, want\n%q", c.first, c.second, got, c.want)
		}
	}
}

// Another process can undo what a fault that has to look at its target first has done: it knows what was seen.
func TestFaultsThatPrepareRemember(t *testing.T) {
	for kind, construct := range Kinds() {
		_, prepares := construct().(chaos.Preparing)
		_, divides := construct().(chaos.Dividing)
		if _, remembers := construct().(chaos.Remembering); (prepares || divides) && !remembers {
			t.Errorf("%s implements chaos.Preparing or chaos.Dividing, and not chaos.Remembering", kind)
		}
	}
}

// A fault that is noted is read as the same one.
func TestNotedFaultsAreRead(t *testing.T) {
	for kind, construct := range Kinds() {
		spec := construct()
		entries, err := chaos.Note("r", 0, scenarios.Fault{Kind: kind, For: 1e9, Spec: spec}, []chaos.Fault{spec.(chaos.Fault)}, []string{"n"})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		read := func(text string) (scenarios.Fault, error) {
			return parse.Fault("noted", []byte(text), scenarios.Catalog{Faults: Kinds()})
		}
		if _, err := chaos.Restore(entries[0], read); err != nil {
			t.Errorf("%s: %v\n%s", kind, err, entries[0].Settings)
		}
	}
}
