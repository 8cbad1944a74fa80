package local

import (
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// All lines of a directive arrive at the servers.
func TestDirectivesOfSeveralLines(t *testing.T) {
	t.Parallel()
	needServer(t)
	c := deployForTest(t, Options{RunID: testRun("lines"), Masters: 3, Mode: Unprivileged, Config: map[string][]string{
		"save":                       {"900 1", "300 10"},
		"client-output-buffer-limit": {"replica 10mb 5mb 60", "pubsub 2mb 1mb 30"},
		"rename-command":             {`FLUSHALL ""`, "KEYS all-keys"},
	}})
	for _, n := range c.Nodes() {
		client := compose.DirectClient(c, n.Addr, 5*time.Second)
		defer client.Close()
		for name, wants := range map[string][]string{
			"save":                       {"900 1 300 10"},
			"client-output-buffer-limit": {" 10485760 5242880 60", "pubsub 2097152 1048576 30"}, // slave, or replica
		} {
			got, err := client.ConfigGet(t.Context(), name).Result()
			for _, want := range wants {
				if err != nil || !strings.Contains(got[name], want) {
					t.Errorf("%s: %s: %v, %v; want %q in it", n.Name, name, got, err, want)
				}
			}
		}
		if err := client.FlushAll(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "unknown command") {
			t.Errorf("%s: FLUSHALL: %v", n.Name, err)
		}
		if err := client.Do(t.Context(), "all-keys", "*").Err(); err != nil {
			t.Errorf("%s: KEYS by its new name: %v", n.Name, err)
		}
	}
}
