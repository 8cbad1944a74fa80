package experiment

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// Faults that are kept up go on until they are healed, beside each other, and what is looked at before is
// restored.
func TestFaultsThatAreKeptUp(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-kept-up
duration: 6s
cluster: {config: {cluster-node-timeout: 1000, maxmemory: 100mb}}
workloads: [{name: orders, clients: 2, rate: 100, keys: 30}]
faults:
  - {at: 500ms, for: 4s, flap: {role: replica, shard: 2, down: 300ms, up: 700ms}}
  - {at: 1s, for: 2s, client_kill: {role: master, shard: 0, every: 50ms}}
  - {at: 1s, for: 2s, config_set: {role: master, shard: 1, set: {maxmemory: "1"}}}
  - {at: 4s, for: 500ms, client_pause: {role: master, shard: 1}}
expect: {failovers: 0, lost_writes: 0, recovered: true, failed_ratio: "> 0%"}
`), opts)
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Pass {
			t.Errorf("%s: %+v", r.Verdict, r.Expectations)
		}
		for i, f := range r.Faults {
			if f.Effective == nil || f.Healed == nil {
				t.Errorf("faults[%d], %s: %+v", i, f.Kind, f)
			}
		}
	})
}
