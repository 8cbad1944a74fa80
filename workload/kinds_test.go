package workload

import (
	"flag"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/doctable"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// minimal is the begin of a scenario.
const minimal = "name: t\nduration: 40s\n"

func catalog() scenarios.Catalog {
	return scenarios.Catalog{Workloads: Kinds(), Libraries: Libraries()}
}

// What is wrong with the settings of a type of workload is said where it stands.
func TestSettingsAreChecked(t *testing.T) {
	for _, test := range []struct {
		name, yaml string
		sets       []string
		want       string
	}{
		{name: "shared pipeline with reads", yaml: minimal + "workloads: [{name: w, type: counter, read_ratio: 0.5, client: {autopipeline: true}}]\n", want: `f.yaml:3:78: autopipeline: each read is judged by the writes that have ended before it, one at a time; leave out this key, or read_ratio`},
		{name: "pipelines of the library with reads", yaml: minimal + "workloads: [{name: w, type: counter, read_ratio: 0.5, client: {library_autopipeline: true}}]\n", want: `f.yaml:3:86: library_autopipeline: each read is judged by the writes that have ended before it, one at a time; leave out this key, or read_ratio`},
		{name: "mix of nothing", yaml: minimal + "workloads: [{name: w, type: mixed}]\n", want: `f.yaml:3:13: workloads[0]: missing "mix", the types to mix and their weights; write mix: {set: 1, register: 3}`},
		{name: "mix of one", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1}}]\n", want: `f.yaml:3:41: mix: a mix of one type or none; write at least two, such as {set: 1, register: 3}`},
		{name: "mix of what cannot be mixed", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1, noise: 1, lists: 0}}]\n", want: `f.yaml:3:57: noise: unknown type to mix "noise"; known: {mixable}
f.yaml:3:67: lists: unknown type to mix "lists"; did you mean "list"?`},
		{name: "mix of no turns", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1, list: 0}}]\n", want: `f.yaml:3:56: list: 0 is out of range; write 1 to 1000 (a share of the turns)`},
		{name: "mix of something else", yaml: minimal + "workloads: [{name: w, mix: {set: 1, list: 1}}]\n", want: `f.yaml:3:28: mix: only a mixed workload has one; leave the key out, or write type: mixed`},
		{name: "mix that cannot be read", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1, list: 1}, read_ratio: 0.5}]\n", want: `f.yaml:3:72: read_ratio: what a mixed holds cannot be judged while it is written to; leave the key out, or write type: counter or register`},
		{name: "mix that cannot tell when", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1, counter: 1}}]\nexpect: {loss_window: <= 1s, duplicated: 0, lost_writes: 0}\n", want: `f.yaml:4:23: loss_window: no workload here knows when lost writes were acked; add one of type {DatesLoss}`},
		{name: "mix with too few keys", yaml: minimal + "workloads: [{name: w, type: mixed, mix: {set: 1, register: 1}, keys: 8}]\n", want: `f.yaml:3:70: keys: 8 keys for 16 clients; a register workload needs at least as many keys as writes under way, 16`},
		{name: "renamed for some workloads", yaml: minimal + `cluster: {config: {rename-command: [del d, multi m, xclaim x, readonly r, wait w, spublish s, publish p, command c]}}
workloads:
  - {name: l, type: lock}
  - {name: t, transaction: true, wait: {replicas: 1, timeout: 1s}}
  - {name: s, type: stream, stream: {groups: 1}}
  - {name: r, type: register, read_ratio: 0.5, read_from: any}
  - {name: p, type: pubsub, pubsub: {sharded: true}}
`, want: `f.yaml:3:37: rename-command DEL: the tool needs this command for workload l; leave it as it is
f.yaml:3:44: rename-command MULTI: the tool needs this command for workload l; leave it as it is
f.yaml:3:53: rename-command XCLAIM: the tool needs this command for workload s; leave it as it is
f.yaml:3:63: rename-command READONLY: the tool needs this command for workload r; leave it as it is
f.yaml:3:75: rename-command WAIT: the tool needs this command for workload t; leave it as it is
f.yaml:3:83: rename-command SPUBLISH: the tool needs this command for workload p; leave it as it is
f.yaml:3:106: rename-command COMMAND: the tool needs this command for workload l; leave it as it is`},
		{name: "distribution of a register", yaml: minimal + "workloads: [{name: w, type: register, distribution: hot}]\n", want: `f.yaml:3:53: distribution: the keys of a register each belong to one client, which takes turns at them; leave the key out, or write type: {Spreads}`},
		{name: "held longer than it lasts", yaml: minimal + "workloads: [{name: w, type: lock, lock: {ttl: 2s, hold: 2s}}]\n", want: `f.yaml:3:57: hold: 2s is not less than the ttl, 2s, at which the lock is gone; hold it for less, or write a longer ttl`},
		{name: "lasts less than it is held", yaml: minimal + "workloads: [{name: w, type: lock, lock: {ttl: 50ms}}]\n", want: `f.yaml:3:47: ttl: 50ms is not more than the time for which a lock is held, 50ms (hold); write a longer one, or a shorter hold`},
		{name: "lock for no time", yaml: minimal + "workloads: [{name: w, type: lock, lock: {ttl: 0s, hold: 1s}}]\n", want: `f.yaml:3:47: ttl: 0s is out of range; write 1ms to 24h`},
		{name: "lock for half a millisecond", yaml: minimal + "workloads: [{name: w, type: lock, lock: {ttl: 90.5ms}}]\n", want: `f.yaml:3:47: ttl: 90.5ms is no whole number of milliseconds, and the server counts in these`},
		{name: "lock without unit", yaml: minimal + "workloads: [{name: w, type: lock, lock: {ttl: 5}}]\n", want: `f.yaml:3:47: ttl: "5" has no unit; write 5ms, 5s or 5m`},
		{name: "misspelt setting of a lock", yaml: minimal + "workloads: [{name: w, type: lock, lock: {tll: 5s}}]\n", want: `f.yaml:3:42: unknown key "tll"; did you mean "ttl"?`},
		{name: "lock in a pipeline", yaml: minimal + "workloads: [{name: w, type: lock, wait: {replicas: 1, timeout: 5ms}, pipeline: 2}]\n", want: `f.yaml:3:80: pipeline: a lock sends one command at a time; leave the key out, or write type: {Pipelines}`},
		{name: "lock in a transaction", yaml: minimal + "workloads: [{name: w, type: lock, transaction: true}]\n", want: `f.yaml:3:48: transaction: a lock does not make its writes one by one; leave the key out, or write type: {CountsLoss}`},
		{name: "set with a lock", yaml: minimal + "workloads: [{name: w, lock: {ttl: 5s}}]\n", want: `f.yaml:3:29: lock: a workload of type set has none; leave the key out, or write type: lock`},
		{name: "lock with a check", yaml: minimal + "workloads: [{name: w, type: lock, linearizable: {}}]\n", want: `f.yaml:3:49: linearizable: a workload of type lock has none; leave the key out, or write type: linearizable`},
		{name: "few operations on a key", yaml: minimal + "workloads: [{name: w, type: linearizable, linearizable: {ops_per_key: 9}}]\n", want: `f.yaml:3:71: ops_per_key: 9 is out of range; write 10 to 10000`},
		{name: "no time to check", yaml: minimal + "workloads: [{name: w, type: linearizable, linearizable: {check_timeout: 10ms}}]\n", want: `f.yaml:3:73: check_timeout: 10ms is out of range; write 1s to 1h`},
		{name: "only reads", yaml: minimal + "workloads: [{name: w, type: register, read_ratio: 1}]\n", want: `f.yaml:3:51: read_ratio: 1 is out of range; write more than 0 and less than 1, such as 0.8 for four reads to each write, or leave the key out`},
		{name: "never reads", yaml: minimal + "workloads: [{name: w, type: register, read_ratio: 0}]\n", want: `f.yaml:3:51: read_ratio: 0 is out of range; write more than 0 and less than 1, such as 0.8 for four reads to each write, or leave the key out`},
		{name: "reads a set", yaml: minimal + "workloads: [{name: w, read_ratio: 0.5}]\n", want: `f.yaml:3:35: read_ratio: what a set holds cannot be judged while it is written to; leave the key out, or write type: counter or register`},
		{name: "reads from nowhere", yaml: minimal + "workloads: [{name: w, type: register, read_ratio: 0.5, read_from: slave}]\n", want: `f.yaml:3:67: read_from: unknown place to read from "slave"; known: master, replica, any`},
		{name: "reads nothing", yaml: minimal + "workloads: [{name: w, type: register, read_from: replica}]\n", want: `f.yaml:3:50: read_from: nothing is read; write read_ratio: 0.8, too, or leave the key out`},
		{name: "reads what cannot be read", yaml: minimal + "workloads: [{name: w, type: set, read_from: replica}]\n", want: `f.yaml:3:45: read_from: nothing is read of a set, as what it holds cannot be judged while it is written to; leave the key out, or write type: counter or register`},
		{name: "library that does not subscribe", yaml: minimal + "workloads: [{name: w, type: pubsub, client: {library: rueidis}}]\n", want: `f.yaml:3:29: type: rueidis cannot do what a workload of type pubsub does; write another type, or library: go-redis`},
		{name: "library that reads as no group", yaml: minimal + "workloads: [{name: w, type: stream, stream: {groups: 1}, client: {library: rueidis}}]\n", want: `f.yaml:3:45: stream: rueidis cannot do this; leave the key out, or write library: go-redis`},
		{name: "reads from no replica", yaml: minimal + "cluster: {replicas: 0}\nworkloads: [{name: w, type: register, read_ratio: 0.5, read_from: any}]\n", want: `f.yaml:4:67: workloads[0] reads from replicas, and there are none (cluster.replicas); read from the master or deploy some`},
		{name: "nobody reads", yaml: minimal + "workloads: [{name: w, type: register}]\nexpect:\n  stale_reads: 0\n", want: `f.yaml:5:16: stale_reads: no workload here reads; give one of type counter or register a read_ratio`},
		{name: "nobody consumes", yaml: minimal + "workloads: [{name: w, type: stream}]\nexpect:\n  redelivered: 0\n  undelivered: 0\n",
			want: "f.yaml:5:16: redelivered: no workload here has consumer groups; add one of type stream with stream: {groups: 1}\nf.yaml:6:16: undelivered: no workload here has consumer groups; add one of type stream with stream: {groups: 1}"},
		{name: "options of another type", yaml: minimal + "workloads:\n  - {name: w, pubsub: {sharded: true}}\n  - {name: v, type: pubsub, stream: {groups: 1}}\n",
			want: "f.yaml:4:23: pubsub: options of type pubsub on a workload of type set; leave the key out, or write type: pubsub\nf.yaml:5:37: stream: options of type stream on a workload of type pubsub; leave the key out, or write type: stream"},
		{name: "no subscribers", yaml: minimal + "workloads: [{name: w, type: pubsub, pubsub: {subscribers: 0}}]\n", want: `f.yaml:3:59: subscribers: 0 is out of range; write 1 to 1000`},
		{name: "too many connections", yaml: minimal + "workloads: [{name: w, type: pubsub, keys: 1000, pubsub: {subscribers: 3, sharded: true}}]\n", want: `f.yaml:3:57: pubsub: 3 subscribers to 1000 sharded channels take 3000 connections, one each; write at most 2000 of keys × subscribers`},
		{name: "waits for messages", yaml: minimal + "workloads: [{name: w, type: pubsub, wait: {replicas: 1, timeout: 100ms}}]\n", want: `f.yaml:3:43: wait: a pubsub does not make its writes one by one; leave the key out, or write type: {CountsLoss}`},
		{name: "unknown option of pubsub", yaml: minimal + "workloads: [{name: w, type: pubsub, pubsub: {shraded: true}}]\n", want: `f.yaml:3:46: unknown key "shraded"; did you mean "sharded"?`},
		{name: "negative groups", yaml: minimal + "workloads: [{name: w, type: stream, stream: {groups: -1}}]\n", want: `f.yaml:3:54: groups: -1 is out of range; write 0 to 100`},
		{name: "no consumers", yaml: minimal + "workloads: [{name: w, type: stream, stream: {groups: 1, consumers: 0}}]\n", want: `f.yaml:3:68: consumers: 0 is out of range; write 1 to 1000`},
		{name: "consumers of no group", yaml: minimal + "workloads: [{name: w, type: stream, stream: {consumers: 2}}]\n", want: `f.yaml:3:57: consumers: 2 consumers of no group; write groups: 1 beside it, or leave it out`},
		{name: "too many streams", yaml: minimal + "workloads: [{name: w, type: stream, keys: 2000, stream: {groups: 1}}]\n", want: `f.yaml:3:43: keys: 2000 streams with consumer groups; a consumer asks for the entries of each in turn, so write at most 1000`},
		{name: "what a workload cannot tell", yaml: minimal + "workloads: [{name: w}, {name: l, type: list}, {name: s, type: stream}]\nexpect:\n  duplicated: 0\n  workloads.w.duplicated: 0\n  workloads.l.stale_reads: 0\n  workloads.s.undelivered: 0\n",
			want: `f.yaml:6:27: workloads.w.duplicated: w is of type set; it takes a workload that counts duplicates, of type {CountsDuplicates}
f.yaml:7:28: workloads.l.stale_reads: l does not read; it takes a workload of type counter or register with a read_ratio
f.yaml:8:28: workloads.s.undelivered: s is of type stream; it takes a workload that has consumer groups, of type stream with stream: {groups: 1}`},
		{name: "recovery of who publishes anywhere", yaml: minimal + "workloads: [{name: w, type: pubsub}]\nexpect:\n  workloads.w.client_recovery: 5s\n", want: `f.yaml:5:32: workloads.w.client_recovery: w publishes to any master, and so to no shard that fails over; write it of another workload, or give this one pubsub: {sharded: true}`},
		{name: "register", yaml: minimal + "workloads:\n  - {name: w, type: register, keys: 8}\n", want: `f.yaml:4:37: keys: 8 keys for 16 clients; a register workload needs at least as many keys as writes under way, 16`},
		{name: "pipeline of a register", yaml: minimal + "workloads:\n  - {name: w, type: register, clients: 4, pipeline: 300}\n", want: `f.yaml:4:40: clients: 1000 keys for 4 clients with a pipeline of 300; a register workload needs at least as many keys as writes under way, 1200`},
		{name: "nobody judges locks", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  double_holds: 0\n", want: `f.yaml:5:17: double_holds: no workload here judges locks; add one of type lock`},
		{name: "nobody checks histories", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  linearizable: true\n", want: `f.yaml:5:17: linearizable: no workload here checks for linearizability; add one of type linearizable`},
		{name: "expires at once", yaml: minimal + "workloads: [{name: w, type: register, ttl: 0s}]\n", want: `f.yaml:3:44: ttl: 0s is out of range; write 1ms to 24h`},
		{name: "nobody subscribes", yaml: minimal + "workloads: [{name: w, type: set}]\nexpect:\n  missed_messages: 0\n", want: `f.yaml:5:20: missed_messages: no workload here has subscribers; add one of type pubsub`},
	} {
		_, err := parse.Scenario("f.yaml", []byte(test.yaml), catalog(), test.sets)
		want := strings.NewReplacer(
			"{mixable}", strings.Join(mixable(), ", "), "{Spreads}", typesThat(trait.Spreads), "{Pipelines}", typesThat(trait.Pipelines),
			"{CountsLoss}", typesThat(trait.CountsLoss), "{DatesLoss}", typesThat(trait.DatesLoss), "{CountsDuplicates}", typesThat(trait.CountsDuplicates),
		).Replace(test.want)
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, want)
		}
	}
}

// typesThat lists the types that have a trait.
func typesThat(have trait.Trait) string {
	var names []string
	for name, kind := range Kinds() {
		if slices.Contains(kind().Traits(), have) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " or ")
}

// Where a scenario gives no keys and no settings, types have their own.
func TestSettingsByDefault(t *testing.T) {
	const second = units.Duration(time.Second)
	for yaml, want := range map[string]struct {
		keys     int
		settings scenarios.WorkloadSpec
	}{
		"{name: w, type: pubsub}": {10, &pubsubSettings{subscriptions{Subscribers: 2}}},
		"{name: w, type: pubsub, keys: 1000, pubsub: {subscribers: 5}}":           {1000, &pubsubSettings{subscriptions{Subscribers: 5}}},
		"{name: w, type: pubsub, pubsub: {sharded: true}}":                        {10, &pubsubSettings{subscriptions{Sharded: true, Subscribers: 2}}},
		"{name: w, type: stream}":                                                 {1000, &streamSettings{}},
		"{name: w, type: stream, stream: {groups: 2}}":                            {10, &streamSettings{&consumption{Groups: 2, Consumers: 1}}},
		"{name: w, type: stream, keys: 3, stream: {groups: 1, consumers: 4}}":     {3, &streamSettings{&consumption{Groups: 1, Consumers: 4}}},
		"{name: w, type: stream, stream: {}}":                                     {1000, &streamSettings{&consumption{Consumers: 1}}},
		"{name: w, type: lock}":                                                   {16, &lockSettings{holding{10 * second, second / 20}}},
		"{name: w, type: lock, keys: 3, lock: {hold: 4s}}":                        {3, &lockSettings{holding{10 * second, 4 * second}}},
		"{name: w, type: linearizable}":                                           {16, &linearizableSettings{checking{200, 30 * second}}},
		"{name: w, type: linearizable, linearizable: {ops_per_key: 50}}":          {16, &linearizableSettings{checking{50, 30 * second}}},
		"{name: w, type: mixed, mix: {counter: 1, register: 3}, read_ratio: 0.5}": {1000, &mixedSettings{Mix: map[string]int{"counter": 1, "register": 3}, Ratio: 0.5}},
		"{name: w, type: register, ttl: 1m30s, read_ratio: 0.25, read_from: any}": {1000, &registerSettings{TTL: 90 * second, reads: reads{Ratio: 0.25, From: "any"}}},
		"{name: w, type: lock, lock: {hold: 0s}}":                                 {16, &lockSettings{holding{10 * second, 0}}},
	} {
		s, err := parse.Scenario("f.yaml", []byte(minimal+"workloads: ["+yaml+"]\n"), catalog(), nil)
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		if got := s.Workloads[0]; got.Keys != want.keys || !reflect.DeepEqual(got.Spec, want.settings) {
			t.Errorf("%s: got %d keys, %+v", yaml, got.Keys, got.Spec)
		}
		written, err := s.YAML()
		must(t, err)
		again, err := parse.Scenario("again.yaml", written, catalog(), nil)
		must(t, err)
		if s.Warnings, again.Warnings, s.Suits, again.Suits = nil, nil, nil, nil; !reflect.DeepEqual(s, again) {
			t.Errorf("%s: written as\n%s", yaml, written)
		}
	}
}

var update = flag.Bool("update", false, "write the table of workloads into README.md")

// The table of workloads in README.md is made of the comments on their settings.
func TestKindsAreDocumented(t *testing.T) {
	comments := doctable.Comments(t, ".")
	table := "| type | writes | counts as lost |\n| --- | --- | --- |\n"
	for _, name := range slices.Sorted(maps.Keys(Kinds())) {
		settings := reflect.TypeOf(Kinds()[name]()).Elem().Name()
		_, comment, found := strings.Cut(comments[settings], "Writes: ")
		writes, lost, both := strings.Cut(comment, ". Lost: ")
		if !found || !both {
			t.Fatalf("the comment on %s does not end with Writes: …. Lost: …", settings)
		}
		table += fmt.Sprintf("| `%s` | %s | %s |\n", name, writes, strings.TrimSuffix(lost, "."))
	}
	doctable.Hold(t, "../README.md", "workloads", "go test ./workload -run Documented -update", table, *update)
}
