package experiment

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/remote/plaintest"
	"github.com/redis-chaos/redis-chaos/report"
)

// everyType is a run of all types of workloads on a cluster of the user's, whose servers are processes of this machine.
const everyType = `
name: test-addresses
cluster: {addrs: [%s]}
workloads:
  - {name: a, type: set, rate: 200, distribution: hot}
  - {name: b, type: register, rate: 100}
  - {name: c, type: list, rate: 50}
  - {name: d, type: hash, rate: 50}
  - {name: e, type: zset, rate: 50}
  - {name: f, type: counter, rate: 50}
  - {name: g, type: stream, rate: 50}
  - {name: h, type: pubsub, rate: 50}
  - {name: i, type: lock, rate: 20}
duration: 4s
recovery_timeout: 30s
faults:
  - {at: 1s, for: 1s, kill: {role: replica, shard: 0}}
  - {at: 1500ms, for: 1s, hook: {role: master, shard: 1, inject: "echo it is $CHAOS_ROLE", heal: "true"}}
  - {at: 2s, failover: {shard: 2}}
expect:
  lost_writes: 0
  recovered: true
`

// data is all keys of a cluster with what they hold, as DUMP has it.
func data(t *testing.T, plain *plaintest.Cluster) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, addr := range plain.Addrs {
		c := compose.DirectClient(plain, addr, membersPatience)
		defer c.Close()
		keys, err := c.Keys(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if dumped, err := c.Dump(t.Context(), key).Result(); err == nil { // a replica sends clients to its master
				all[key] = dumped
			}
		}
	}
	return all
}

// A cluster of the user's that is named by an address is run on, and left as it was: with its own data and nothing else.
func TestClusterByAddress(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux, where processes are found")
	}
	t.Parallel()
	plain := plaintest.Start(t, 1, "")
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: plain.Addrs})
	defer client.Close()
	for i := range 50 {
		err := client.Set(t.Context(), fmt.Sprintf("users:%d", i), strings.Repeat("x", i), 0).Err()
		if err == nil {
			err = client.RPush(t.Context(), fmt.Sprintf("{test-addresses}:%d", i), "a", i).Err()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before := data(t, plain)
	opts := options(t)
	opts.Runtime = RuntimeAuto
	s := parsed(t, fmt.Sprintf(everyType, plain.Addrs[0]))
	o, err := Run(t.Context(), s, opts)
	if err != nil {
		t.Fatal(err)
	}
	r := o.Result
	if r.Verdict != report.Pass {
		t.Errorf("%s: %s, %+v", r.Verdict, r.Error, r.Expectations)
	}
	i := slices.IndexFunc(r.Notices, func(n report.Notice) bool { return n.Kind == report.NoticeKeysRemoved })
	if i < 0 || r.Notices[i].Count < 100 {
		t.Errorf("keys: %+v", r.Notices)
	}
	if f := r.Faults[1]; len(f.Outcomes) != 1 || f.Outcomes[0].Text != "inject: it is master" {
		t.Errorf("the hook: %+v", f)
	}
	after := data(t, plain)
	for key := range after {
		if before[key] == "" {
			t.Errorf("%s is left", key)
		}
	}
	for key, was := range before {
		if after[key] != was {
			t.Errorf("%s holds %q, and held %q", key, after[key], was)
		}
	}
	if log, err := os.ReadFile(o.Dir + "/logs/" + r.Faults[0].Targets[0] + ".log"); err != nil || !strings.Contains(string(log), "Ready to accept connections") {
		t.Errorf("the log of the server that was killed: %q, %v", log, err)
	}
}
