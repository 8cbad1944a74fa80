package reasons

import (
	"slices"
	"strings"
	"testing"
)

// A seed is one scenario, and the seeds between them draw all that there is to draw.
func TestDraw(t *testing.T) {
	var all strings.Builder
	refused := 0
	for seed := range uint64(300) {
		first, err := Draw(seed+1, Limits{Networks: true})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Draw(seed+1, Limits{Networks: true})
		if err != nil || again.Text != first.Text {
			t.Fatalf("seed %d drew\n%s\nand then\n%s (%v)", seed+1, first.Text, again.Text, err)
		}
		s := first.Scenario
		if len(s.Faults) < 1 || len(s.Faults) > 4 || len(s.Workloads) < 1 || len(s.Workloads) > 2 || s.Seed != int64(seed+1) {
			t.Errorf("seed %d drew\n%s", seed+1, first.Text)
		}
		refused += first.Refused
		all.WriteString(first.Text)
	}
	t.Logf("%d refused for 300 that are valid", refused)
	if refused == 0 {
		t.Error("validation refused none")
	}
	for _, part := range []string{
		"masters: 3", "masters: 5", "replicas: 0", "replicas: 2", "cluster-node-timeout: 500\n", "cluster-node-timeout: 3000",
		"cluster-require-full-coverage: no", "min-replicas-to-write: 1", "cluster-replica-no-failover", "validity-factor: 0", "allow-replica-migration: no",
		"appendonly: no", "appendfsync: always", "maxmemory-policy: noeviction", "maxmemory-policy: allkeys-lru", "client-output-buffer-limit",
		"type: set", "type: register", "type: counter", "preset: fast-failover", "dialer_retries: 1",
		"kill: {", "SIGSTOP", "stop: {", "pause: {", "block: {", "starve: {", "cpu: 0.2%", "disconnect: {", "network: client", "network: cluster", "failover: {", "mode: force", "mode: takeover",
		"{node: redis-master-", "{role: replica, shard: 0}", "{role: master, pick: random}", "{role: master, shard: 1, pick: random}",
	} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("no seed drew %q", part)
		}
	}
}

// Without network namespaces nothing is cut off, and short runs are short.
func TestDrawWithinLimits(t *testing.T) {
	for seed := range uint64(100) {
		drawn, err := Draw(seed+1, Limits{Short: true})
		if err != nil {
			t.Fatal(err)
		}
		s := drawn.Scenario
		if s.Duration.D().Seconds() > 6 || s.Cluster.Masters != 3 || slices.ContainsFunc(strings.Fields(drawn.Text), func(w string) bool { return w == "disconnect:" }) {
			t.Errorf("seed %d drew\n%s", seed+1, drawn.Text)
		}
	}
}
