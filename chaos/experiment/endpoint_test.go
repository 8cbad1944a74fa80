package experiment

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload"
)

const endpointScenario = `
name: test-endpoint
cluster: {replicas: 1, config: {cluster-node-timeout: 1000}}
workloads: [{name: orders, clients: 4, rate: 400, keys: 100, client: {preset: fast-failover}}]
duration: 7s
faults: [{at: 500ms, for: 5s, kill: {role: master, shard: 0}}]
expect: {failovers: 1, client_recovery: "<= 7s", recovered: true}
`

// Whatever the cluster calls its nodes to its clients, who acked is told by their names,
// and so it is known when applications reached a new master.
func TestAcksByPreferredEndpoint(t *testing.T) {
	onEachRuntime(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, endpointScenario, "cluster.config.cluster-preferred-endpoint-type=hostname"), opts)
		if err != nil {
			t.Fatal(err)
		}
		if r := outcome.Result; r.Verdict != report.Pass || len(r.Failovers) != 1 || r.Failovers[0].ClientRecovery == nil {
			t.Errorf("%s: %+v, failovers %+v", r.Verdict, r.Expectations, r.Failovers)
		}
		_, events, err := loadRun(t, outcome.Dir)
		if err != nil {
			t.Fatal(err)
		}
		moved := 0
		for _, event := range events {
			switch d := event.Data.(type) {
			case *record.Acks:
				if strings.Contains(d.Node, ":") {
					t.Errorf("acked by %q, which is no node's name", d.Node)
				}
			case *record.Probe:
				if d.Answer == "moved" {
					moved++
					if !strings.HasPrefix(d.To, "redis-") {
						t.Errorf("%s is redirected to %s, and not to a name", d.Node, d.To)
					}
				}
			}
		}
		if moved == 0 {
			t.Error("no replica redirected its probes")
		}
	})
}

// Both modes of the local runtime, whose nodes differ in their addresses or their ports.
func TestEndpointsOfLocalNodes(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	for _, mode := range []local.Mode{local.Isolated, local.Unprivileged} {
		for _, test := range []struct{ endpoint, err string }{
			{"ip", ""}, {"hostname", ""}, {"unknown-endpoint", "go-redis does not know what to do then; set it to ip or hostname"},
		} {
			t.Run(fmt.Sprint(mode, " ", test.endpoint), func(t *testing.T) {
				if mode == local.Isolated && local.DetectMode() != local.Isolated {
					t.Skip("needs root on Linux")
				}
				s := parsed(t, endpointScenario)
				id := fmt.Sprintf("test-%d-%s-%s", os.Getpid(), mode, test.endpoint)
				cluster, err := local.Deploy(t.Context(), local.Options{
					RunID: id, Masters: 3, Dir: filepath.Join(t.TempDir(), "cluster"), Mode: mode, Progress: func(string) {},
					Config: map[string][]string{"cluster-preferred-endpoint-type": {test.endpoint}},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := cluster.Down(t.Context()); err != nil {
						t.Error(err)
					}
				}()
				rec := record.New(record.NewClock(), io.Discard)
				w, err := workload.New(s.Workloads[0], id, 1, newTarget(cluster, slots.Equal(3)), rec)
				if err != nil {
					t.Fatal(err)
				}
				err = w.Run(t.Context(), 2*time.Second)
				if test.err != "" {
					if err == nil || !strings.Contains(err.Error(), test.err) {
						t.Errorf("%v, want %q", err, test.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				acked := map[int]string{}
				for _, event := range rec.Events() {
					if d, ok := event.Data.(*record.Acks); ok {
						acked[d.Shard] = d.Node
					}
				}
				if fmt.Sprint(acked) != "map[0:redis-master-1 1:redis-master-2 2:redis-master-3]" {
					t.Errorf("who acked writes, by shard: %v", acked)
				}
			})
		}
	}
}
