package parse

import (
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	const kill = "faults: [{at: 5s, kill: {role: master}}]\n"
	const tail = ": after a failover they find the new master only once a node redirects them, and one that is down redirects nobody; write cluster_state_reload_interval: 1s or preset: fast-failover under client, unless that is what you want to see"
	const evicted = ": evicted elements are counted apart from lost ones as far as the servers' counters show them; with noeviction none is"
	for _, test := range []struct {
		name, yaml string
		sets       []string
		want       string
	}{
		{name: "nothing", yaml: minimal},
		{name: "default reload", yaml: minimal + "workloads:\n  - {name: a, client: {preset: patient}}\n  - {name: b}\n  - {name: c, client: {read_timeout: 1s}}\n" + kill,
			want: "f.yaml:5:5: the clients of workload b reload the topology every 1m, longer than the run of 40s" + tail +
				"\nf.yaml:6:23: the clients of workload c reload the topology every 1m, longer than the run of 40s" + tail},
		{name: "reload as given", yaml: minimal + "workloads: [{name: b, client: {cluster_state_reload_interval: 41s}}]\n" + kill,
			want: "f.yaml:3:63: the clients of workload b reload the topology every 41s, longer than the run of 40s" + tail},
		{name: "reload by --set", yaml: minimal + "workloads: [{name: b, client: {preset: patient}}]\n" + kill, sets: []string{"workloads.b.client.cluster_state_reload_interval=41s"},
			want: "--set workloads.b.client.cluster_state_reload_interval=41s: the clients of workload b reload the topology every 41s, longer than the run of 40s" + tail},
		{name: "long enough", yaml: "name: t\nduration: 60s\nworkloads: [{name: b}]\n" + kill},
		{name: "only replicas are hit", yaml: minimal + "workloads: [{name: b}]\nfaults: [{at: 5s, kill: {role: replica}}]\n"},
		{name: "nobody to take over", yaml: minimal + "cluster: {replicas: 0}\nworkloads: [{name: b}]\n" + kill},
		{name: "no fault", yaml: minimal + "workloads: [{name: b}]\n"},
		{name: "eviction", yaml: minimal + "cluster: {config: {maxmemory: 8mb, maxmemory-policy: allkeys-lru}}\nworkloads: [{name: a}, {name: n, type: noise}, {name: b, type: list}]\n",
			want: "f.yaml:3:54: maxmemory-policy allkeys-lru evicts keys once maxmemory is reached, and losses are counted of workload a, b" + evicted},
		{name: "eviction of what has a time to live", yaml: minimal + "cluster: {config: {maxmemory: 8mb, maxmemory-policy: volatile-ttl}}\nworkloads: [{name: a}, {name: b, type: register, ttl: 1m}]\n",
			want: "f.yaml:3:54: maxmemory-policy volatile-ttl evicts keys once maxmemory is reached, and losses are counted of workload b" + evicted},
		{name: "no eviction of what has none", yaml: minimal + "cluster: {config: {maxmemory: 8mb, maxmemory-policy: volatile-ttl}}\nworkloads: [{name: a}]\n"},
		{name: "noeviction", yaml: minimal + "cluster: {config: {maxmemory: 8mb, maxmemory-policy: noeviction}}\nworkloads: [{name: a}]\n"},
		{name: "no policy", yaml: minimal + "cluster: {config: {maxmemory: 8mb}}\nworkloads: [{name: a}]\n"},
		{name: "no limit", yaml: minimal + "cluster: {config: {maxmemory: 0, maxmemory-policy: allkeys-lru}}\nworkloads: [{name: a}]\n"},
		{name: "nobody counts losses", yaml: minimal + "cluster: {config: {maxmemory: 8mb, maxmemory-policy: allkeys-lru}}\nworkloads: [{name: n, type: noise}]\n"},
	} {
		s, err := Scenario("f.yaml", []byte(test.yaml), fakeCatalog(), test.sets)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, w := range s.Warnings {
			got = append(got, w.Error())
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), test.want)
		}
	}
}
