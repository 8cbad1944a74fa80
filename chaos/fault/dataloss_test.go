package fault

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// On a cluster of the user's, faults that destroy data have to be allowed.
func TestDataOfTheUsersIsDestroyedIfAllowed(t *testing.T) {
	const why = " and this cluster is your own; leave it out, or write cluster: {allow_data_loss: true} if nothing there is needed"
	for fault, want := range map[string]string{
		"flushall: {shard: 0}":                          "f.yaml:5:24: flushall: it destroys all data of a shard," + why,
		"return_empty: {shard: 0}":                      "f.yaml:5:28: return_empty: it destroys all data of a node," + why,
		"damage: {shard: 0}":                            "f.yaml:5:22: damage: it destroys files that hold the data of a node," + why,
		"power_loss: {shard: 0}":                        "f.yaml:5:26: power_loss: it destroys what a node has not fsynced," + why,
		"config_set: {shard: 0, set: {maxmemory: 1mb}}": "f.yaml:5:26: config_set: it destroys the keys that a server evicts by maxmemory," + why,
		"config_set: {shard: 0, set: {hz: 5}}":          "",
		"failover: {shard: 0}":                          "",
		"kill: {shard: 0}":                              "",
	} {
		for _, allowed := range []bool{false, true} {
			text := fmt.Sprintf("name: t\nduration: 30s\ncluster: {addrs: ['10.0.0.1:6379'], allow_data_loss: %t}\nfaults:\n  - {at: 1s, %s}\n", allowed, fault)
			_, err := parse.Scenario("f.yaml", []byte(text), scenarios.Catalog{Faults: Kinds()}, nil)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if wanted := map[bool]string{false: want}[allowed]; got != wanted {
				t.Errorf("%s, allowed: %t:\n got %s\nwant %s", fault, allowed, got, wanted)
			}
		}
	}
}
