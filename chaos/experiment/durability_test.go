package experiment

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// A workload reads, writes in transactions, waits for replicas and expires, all at
// once, and the result tells of each.
func TestRunTellsOfDurability(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-durability
duration: 2s
workloads:
  - name: w
    type: register
    clients: 4
    keys: 100
    rate: 400
    ttl: 1h
    transaction: true
    wait: {replicas: 1, timeout: 5s}
    read_ratio: 0.5
    read_from: any
    client: {preset: patient, read_timeout: 10s}
expect: {stale_reads: 0, lost_writes: 0}
`), opts)
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		w := r.Workloads[0]
		if r.Verdict != report.Pass || r.StaleReads == nil || w.Reads == nil || w.Reads.OK == 0 || w.Reads.From != "any" {
			t.Errorf("%s, %+v, %+v", r.Verdict, r.Expectations, w.Reads)
		}
		if w.Wait == nil || w.Wait.Replies[1] != w.Writes.Acked || w.Writes.Acked == 0 || w.Writes.Unverified != 0 {
			t.Errorf("%+v, %+v", w.Wait, w.Writes)
		}
		if c := w.Client; c == nil || c.Preset != "patient" || c.ReadTimeout != 10_000 || c.MaxRedirects != 60 {
			t.Errorf("%+v", c)
		}
	})
}
