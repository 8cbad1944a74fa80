package experiment

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// A server that knows no WAITAOF is told of before anything is written, and one
// that does answers it.
func TestWaitAOFNeedsAServer(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-waitaof
duration: 2s
cluster: {config: {appendfsync: always}}
workloads:
  - {name: w, clients: 2, waitaof: {local: 1, replicas: 1, timeout: 1s}}
`), opts)
		r := outcome.Result
		if err != nil {
			if !strings.Contains(err.Error(), "workload w has waitaof, and redis ") || !strings.Contains(err.Error(), "use Redis 7.2 or newer") ||
				r.Verdict != report.Error || !strings.Contains(r.Error, "has waitaof") || len(r.Workloads) > 0 {
				t.Errorf("%v; %s, %s", err, r.Verdict, r.Error)
			}
			return
		}
		w := r.Workloads[0]
		if w.WaitAOF == nil || len(w.WaitAOF.Replies) == 0 || w.Writes.Acked == 0 {
			t.Errorf("%+v", w)
		}
	})
}
