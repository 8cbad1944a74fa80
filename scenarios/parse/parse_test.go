package parse

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// invalidCase is a scenario and the whole text of its error.
type invalidCase struct {
	name string
	yaml string
	sets []string
	want string
}

// minimal has what every scenario must have; tests append to it.
const minimal = "name: t\nduration: 40s\n"

func invalidCases() []invalidCase {
	return []invalidCase{
		// The file as such.
		{name: "empty", yaml: "", want: `f.yaml:1:1: the file is empty; a scenario needs at least a name and a duration`},
		{name: "only comments", yaml: "# nothing\n", want: `f.yaml:1:1: the file is empty; a scenario needs at least a name and a duration`},
		{name: "scalar", yaml: "hello", want: `f.yaml:1:1: the file holds "hello"; a scenario is a mapping, such as name: master-kill`},
		{name: "list", yaml: "- a\n", want: `f.yaml:1:1: the file holds a list; a scenario is a mapping, such as name: master-kill`},
		{name: "two documents", yaml: minimal + "---\nname: u\n", want: `f.yaml:4:1: a second document in the file; write one scenario per file`},
		{name: "open bracket", yaml: minimal + "faults: [\n", want: `f.yaml:3:9: not valid YAML: sequence end token ']' not found`},
		{name: "tab", yaml: "name: t\ncluster:\n\tmasters: 3\n", want: `f.yaml:3:1: not valid YAML: found character '	' that cannot start any token`},
		{name: "bound without quotes", yaml: minimal + "expect:\n  failovers: >= 1\n", want: `f.yaml:4:14: not valid YAML: invalid header option: "= 1"; put a bound that begins with > in quotes: ">= 1"`},
		{name: "too big", yaml: strings.Repeat("#", document.MaxSize+1), want: `f.yaml:1:1: the file is larger than 131072 bytes, which is the most that a scenario may have`},
		{name: "brackets", yaml: "name: " + strings.Repeat("[", 30_000), want: `f.yaml:1:38: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "closing brackets", yaml: minimal + "seed: " + strings.Repeat("]", 30_000), want: `f.yaml:3:7: not valid YAML: could not find '[' character corresponding to ']'`},
		{name: "braces", yaml: strings.Repeat("{a: ", 30_000), want: `f.yaml:1:129: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "dashes", yaml: minimal + "faults:\n  " + strings.Repeat("- ", 60_000), want: `f.yaml:4:65: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "keys in each other", yaml: strings.Repeat("a: ", 30_000), want: `f.yaml:1:98: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "complex keys", yaml: strings.Repeat("? ", 30_000), want: `f.yaml:1:65: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "many keys", yaml: strings.Repeat("a:\n", 40_000), want: "f.yaml:8001:2: more than 8000 keys; a scenario has a few hundred"},
		{name: "tags in each other", yaml: "name: " + strings.Repeat("!a ", 30_000), want: `f.yaml:1:69: more than 32 lists and mappings in each other; a scenario has a few`},
		{name: "brackets in a string", yaml: minimal + "description: \"" + strings.Repeat("[", 100) + "\"\nseed: x\n", want: `f.yaml:4:7: seed: "x" is not a whole number`},
		{name: "many documents", yaml: strings.Repeat("---\n", 30_000), want: `f.yaml:3:1: another document in the file; write one scenario per file`},
		{name: "not UTF-8", yaml: minimal + "# é\ndescription: é\xff\n", want: `f.yaml:4:15: the byte 0xff is not UTF-8; save the file as UTF-8`},
		{name: "half a character", yaml: minimal + "description: \xc3", want: `f.yaml:3:14: the byte 0xc3 is not UTF-8; save the file as UTF-8`},
		{name: "UTF-16", yaml: "\xff\xfen\x00a\x00", want: `f.yaml:1:1: the byte 0xff is not UTF-8; save the file as UTF-8`},
		{name: "set not in UTF-8", yaml: minimal, sets: []string{"description=a\xffb", "cluster.imag\xe9=x"}, want: `--set description=a\xffb: the byte 0xff is not UTF-8; write the value in UTF-8
--set cluster.imag\xe9=x: the byte 0xe9 is not UTF-8; write the value in UTF-8`},
		{name: "deep set", yaml: minimal, sets: []string{"cluster=" + strings.Repeat("[", 1000), "cluster" + strings.Repeat(".a", 10_000) + "=1"}, want: "--set cluster=" + strings.Repeat("[", 1000) + `: more than 32 lists and mappings in each other; a scenario has a few
--set cluster` + strings.Repeat(".a", 10_000) + `=1: a path of 10001 steps; nothing in a scenario is that deep`},
		{name: "anchor", yaml: minimal + "cluster: &c {masters: 3}\nworkloads: *c\n", want: `f.yaml:3:10: cluster: YAML anchors, aliases and merges are not supported; write the value out
f.yaml:4:12: workloads: YAML anchors, aliases and merges are not supported; write the value out`},
		{name: "merge key", yaml: minimal + "cluster:\n  <<: {masters: 3}\n", want: `f.yaml:4:3: YAML anchors, aliases and merges are not supported; write the value out`},
		{name: "tag", yaml: minimal + "seed: !!int 5\n", want: `f.yaml:3:7: seed: YAML tags such as !!int are not supported; leave it out`},
		{name: "duplicate key", yaml: minimal + "name: u\n", want: `f.yaml:3:1: duplicate key "name"; it is on line 1 already`},
		{name: "complex key", yaml: minimal + "? a\n: b\n", want: `f.yaml:3:1: a key must be a plain name, such as masters`},

		// Keys.
		{name: "nothing required", yaml: "description: x\n", want: `f.yaml:1:1: missing "name"
f.yaml:1:1: missing "duration", how long the workloads run; write duration: 40s`},
		{name: "misspelt key", yaml: minimal + "cluster:\n  mastres: 3\n", want: `f.yaml:4:3: unknown key "mastres"; did you mean "masters"?`},
		{name: "unknown key", yaml: minimal + "cluster:\n  colour: red\n", want: `f.yaml:4:3: unknown key "colour"; known: masters, replicas, zones, image, announce, dns, password, auth, tls, config, config_file, extra_directives, compose, project, services, up, bootstrap, addrs, address_map, allow_data_loss`},
		{name: "unknown key at top", yaml: minimal + "workload: []\n", want: `f.yaml:3:1: unknown key "workload"; did you mean "workloads"?`},
		{name: "unknown client option", yaml: minimal + "workloads:\n  - name: w\n    client: {readtimeout: 1s}\n", want: `f.yaml:5:14: unknown key "readtimeout"; did you mean "read_timeout"?`},
		{name: "unknown key in a fault", yaml: minimal + "faults:\n  - at: 5s\n    kill: {shrad: 1}\n", want: `f.yaml:5:12: unknown key "shrad"; did you mean "shard"?`},

		// Types.
		{name: "word for a number", yaml: minimal + "cluster: {masters: three}\n", want: `f.yaml:3:20: masters: "three" is not a whole number`},
		{name: "string for a number", yaml: minimal + "cluster: {masters: '3'}\n", want: `f.yaml:3:20: masters: "3" in quotes is a string, where a whole number belongs; write 3`},
		{name: "fraction", yaml: minimal + "cluster: {masters: 3.5}\n", want: `f.yaml:3:20: masters: "3.5" is not a whole number`},
		{name: "huge number", yaml: minimal + "seed: 99999999999999999999\n", want: `f.yaml:3:7: seed: 99999999999999999999 is out of range`},
		{name: "list for a mapping", yaml: minimal + "cluster:\n  - masters\n", want: `f.yaml:4:3: cluster: a list where a mapping belongs`},
		{name: "mapping for a list", yaml: minimal + "workloads:\n  orders: {}\n", want: `f.yaml:4:3: workloads: a mapping where a list belongs`},
		{name: "scalar for a list", yaml: minimal + "faults: kill\n", want: `f.yaml:3:9: faults: "kill" where a list belongs`},
		{name: "list for a number", yaml: minimal + "seed: [1]\n", want: `f.yaml:3:7: seed: a list where a whole number belongs`},
		{name: "no value", yaml: minimal + "seed:\n", want: `f.yaml:3:1: seed: no value; write a whole number, or leave the key out`},
		{name: "empty string", yaml: minimal + "cluster: {image: ''}\n", want: `f.yaml:3:18: image: an empty string; leave the key out instead`},
		{name: "not a rate", yaml: minimal + "workloads: [{name: w, rate: fast}]\n", want: `f.yaml:3:29: rate: "fast" is not a number`},
		{name: "infinite rate", yaml: minimal + "workloads: [{name: w, rate: inf}]\n", want: `f.yaml:3:29: rate: "inf" is not a number`},
		{name: "not a truth value", yaml: minimal + "faults: [{at: 1s, delay: {latency: 1s, both: yes}}]\n", want: `f.yaml:3:46: both: "yes" is not true or false`},
		{name: "list of the wrong type", yaml: minimal + "faults: [{at: 1s, partition: {shards: [0, x]}}]\n", want: `f.yaml:3:43: shards[1]: "x" is not a whole number`},
		{name: "duration without unit", yaml: "name: t\nduration: 40\n", want: `f.yaml:2:11: duration: "40" has no unit; write 40ms, 40s or 40m`},
		{name: "probes too often", yaml: minimal + "observe: {probes: 10us}\n", want: `f.yaml:3:19: probes: 10µs is out of range; write 1ms to 1s`},
		{name: "negative duration", yaml: minimal + "recovery_timeout: -1s\n", want: `f.yaml:3:19: recovery_timeout: "-1s" is negative; a duration must not be`},
		{name: "size", yaml: minimal + "workloads: [{name: w, value_size: big}]\n", want: `f.yaml:3:35: value_size: "big" is not a size; write it like 64, 64B, 16KB or 1MiB`},

		// Limits.
		{name: "masters", yaml: minimal + "cluster:\n  masters: 2\n", want: `f.yaml:4:12: masters: 2 is out of range; write 3 to 30`},
		{name: "replicas", yaml: minimal + "cluster:\n  replicas: 6\n", want: `f.yaml:4:13: replicas: 6 is out of range; write 0 to 5`},
		{name: "image", yaml: minimal + "cluster:\n  image: redis 7\n", want: `f.yaml:4:10: image: "redis 7" is not an image; write it like redis:7-alpine`},
		{name: "announce", yaml: minimal + "cluster:\n  announce: name\n", want: `f.yaml:4:13: announce: unknown announcement "name"; known: address, hostname`},
		{name: "password", yaml: minimal + "cluster:\n  password: hunter2\n", want: `f.yaml:4:13: password: a scenario is no place for a password; write ${VARIABLE} for one that the environment has, file:PATH for one in a file, or random, which makes one up for each cluster that is deployed`},
		{name: "zone of a name server", yaml: minimal + "cluster:\n  dns: [\"fe80::1%x]\\n  privileged: true\\n  y: [\",\n    \"::ffff:1.2.3.4%eth0\"]\n", want: `f.yaml:4:9: dns[0]: "fe80::1%x]\n  privileged: true\n  y: [" has a zone, which names an interface of one machine, and the nodes have their own; write fe80::1
f.yaml:5:5: dns[1]: "::ffff:1.2.3.4%eth0" has a zone, which names an interface of one machine, and the nodes have their own; write ::ffff:1.2.3.4`},
		{name: "name server alone", yaml: minimal + "cluster:\n  dns: ns.example.com\n", want: `f.yaml:4:8: dns: "ns.example.com" is not the address of a name server; write it like 192.0.2.1`},
		{name: "zone of the only name server", yaml: minimal + "cluster:\n  dns: fe80::1%eth0\n", want: `f.yaml:4:8: dns: "fe80::1%eth0" has a zone, which names an interface of one machine, and the nodes have their own; write fe80::1`},
		{name: "name server", yaml: minimal + "cluster:\n  dns: [192.0.2.1, ns.example.com]\n", want: `f.yaml:4:20: dns[1]: "ns.example.com" is not the address of a name server; write it like 192.0.2.1`},
		{name: "scenario name", yaml: "name: Master Kill\nduration: 1s\n", want: `f.yaml:1:7: name: "Master Kill" is not a name; write up to 63 lower-case letters, digits and dashes, such as master-kill`},
		{name: "duration too short", yaml: "name: t\nduration: 10ms\n", want: `f.yaml:2:11: duration: 10ms is out of range; write 1s to 24h`},
		{name: "duration too long", yaml: "name: t\nduration: 25h\n", want: `f.yaml:2:11: duration: 25h is out of range; write 1s to 24h`},
		{name: "workload without a name", yaml: minimal + "workloads:\n  - type: set\n", want: `f.yaml:4:5: workloads[0]: missing "name"`},
		{name: "empty workload", yaml: minimal + "workloads:\n  -\n", want: `f.yaml:4:3: workloads[0]: no workload; write at least its name`},
		{name: "same name", yaml: minimal + "workloads:\n  - name: w\n  - name: w\n", want: `f.yaml:5:11: name: a second workload named "w"; names must be unique`},
		{name: "workload type", yaml: minimal + "workloads:\n  - name: w\n    type: sets\n", want: `f.yaml:5:11: type: unknown type of workload "sets"; did you mean "set"?`},
		{name: "clients", yaml: minimal + "workloads:\n  - name: w\n    clients: 0\n", want: `f.yaml:5:14: clients: 0 is out of range; write 1 to 10000`},
		{name: "keys", yaml: minimal + "workloads:\n  - name: w\n    keys: 10000001\n", want: `f.yaml:5:11: keys: 10000001 is out of range; write 1 to 10000000`},
		{name: "rate", yaml: minimal + "workloads:\n  - name: w\n    rate: 0\n", want: `f.yaml:5:11: rate: 0 is out of range; write more than 0 and up to 1000000 ops/s, or leave the key out for a closed loop`},
		{name: "half a range of sizes", yaml: minimal + "workloads: [{name: w, value_size: 64-}]\n", want: `f.yaml:3:35: value_size: "" is not a size; write it like 64, 64B, 16KB or 1MiB`},
		{name: "range of sizes backwards", yaml: minimal + "workloads: [{name: w, value_size: 1KB-64}]\n", want: `f.yaml:3:35: value_size: "1KB-64" is no range; write the smaller size first, like 64B-4KB`},
		{name: "range of sizes too far", yaml: minimal + "workloads: [{name: w, value_size: 64-1GB}]\n", want: `f.yaml:3:35: value_size: 1GB is out of range; write 8B to 512MiB (the id that tells one write from another must fit)`},
		{name: "value size", yaml: minimal + "workloads:\n  - name: w\n    value_size: 4\n", want: `f.yaml:5:17: value_size: 4B is out of range; write 8B to 512MiB (the id that tells one write from another must fit)`},
		{name: "pipeline", yaml: minimal + "workloads: [{name: w, pipeline: 0}]\n", want: `f.yaml:3:33: pipeline: 0 is out of range; write 1 to 1000`},
		{name: "pipeline of what goes alone", yaml: minimal + "workloads: [{name: w, type: noise, pipeline: 2, client: {autopipeline: true}}]\n", want: `f.yaml:3:46: pipeline: a noise sends one command at a time; leave the key out, or write type: counter or list or register or set
f.yaml:3:72: autopipeline: a noise sends one command at a time; leave the key out, or write type: counter or list or register or set`},
		{name: "pipeline that waits", yaml: minimal + "workloads: [{name: w, pipeline: 2, wait: {replicas: 1, timeout: 50ms}}]\n", want: `f.yaml:3:33: pipeline: WAIT goes with each write, one at a time; leave out this key, or wait`},
		{name: "pipeline that waits for disks", yaml: minimal + "workloads: [{name: w, pipeline: 2, waitaof: {local: 1, replicas: 1, timeout: 50ms}}]\n", want: `f.yaml:3:33: pipeline: WAITAOF goes with each write, one at a time; leave out this key, or waitaof`},
		{name: "pipeline of transactions", yaml: minimal + "workloads: [{name: w, pipeline: 2, transaction: true}]\n", want: `f.yaml:3:33: pipeline: each write goes in a transaction of its own, one at a time; leave out this key, or transaction`},
		{name: "pipelines of the library and others", yaml: minimal + "workloads: [{name: w, pipeline: 2, client: {library_autopipeline: true}}, {name: v, client: {autopipeline: true, library_autopipeline: true}}]\n", want: `f.yaml:3:67: library_autopipeline: go-redis makes its pipelines of single commands; leave out this key, or pipeline and autopipeline
f.yaml:3:136: library_autopipeline: go-redis makes its pipelines of single commands; leave out this key, or pipeline and autopipeline`},
		{name: "pipelines of the library that wait", yaml: minimal + "workloads: [{name: w, client: {library_autopipeline: true}, wait: {replicas: 1, timeout: 50ms}}]\n", want: `f.yaml:3:54: library_autopipeline: WAIT goes with each write, one at a time; leave out this key, or wait`},
		{name: "client option", yaml: minimal + "workloads:\n  - {name: w, client: {pool_size: 0}}\n", want: `f.yaml:4:35: pool_size: 0 is out of range; write at least 1`},

		// Directives.
		{name: "unknown directives", yaml: minimal + "cluster:\n  extra_directives: [mine, pidfile]\n  config: {cluster-node-timeot: 5000, frobnicate: 1, mine: 1, pidfile: x}\n", want: `f.yaml:5:12: unknown directive "cluster-node-timeot"; did you mean "cluster-node-timeout"? Otherwise, one that only your build of the server has is listed in cluster.extra_directives as well
f.yaml:5:39: unknown directive "frobnicate"; one that only your build of the server has is listed in cluster.extra_directives as well
f.yaml:5:63: pidfile cannot be set: the server would overwrite the file, and the tool knows the processes without one`},
		{name: "directives that cannot work", yaml: minimal + "cluster:\n  config: {replicaof: a 1, replica-announce-ip: a, aclfile: users.acl, cluster-port: 1}\n", want: `f.yaml:4:12: replicaof cannot be set: a cluster node becomes a replica by CLUSTER REPLICATE, and the tool says of whom
f.yaml:4:28: replica-announce-ip cannot be set: the tool gives every node its address
f.yaml:4:52: aclfile cannot be set: the file would not be there on the nodes, and the tool and its probes connect as the user of cluster.auth
f.yaml:4:72: cluster-port cannot be set: the tool gives every node its address`},
		{name: "own directive", yaml: minimal + "cluster:\n  config: {port: 7000, tls-port: 1}\n", want: `f.yaml:4:12: port cannot be set: the tool gives every node its address
f.yaml:4:24: tls-port cannot be set: the tool makes certificates and says what is over TLS; write cluster.tls: true`},
		{name: "upper case directive", yaml: minimal + "cluster:\n  config: {PORT: 7000}\n", want: `f.yaml:4:12: "PORT" is not a directive; write one as in redis.conf, in lower case`},
		{name: "directive list", yaml: minimal + "cluster:\n  config:\n    maxmemory: [1mb, 2mb]\n", want: `f.yaml:5:16: maxmemory: a list where a single value belongs; write its parts as one string. A list is for what may stand on several lines: client-output-buffer-limit, loadmodule, rename-command, save, user`},
		{name: "directive lists", yaml: minimal + "cluster:\n  config:\n    save: []\n    user: [[a, on], {a: b}, a on]\n    loadmodule: [a.so, ~]\n", want: `f.yaml:5:11: save: an empty list; write a line, or leave the key out
f.yaml:6:12: user[0]: a list where a line belongs; write its parts as one string, such as "900 1"
f.yaml:6:21: user[1]: a mapping where a single value belongs
f.yaml:7:24: loadmodule[1]: no value; write "" for an empty one`},
		{name: "directive without value", yaml: minimal + "cluster:\n  config:\n    save:\n", want: `f.yaml:5:5: save: no value; write "" for an empty one`},
		{name: "directive of two lines", yaml: minimal + "cluster:\n  config:\n    save: \"a\\nport 1\"\n", want: `f.yaml:5:11: save: the value of a directive is one line of text`},
		{name: "node timeout with unit", yaml: minimal + "cluster:\n  config:\n    cluster-node-timeout: 5s\n", want: `f.yaml:5:27: cluster-node-timeout: "5s" is not a number of milliseconds, at least 100, and Redis takes nothing else; write 5000`},
		{name: "endpoints that no client finds", yaml: minimal + "cluster:\n  config:\n    cluster-preferred-endpoint-type: unknown-endpoint\n", want: `f.yaml:5:38: cluster-preferred-endpoint-type: go-redis cannot read the answer of CLUSTER SLOTS with unknown-endpoint; write ip or hostname`},
		{name: "node timeout too low", yaml: minimal + "cluster:\n  config:\n    cluster-node-timeout: 5\n", want: `f.yaml:5:27: cluster-node-timeout: "5" is not a number of milliseconds, at least 100, and Redis takes nothing else`},

		{name: "directive of a module", yaml: minimal + "cluster:\n  config:\n    bf.error-rate: 0.01\n    bf-error-rate: 0.01\n", want: `f.yaml:5:5: bf.error-rate is a directive of a module, and none is loaded; write loadmodule: /path/to/module.so, too, or an image that loads it (cluster.image). The modules that come with Redis 8 have a dash there: bf-error-rate`},
		{name: "not a directive of a module", yaml: minimal + "cluster:\n  config: {bf.: 1, .b: 1}\n", want: `f.yaml:4:12: "bf." is not a directive; write one as in redis.conf, in lower case
f.yaml:4:20: ".b" is not a directive; write one as in redis.conf, in lower case`},

		// Commands that the tool needs.
		{name: "renamed command", yaml: minimal + "cluster:\n  config:\n    rename-command: CLUSTER \"\"\n", want: `f.yaml:5:21: rename-command CLUSTER: the tool needs this command to form the cluster and to observe it; leave it as it is`},
		{name: "renamed commands", yaml: minimal + "cluster:\n  config:\n    rename-command:\n      - FLUSHALL \"\"\n      - '\"config\" hidden'\n      - sadd add\n      - HSET \"\"\n      - select pick\nworkloads: [{name: orders}]\n",
			want: `f.yaml:7:9: rename-command CONFIG: the tool needs this command to form the cluster; leave it as it is
f.yaml:8:9: rename-command SADD: the tool needs this command for workload orders; leave it as it is
f.yaml:10:9: rename-command SELECT: the tool needs this command for replication; leave it as it is`},
		{name: "default user off", yaml: minimal + "cluster: {config: {user: default off}}\n", want: `f.yaml:3:26: user default: the tool connects as this user, and it is off; write on`},
		{name: "default user with a password", yaml: minimal + "cluster: {config: {user: [a on, default on >secret ~* +@all]}}\n", want: `f.yaml:3:33: user default: the tool connects without a password; write nopass`},
		{name: "default user without a command", yaml: minimal + "cluster: {config: {user: default on nopass ~* &* +@all -cluster}}\n", want: `f.yaml:3:26: user default: the tool connects as this user, and needs CLUSTER to form the cluster and to observe it; write +cluster`},
		{name: "default user without a subcommand", yaml: minimal + "cluster: {config: {user: default on nopass ~* &* +@all -cluster|meet -cluster|reset}}\n", want: `f.yaml:3:26: user default: the tool connects as this user, and needs CLUSTER MEET to form the cluster and to observe it; write +cluster|meet`},
		{name: "default user without what a workload sends", yaml: minimal + "cluster: {config: {user: default on nopass allkeys +@all -eval -sadd}}\nworkloads: [{name: w}]\n", want: `f.yaml:3:26: user default: the tool connects as this user, and needs SADD for workload w; write +sadd`},
		{name: "default user without anything", yaml: minimal + "cluster: {config: {user: default on nopass ~* +ping +info +cluster|info}}\n", want: `f.yaml:3:26: user default: the tool connects as this user, and needs commands that it is denied: CONFIG, SET, PSYNC, REPLCONF; write +@all, or allow them`},
		{name: "default user without keys", yaml: minimal + "cluster: {config: {user: default on nopass +@all}}\n", want: `f.yaml:3:26: user default: the tool connects as this user, and writes to keys; write ~*`},

		// Faults.
		{name: "unknown kind", yaml: minimal + "faults:\n  - at: 5s\n    kil: {}\n", want: `f.yaml:5:5: unknown kind of fault "kil"; did you mean "kill"?`},
		{name: "no kind", yaml: minimal + "faults:\n  - at: 5s\n", want: `f.yaml:4:5: faults[0]: no kind of fault; write one of delay, kill, partition, pause`},
		{name: "two kinds", yaml: minimal + "faults:\n  - at: 5s\n    kill: {}\n    pause: {}\n", want: `f.yaml:6:5: faults[0] is a "kill" already; write the "pause" as a fault of its own`},
		{name: "no moment", yaml: minimal + "faults:\n  - kill: {}\n", want: `f.yaml:4:5: faults[0]: missing "at", the moment of the fault; write at: 5s`},
		{name: "empty fault", yaml: minimal + "faults:\n  -\n", want: `f.yaml:4:3: faults[0]: no fault; write at: and a kind of fault`},
		{name: "too late", yaml: minimal + "faults:\n  - at: 40s\n    kill: {}\n", want: `f.yaml:4:9: faults[0] is at 40s, but the run lasts only 40s (duration); start it earlier or run longer`},
		{name: "too long", yaml: minimal + "faults:\n  - at: 5s\n    for: 36s\n    kill: {}\n", want: `f.yaml:5:10: faults[0] is at 5s for 36s, and so outlives the run of 40s (duration); write at most for: 35s, or run longer`},
		{name: "no length", yaml: minimal + "faults:\n  - at: 5s\n    for: 0s\n    kill: {}\n", want: `f.yaml:5:10: for: the fault must last; leave the key out for one that lasts until the end of the run`},
		{name: "field error", yaml: minimal + "faults:\n  - at: 5s\n    kill: {role: master, shard: 3}\n", want: `f.yaml:5:33: shard: there is no shard 3; the cluster has 0 to 2`},
		{name: "nested field error", yaml: minimal + "faults:\n  - at: 5s\n    partition: {shards: 1, from: {port: 1}}\n", want: `f.yaml:5:41: port: not that one`},
		{name: "absent field error", yaml: minimal + "faults:\n  - at: 5s\n    partition:\n", want: `f.yaml:5:5: partition: groups: missing; name two groups of nodes`},
		{name: "whole spec error", yaml: minimal + "faults:\n  - at: 5s\n    partition: {groups: [[a]]}\n", want: `f.yaml:5:16: partition: one group is no partition`},
		{name: "plain error", yaml: minimal + "faults:\n  - at: 5s\n    delay: {loss: 0}\n", want: `f.yaml:5:12: delay: no latency`},

		// Expectations.
		{name: "unknown expectation", yaml: minimal + "expect:\n  lost_write: 0\n", want: `f.yaml:4:3: unknown expectation "lost_write"; did you mean "lost_writes"?`},
		{name: "bound without unit", yaml: minimal + "expect:\n  failover_time: <= 8\n", want: `f.yaml:4:18: failover_time: "8" has no unit; write 8ms, 8s or 8m`},
		{name: "bound is a list", yaml: minimal + "expect:\n  failovers: [1]\n", want: `f.yaml:4:14: failovers: a list where a bound such as 0 or "<= 8s" belongs`},
		{name: "rate of 0", yaml: minimal + "workloads: [{name: w, rate: 0}]\n", want: `f.yaml:3:29: rate: 0 is out of range; write more than 0 and up to 1000000 ops/s, or leave the key out for a closed loop`},
		{name: "rate in words", yaml: minimal + "workloads: [{name: w, rate: fast}]\n", want: `f.yaml:3:29: rate: "fast" is not a number`},
		{name: "no steps", yaml: minimal + "workloads: [{name: w, rate: []}]\n", want: `f.yaml:3:29: rate: no step has a rate above 0; write one, or leave the key out for a closed loop`},
		{name: "steps", yaml: minimal + "workloads:\n  - name: w\n    rate:\n      - {from: 1s, rate: 5}\n      - {from: 1s, rate: -5}\n      - {form: 2s, rate: 5}\n",
			want: "f.yaml:8:10: unknown key \"form\"; did you mean \"from\"?"},
		{name: "steps out of order", yaml: minimal + "workloads:\n  - name: w\n    rate:\n      - {from: 1s, rate: 5}\n      - {from: 1s, rate: -5}\n      - {rate: 5}\n",
			want: "f.yaml:6:16: from: the first step begins with the workload; write from: 0s\nf.yaml:7:16: from: 1s is not after the step before it, which is from 1s; put the steps in order\nf.yaml:7:26: rate: -5 is out of range; write 0 to 1e+06\nf.yaml:8:9: rate[2]: missing \"from\"; it needs from and rate"},
		{name: "half a ramp", yaml: minimal + "workloads: [{name: w, rate: {from: 5, to: 10}}]\n", want: `f.yaml:3:29: rate: missing "over"; it needs from and to and over`},
		{name: "flat ramp", yaml: minimal + "workloads: [{name: w, rate: {from: 5, to: 5, over: 1s}}]\n", want: `f.yaml:3:29: rate: a ramp from 5 to 5 is none; write rate: 5, or another end`},
		{name: "starts too late", yaml: minimal + "workloads: [{name: w, start: 40s}]\n", want: `f.yaml:3:30: workloads[0] starts at 40s, but the run lasts only 40s (duration); start it earlier or run longer`},
		{name: "stops too late", yaml: minimal + "workloads: [{name: w, stop: 41s}]\n", want: `f.yaml:3:29: workloads[0] stops at 41s, after the end of the run at 40s (duration); leave the key out, or run longer`},
		{name: "stops before it starts", yaml: minimal + "workloads: [{name: w, start: 5s, stop: 5s}]\n", want: `f.yaml:3:40: stop: 5s is not after the start at 5s; stop it later`},
		{name: "unknown distribution", yaml: minimal + "workloads: [{name: w, distribution: zpif}]\n", want: `f.yaml:3:37: distribution: unknown distribution "zpif"; did you mean "zipf"?`},
		{name: "value larger than the servers take", yaml: minimal + "cluster:\n  config: {proto-max-bulk-len: 1mb}\nworkloads:\n  - {name: w, value_size: 2MiB}\n  - {name: v, value_size: 1MiB}\n",
			want: `f.yaml:6:27: workloads[0] has a value_size of 2MiB, and the servers take at most 1MiB (proto-max-bulk-len)`},
		{name: "servers that take less than the value", yaml: minimal + "workloads:\n  - {name: w, value_size: 2MiB}\n", sets: []string{"cluster.config.proto-max-bulk-len=1m"},
			want: `--set cluster.config.proto-max-bulk-len=1m: workloads[0] has a value_size of 2MiB, and the servers take at most 1MB (proto-max-bulk-len)`},
		{name: "nobody counts losses", yaml: minimal + "workloads: [{name: w, type: noise}]\nexpect:\n  lost_writes: 0\n", want: `f.yaml:5:16: lost_writes: no workload here counts losses; add one of type counter or list or register or set`},
		{name: "nobody counts duplicates", yaml: minimal + "workloads: [{name: w, type: register}]\nexpect:\n  duplicated: 0\n", want: `f.yaml:5:15: duplicated: no workload here counts duplicates; add one of type counter or list`},
		{name: "nobody knows the order", yaml: minimal + "workloads: [{name: w, type: counter}]\nexpect:\n  out_of_order: 0\n", want: `f.yaml:5:17: out_of_order: no workload here knows in which order writes were applied; add one of type list`},
		{name: "nobody dates losses", yaml: minimal + "workloads: [{name: w, type: counter}]\nexpect:\n  loss_window: <= 1s\n", want: `f.yaml:5:16: loss_window: no workload here knows when lost writes were acked; add one of type list or register or set`},
		{name: "waits for too many", yaml: minimal + "workloads: [{name: w, wait: {replicas: 2, timeout: 100ms}}]\n", want: `f.yaml:3:40: workloads[0] waits for 2 replicas of each write, but a master has only 1 (cluster.replicas); wait for fewer or deploy more`},
		{name: "waits for nobody", yaml: minimal + "workloads: [{name: w, wait: {replicas: 0, timeout: 100ms}}]\n", want: `f.yaml:3:40: replicas: 0 is out of range; write at least 1, or leave wait out`},
		{name: "waits for ever", yaml: minimal + "workloads: [{name: w, wait: {replicas: 1}}]\n", want: `f.yaml:3:29: wait: missing "timeout"; it needs replicas and timeout`},
		{name: "waits for no time", yaml: minimal + "workloads: [{name: w, wait: {replicas: 1, timeout: 0s}}]\n", want: `f.yaml:3:52: timeout: 0s is out of range; write at least 1ms`},
		{name: "waits longer than its client", yaml: minimal + "workloads: [{name: w, wait: {replicas: 1, timeout: 50ms}, client: {read_timeout: 50ms}}]\n", want: `f.yaml:3:52: timeout: 50ms is as long as the client waits for any answer, 50ms (client.read_timeout); write less, or have the client wait longer`},
		{name: "unknown client library", yaml: minimal + "workloads: [{name: w, client: {library: goredis}}]\n", want: `f.yaml:3:41: library: unknown client library "goredis"; did you mean "go-redis"?`},
		{name: "library that cannot do it", yaml: minimal + "workloads:\n  - {name: a, client: {library: plain}}\n  - {name: w, pipeline: 5, client: {library: plain, pool_size: 3}}\n", want: `f.yaml:5:25: pipeline: plain cannot do this; leave the key out, or write library: go-redis
f.yaml:5:64: pool_size: plain cannot do this; leave the key out, or write library: go-redis`},
		{name: "unknown preset", yaml: minimal + "workloads: [{name: w, client: {preset: patent}}]\n", want: `f.yaml:3:40: preset: unknown preset "patent"; did you mean "patient"?`},
		{name: "waits longer than its preset", yaml: minimal + "workloads: [{name: w, wait: {replicas: 1, timeout: 300ms}, client: {preset: fast-failover}}]\n", want: `f.yaml:3:52: timeout: 300ms is as long as the client waits for any answer, 300ms (client.read_timeout); write less, or have the client wait longer`},
		{name: "waits for too many disks", yaml: minimal + "workloads: [{name: w, waitaof: {local: 1, replicas: 2, timeout: 1s}}]\n", want: `f.yaml:3:53: workloads[0] waits for the disks of 2 replicas, but a master has only 1 (cluster.replicas); wait for fewer or deploy more`},
		{name: "waits for two masters", yaml: minimal + "workloads: [{name: w, waitaof: {local: 2, replicas: 1, timeout: 1s}}]\n", want: `f.yaml:3:40: local: 2 is out of range; write 1 to wait for the master's own disk, or 0 not to`},
		{name: "waits for a negative number", yaml: minimal + "workloads: [{name: w, waitaof: {local: 1, replicas: -1, timeout: 1s}}]\n", want: `f.yaml:3:53: replicas: -1 is out of range; write at least 0`},
		{name: "waits for no disk", yaml: minimal + "workloads: [{name: w, waitaof: {local: 0, replicas: 0, timeout: 1s}}]\n", want: `f.yaml:3:32: waitaof: it waits for nobody; write local: 1 or replicas: 1, or leave waitaof out`},
		{name: "waits without files", yaml: minimal + "cluster: {config: {appendonly: no}}\nworkloads: [{name: w, waitaof: {local: 1, replicas: 0, timeout: 1s}}]\n", want: `f.yaml:4:32: workloads[0] waits for append-only files, and the servers write none (cluster.config.appendonly); write appendonly: yes, or leave waitaof out`},
		{name: "no files, but one waits for them", yaml: minimal + "workloads: [{name: w, waitaof: {local: 0, replicas: 1, timeout: 1s}}]\n", sets: []string{"cluster.config.appendonly=no"},
			want: `--set cluster.config.appendonly=no: workloads[0] waits for append-only files, and the servers write none (cluster.config.appendonly); write appendonly: yes, or leave waitaof out`},
		{name: "waits twice", yaml: minimal + "workloads: [{name: w, wait: {replicas: 1, timeout: 1s}, waitaof: {local: 1, replicas: 0, timeout: 1s}}]\n", want: `f.yaml:3:66: waitaof: there is a wait, too; leave one of the two out: a replica that has a write on disk has it`},
		{name: "waits for disks for ever", yaml: minimal + "workloads: [{name: w, waitaof: {local: 1, replicas: 1}}]\n", want: `f.yaml:3:32: waitaof: missing "timeout"; it needs local and replicas and timeout`},
		{name: "waits for disks longer than its client", yaml: minimal + "workloads: [{name: w, waitaof: {local: 1, replicas: 1, timeout: 5s}}]\n", want: `f.yaml:3:65: timeout: 5s is as long as the client waits for any answer, 5s (client.read_timeout); write less, or have the client wait longer`},
		{name: "no writes of its own", yaml: minimal + "workloads: [{name: w, type: noise, transaction: true}]\n", want: `f.yaml:3:49: transaction: a noise does not make its writes one by one; leave the key out, or write type: counter or list or register or set`},
		{name: "transaction", yaml: minimal + "workloads: [{name: w, transaction: maybe}]\n", want: `f.yaml:3:36: transaction: "maybe" is not true or false`},
		{name: "set that expires", yaml: minimal + "workloads: [{name: w, ttl: 5s}]\n", want: `f.yaml:3:28: ttl: of a set that is gone it cannot be told what it held; leave the key out, or write type: register`},
		{name: "nobody writes", yaml: minimal + "expect:\n  client_recovery: <= 10s\n", want: `f.yaml:4:20: client_recovery: only a workload can tell, and there is none; add one, of any type`},

		// Settings of types of workload.
		{name: "settings of another type", yaml: minimal + "workloads:\n  - {name: a, jar: {lids: 5}}\n  - {name: b, type: jar, ttl: 5s}\n", want: `f.yaml:4:20: jar: a set is no jar; leave the key out, or write type: jar
f.yaml:5:31: ttl: of a jar that is gone it cannot be told what it held; leave the key out, or write type: register`},
		{name: "settings of an unknown type", yaml: minimal + "workloads: [{name: a, type: yar, jar: {lids: 5}}]\n", want: `f.yaml:3:29: type: unknown type of workload "yar"; did you mean "jar"?`},
		{name: "misspelt setting", yaml: minimal + "workloads: [{name: a, type: jar, shlef: {}}, {name: b, type: jar, jar: {lid: 1}}]\n", want: `f.yaml:3:34: unknown key "shlef"; did you mean "shelf"?
f.yaml:3:73: unknown key "lid"; did you mean "lids"?`},
		{name: "settings that are checked", yaml: minimal + "workloads:\n  - {name: a, type: jar, jar: {lids: 3}}\n  - {name: b, type: jar, keys: 5}\n  - {name: c, type: jar, keys: 5, jar: {lids: x}}\n", want: `f.yaml:4:38: lids: 3 is out of range; write 0 to 2 (one more than one)
f.yaml:5:32: keys: five of what has no lid
f.yaml:6:47: lids: "x" is not a whole number`},
		{name: "settings against the cluster", yaml: minimal + "workloads: [{name: a, type: jar, shelf: {boards: 2}}]\n", sets: []string{"cluster.replicas=1"}, want: `--set cluster.replicas=1: workloads[0] has more boards than there are replicas`},
		{name: "what takes a setting", yaml: minimal + "workloads: [{name: a, type: jar}]\nexpect: {undelivered: 0, workloads.a.client_recovery: 5s}\n", want: `f.yaml:4:23: undelivered: no workload here has consumer groups; add one of type jar with shelf: {}
f.yaml:4:55: workloads.a.client_recovery: a goes anywhere; give it a shelf`},

		// Expectations of one workload.
		{name: "expectation of no workload", yaml: minimal + "workloads: [{name: orders}]\nexpect:\n  workloads.order.lost_writes: 0\n", want: `f.yaml:5:3: unknown workload "order"; did you mean "orders"?`},
		{name: "expectation of a workload where there is none", yaml: minimal + "expect:\n  workloads.orders.lost_writes: 0\n", want: `f.yaml:4:3: unknown workload "orders"; none is known here`},
		{name: "unknown expectation of a workload", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  workloads.w.lost_write: 0\n", want: `f.yaml:5:3: unknown expectation "lost_write"; did you mean "lost_writes"?`},
		{name: "expectation of the cluster of a workload", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  workloads.w.failovers: 0\n", want: `f.yaml:5:3: failovers is a figure of the cluster, not of a workload; write failovers alone, or one of client_recovery, failed_ratio, availability, latency_p50, latency_p95, latency_p99, latency_p999, latency_max, lost_writes, lost_ratio, evicted, expired, loss_window, duplicated, out_of_order, stale_reads, missed_messages, redelivered, undelivered, double_holds, double_held, linearizable, loss_causes`},
		{name: "expectation without a figure", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  workloads: {w: {lost_writes: 0}}\n  workloads.w: 0\n", want: `f.yaml:5:3: "workloads" names no figure; write it like workloads.orders.lost_writes: 0
f.yaml:6:3: "workloads.w" names no figure; write it like workloads.orders.lost_writes: 0`},
		{name: "bound of a workload", yaml: minimal + "workloads: [{name: w}]\nexpect:\n  workloads.w.latency_p99: 5\n", want: `f.yaml:5:28: workloads.w.latency_p99: "5" has no unit; write 5ms, 5s or 5m`},

		// Expectations about causes.
		{name: "unknown causes", yaml: minimal + "expect:\n  outage_causes: [master_down, full_coverge]\n  missed_causes: 0\n", want: `f.yaml:4:32: outage_causes[1]: unknown cause "full_coverge"; did you mean "full_coverage"? known: master_down, full_coverage, unknown; and [] says that none may be found
f.yaml:5:18: missed_causes: unknown cause "0"; known: no_majority, no_replica, unknown; and [] says that none may be found`},
		{name: "cause of something else", yaml: minimal + "expect: {missed_causes: master_down}\n", want: `f.yaml:3:25: missed_causes: unknown cause "master_down"; known: no_majority, no_replica, unknown; and [] says that none may be found`},
		{name: "no causes", yaml: minimal + "expect:\n  outage_causes:\n  missed_causes: {no_majority: 1}\n", want: `f.yaml:4:3: outage_causes: no value where causes belong; write one, a list of them, or [] if none may be found
f.yaml:5:18: missed_causes: a mapping where causes belong; write one, a list of them, or [] if none may be found`},
		{name: "list of causes that are none", yaml: minimal + "expect: {outage_causes: [[master_down]]}\n", want: `f.yaml:3:26: outage_causes[0]: a list where a cause belongs`},
		{name: "causes of losses that nobody counts", yaml: minimal + "workloads: [{name: w, type: counter}]\nexpect: {loss_causes: [], workloads.w.loss_causes: []}\n", want: `f.yaml:4:23: loss_causes: no workload here knows when lost writes were acked; add one of type list or register or set
f.yaml:4:52: workloads.w.loss_causes: w is of type counter; it takes a workload that knows when lost writes were acked, of type list or register or set`},
		{name: "causes of outages of a workload", yaml: minimal + "workloads: [{name: w}]\nexpect: {workloads.w.outage_causes: []}\n", want: `f.yaml:4:10: outage_causes is a figure of the cluster, not of a workload; write outage_causes alone, or one of client_recovery, failed_ratio, availability, latency_p50, latency_p95, latency_p99, latency_p999, latency_max, lost_writes, lost_ratio, evicted, expired, loss_window, duplicated, out_of_order, stale_reads, missed_messages, redelivered, undelivered, double_holds, double_held, linearizable, loss_causes`},

		// All of them at once, in order, and nothing twice.
		{name: "unknown figure of a set", yaml: minimal + "expect_set:\n  failover_tme: {p95: 8s}\n  pased: 95%\n  p95: {failover_time: 8s}\n", want: `f.yaml:4:3: unknown expectation "failover_tme"; did you mean "failover_time"?
f.yaml:5:3: unknown expectation "pased"; did you mean "passed"?
f.yaml:6:3: unknown expectation "p95"; known: failovers, failover_time, client_recovery, failed_ratio, availability, latency_p50, latency_p95, latency_p99, latency_p999, latency_max, unavailable, longest_outage, split_brain, longest_split_brain, lost_writes, lost_ratio, evicted, expired, loss_window, duplicated, out_of_order, stale_reads, missed_messages, redelivered, undelivered, double_holds, double_held, linearizable, recovered, incidents, skipped_faults, outage_causes, missed_causes, loss_causes, phase_causes`},
		{name: "bound without a statistic", yaml: minimal + "workloads: [{name: w}]\nexpect_set:\n  failover_time: 8s\n  recovered: true\n  lost_writes:\n  availability: []\n  failed_ratio: {}\n", want: `f.yaml:5:18: failover_time: "8s" where a statistic and its bound belong; write it like {p95: "<= 8s"}
f.yaml:6:14: recovered: "true" where a statistic and its bound belong; write it like {every: true}
f.yaml:7:3: lost_writes: no value where a statistic and its bound belong; write it like {every: 0}
f.yaml:8:17: availability: a list where a statistic and its bound belong; write it like {median: ">= 99%"}
f.yaml:9:17: failed_ratio: no statistic; write it like {median: "<= 1%"}`},
		{name: "unknown statistic", yaml: minimal + "expect_set:\n  failover_time: {p59: 8s, average: 5s}\n", want: `f.yaml:4:19: unknown statistic "p59"; did you mean "p95"?
f.yaml:4:28: unknown statistic "average"; known: median, p95, min, max, mean, every`},
		{name: "bound of a statistic", yaml: minimal + "expect_set:\n  failover_time: {p95: 8, median: [6s], max:}\n  failovers: {every: 0.5, mean: 0.5, median: -1}\n  passed: {every: 95%}\n", want: `f.yaml:4:24: p95: "8" has no unit; write 8ms, 8s or 8m
f.yaml:4:35: median: a list where a bound such as 0 or "<= 8s" belongs
f.yaml:4:41: max: no value; write a bound such as 0 or "<= 8s", or leave the key out
f.yaml:5:22: every: "0.5" is not a count; write it like 0 or "<= 10"
f.yaml:5:46: median: "-1" is not a count; write it like 0 or "<= 10"
f.yaml:6:11: passed: a mapping where a bound such as 0 or "<= 8s" belongs`},
		{name: "share of nothing", yaml: minimal + "expect_set: {passed: 95}\n", want: `f.yaml:3:22: passed: "95" is not a ratio; write it like ">= 0.99" or ">= 99%"`},
		{name: "percentile of a truth value", yaml: minimal + "expect_set:\n  recovered: {p95: true}\n", want: `f.yaml:4:15: recovered is true or false, which has no p95; write {every: true}, or passed for a share of the runs`},
		{name: "statistics of causes", yaml: minimal + "expect_set:\n  outage_causes: {every: master_down}\n", want: `f.yaml:4:18: outage_causes: causes have no statistics; write outage_causes under expect, which every run is held against`},
		{name: "nobody counts losses in a set", yaml: minimal + "workloads: [{name: w, type: noise}]\nexpect_set:\n  lost_writes: {every: 0, p95: 5}\n  workloads.w.lost_writes: {every: 0}\n", want: `f.yaml:5:16: lost_writes: no workload here counts losses; add one of type counter or list or register or set
f.yaml:6:28: workloads.w.lost_writes: w is of type noise; it takes a workload that counts losses, of type counter or list or register or set`},
		{name: "expectations of a set in a list", yaml: minimal + "expect_set: [passed]\n", want: `f.yaml:3:13: expect_set: a list where a mapping belongs`},
		{name: "many", yaml: "name: t\nduration: long\ncluster: {masters: 1, replica: 1}\nfaults:\n  - at: 50s\n    kill: {shard: 9}\nexpect: {failovers: many}\n",
			sets: []string{"seed=x", "clutser=1"},
			want: `f.yaml:2:11: duration: "long" is not a duration; write it like 500ms, 5s or 2m
f.yaml:3:20: masters: 1 is out of range; write 3 to 30
f.yaml:3:23: unknown key "replica"; did you mean "replicas"?
f.yaml:7:21: failovers: "many" is not a count; write it like 0 or "<= 10"
--set seed=x: "x" is not a whole number
--set clutser=1: unknown key "clutser"; did you mean "cluster"?`},
	}
}

func TestParseInvalid(t *testing.T) {
	for _, c := range append(invalidCases(), invalidSetCases()...) {
		t.Run(c.name, func(t *testing.T) {
			_, err := Scenario("f.yaml", []byte(c.yaml), fakeCatalog(), c.sets)
			if err == nil {
				t.Fatalf("no error; want\n%s", c.want)
			}
			if err.Error() != c.want {
				t.Errorf("got\n%s\nwant\n%s", err, c.want)
			}
			var invalid *document.Invalid
			if !errors.As(err, &invalid) {
				t.Errorf("the error is a %T", err)
			}
		})
	}
}

func TestParseExample(t *testing.T) {
	data, err := os.ReadFile("../master-kill.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Scenario("master-kill.yaml", data, fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Faults) == 0 || s.Faults[0].Kind != "kill" || s.Faults[0].At == 0 {
		t.Errorf("faults: %+v", s.Faults)
	}
	if len(s.Expect) == 0 || len(s.Workloads) == 0 {
		t.Errorf("scenario: %+v", s)
	}
}

func TestParseDefaults(t *testing.T) {
	s, err := Scenario("f.yaml", []byte(minimal+"workloads: [{name: w}]\n"), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &scenarios.Scenario{
		Name:            "t",
		Duration:        units.Duration(40 * time.Second),
		RecoveryTimeout: units.Duration(time.Minute),
		Observe:         scenarios.Observe{Probes: units.Duration(5 * time.Millisecond), Topology: units.Duration(50 * time.Millisecond)},
		Cluster:         scenarios.Cluster{Masters: 3, Replicas: 1, Image: "redis:7-alpine", Announce: "address"},
		Workloads:       []scenarios.Workload{{Name: "w", Type: "set", Spec: setSpec{trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.Spreads}, Clients: 16, Pipeline: 1, Keys: 1000, Distribution: "uniform", ValueSize: units.FixedSize(64)}},
	}
	if s.Measurable, s.Suits = nil, nil; !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v\nwant %+v", s, want)
	}
}

// What a run can measure goes by its workloads.
func TestMeasurable(t *testing.T) {
	const cluster = "failovers failover_time unavailable longest_outage split_brain longest_split_brain recovered incidents skipped_faults"
	const load = "client_recovery failed_ratio availability latency_p50 latency_p95 latency_p99 latency_p999 latency_max"
	for workloads, more := range map[string]string{
		"[]":                                "",
		"[{name: w, type: noise}]":          load,
		"[{name: w}]":                       load + " lost_writes lost_ratio evicted expired loss_window",
		"[{name: w, type: counter}]":        load + " lost_writes lost_ratio duplicated",
		"[{name: w, type: jar}]":            load,
		"[{name: w, type: jar, shelf: {}}]": load + " redelivered undelivered",
	} {
		s, err := Scenario("f.yaml", []byte(minimal+"workloads: "+workloads+"\n"), fakeCatalog(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range s.Measurable {
			got = append(got, m.Name)
		}
		want := strings.Fields(cluster + " " + more)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", workloads, got, want)
		}
	}
}

func TestParseConfigKeepsText(t *testing.T) {
	source := minimal + `cluster:
  extra_directives: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
  config:
    a: yes
    b: no
    c: true
    d: False
    e: "true"
    f: 5000
    g: 0x10
    h: 010
    i: 1_000
    j: ""
    k: 900 1 300 10
    l: 100mb # comment
    m: null-ish
    n: 1.50
    user: [a on, yes]
`
	s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), []string{"cluster.config.o=true", "cluster.config.p=", "cluster.config.save=[900 1, 300 10]"})
	if err != nil {
		t.Fatal(err)
	}
	want := scenarios.Config{
		"a": {"yes"}, "b": {"no"}, "c": {"yes"}, "d": {"no"}, "e": {"true"}, "f": {"5000"}, "g": {"0x10"}, "h": {"010"},
		"i": {"1_000"}, "j": {""}, "k": {"900 1 300 10"}, "l": {"100mb"}, "m": {"null-ish"}, "n": {"1.50"}, "o": {"yes"}, "p": {""},
		"user": {"a on", "yes"}, "save": {"900 1", "300 10"},
	}
	if !reflect.DeepEqual(s.Cluster.Config, want) {
		t.Errorf("got  %q\nwant %q", s.Cluster.Config, want)
	}
}

// Whether a module knows its directives is for the server to say, where one is loaded or
// may be in the image.
func TestParseDirectivesOfModules(t *testing.T) {
	for _, cluster := range []string{
		"{config: {bf.bloom-fp-rate: 0.01, loadmodule: /usr/lib/libvalkey_bloom.so}}",
		"{config: {json.max_path.limit: 64, loadmodule: [/a.so X 1, /b.so]}}",
		"{config: {bf.bloom-fp-rate: 0.01}, image: valkey/valkey-bundle:9}",
		"{config: {bf-error-rate: 0.01}}",
	} {
		s, err := Scenario("f.yaml", []byte(minimal+"cluster: "+cluster+"\n"), fakeCatalog(), []string{"cluster.config.search.workers=4"}[:strings.Count(cluster, "loadmodule")])
		if err != nil {
			t.Errorf("%s: %v", cluster, err)
			continue
		}
		checkRoundTrip(t, s)
	}
}

func TestParseFault(t *testing.T) {
	source := "\ufeff" + strings.ReplaceAll(minimal+`faults:
  - at: 5s
    kill:
  - pause: {role: replica, shard: 0, nodes: redis-master-1}
    for: 20s
    at: 20s
  - at: 1s
    delay: {latency: 5ms, jitter: 1ms, bytes: 5, buffer: 1KiB, both: true}
`, "\n", "\r\n")
	s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	shard, jitter, bytes := 0, units.Duration(time.Millisecond), int64(5)
	want := []scenarios.Fault{
		{At: units.Duration(5 * time.Second), Kind: "kill", Spec: &killSpec{Signal: "KILL"}},
		{At: units.Duration(20 * time.Second), For: units.Duration(20 * time.Second), Kind: "pause",
			Spec: &killSpec{selector: selector{Role: "replica", Shard: &shard, Nodes: []string{"redis-master-1"}}}},
		{At: units.Duration(time.Second), Kind: "delay",
			Spec: &delaySpec{Latency: units.Duration(5 * time.Millisecond), Jitter: &jitter, Loss: 0.5, Bytes: &bytes, Buffer: 1024, Both: true}},
	}
	if !reflect.DeepEqual(s.Faults, want) {
		t.Errorf("got  %+v\nwant %+v", s.Faults, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range append(invalidCases(), invalidSetCases()...) {
		if len(c.yaml) < 1000 {
			f.Add(c.yaml, strings.Join(c.sets, " "))
		}
	}
	for _, source := range roundTripSources(f) {
		f.Add(source, "duration=50s")
	}
	f.Fuzz(func(t *testing.T, source, set string) {
		var sets []string
		if set != "" {
			sets = append(sets, set)
		}
		s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), sets)
		for _, p := range problemsOf(t, s, err) {
			if p.Msg == "" || p.Set == "" && set == "" && (p.Line < 1 || p.Column < 1) {
				t.Errorf("%#v", p)
			}
		}
	})
}

// problemsOf is what is wrong with a scenario that was not accepted, which there must be. One
// that was must come back from its YAML.
func problemsOf(t *testing.T, s *scenarios.Scenario, err error) []document.Problem {
	t.Helper()
	if err == nil {
		checkRoundTrip(t, s)
		return nil
	}
	var invalid *document.Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
		t.Fatalf("%T: %v", err, err)
	}
	return invalid.Problems
}
