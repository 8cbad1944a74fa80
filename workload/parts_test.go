package workload

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// The server is the judge of which slot a key is in.
func TestKeySlotOfServer(t *testing.T) {
	t.Parallel()
	node := newTestCluster(t, 3).direct[0]
	for _, key := range []string{"", "a", "{}foo", "{a", "a}", "x{a}{b}", "{{a}}", "run:orders:17", "ключ"} {
		want, err := node.ClusterKeySlot(t.Context(), key).Result()
		must(t, err)
		if got := slots.Of(key); int64(got) != want {
			t.Errorf("%q: got %d, want %d", key, got, want)
		}
	}
}

// A cluster may hold keys of other runs, and of others altogether: no two
// workloads of any two runs have a key in common, whatever their names.
func TestKeysAreOfOneWorkload(t *testing.T) {
	taken := map[string]string{}
	for _, run := range []string{"kill-1", "kill-11", "kill"} {
		for _, name := range []string{"1", "1-1", "11"} {
			w, err := New(scenarios.Workload{Name: name, Type: "set", Clients: 1, Keys: 120}, run, 1, newFakeServer(t, ":1"), newRecord())
			must(t, err)
			for _, key := range w.Keys {
				if other := taken[key]; other != "" || !strings.HasPrefix(key, run+":") {
					t.Fatalf("key %s of %s in %s is of %s, too", key, name, run, other)
				}
				taken[key] = name + " in " + run
			}
		}
	}
}
