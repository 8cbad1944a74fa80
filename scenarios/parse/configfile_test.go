package parse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// withConfigFile reads a scenario whose redis.conf holds some lines.
func withConfigFile(t *testing.T, conf, cluster string, sets ...string) (s *scenarios.Scenario, warnings, problems, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "redis.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Scenario(filepath.Join(dir, "f.yaml"), []byte(minimal+"cluster:\n  config_file: redis.conf\n"+cluster), fakeCatalog(), sets)
	if err != nil {
		return nil, "", strings.ReplaceAll(err.Error(), dir+"/", ""), dir
	}
	var told []string
	for _, w := range s.Warnings {
		told = append(told, w.Error())
	}
	written := *s // whose directives are all in config, and so have been told of
	written.Cluster.ConfigFile, written.Warnings = scenarios.ConfigFile{}, s.Warnings[len(s.Cluster.ConfigFile.Overridden):]
	if len(written.Warnings) == 0 {
		checkRoundTrip(t, &written)
	}
	return s, strings.ReplaceAll(strings.Join(told, "\n"), dir+"/", ""), "", dir
}

func TestConfigFile(t *testing.T) {
	for name, c := range map[string]struct {
		conf, cluster string
		set           string
		config        string // NAME=LINE; LINE, by name
		warnings      string
		problems      string
	}{
		"as it is": {
			conf:   "# ours\nappendonly yes\ncluster-node-timeout 3000\nsave 900 1\nsave 300 10\nslave-priority 50\nhash-max-ziplist-entries 64\nclient-output-buffer-limit slave 1mb 1mb 60\n",
			config: "appendonly=yes client-output-buffer-limit=slave 1mb 1mb 60 cluster-node-timeout=3000 hash-max-ziplist-entries=64 save=900 1; 300 10 slave-priority=50",
		},
		"what it does not say is as servers have it": {conf: "hz 20\nsave \"\"\n", config: "appendonly=no cluster-node-timeout=15000 hz=20 save="},
		"the last line wins, under any name":         {conf: "hz 10\nhz 20\nslave-priority 1\nreplica-priority 2\n", config: "appendonly=no cluster-node-timeout=15000 hz=20 replica-priority=2"},
		"cluster.config wins, under any name": {
			conf: "hz 20\nsave 900 1\nsave 60 1\nslave-priority 1\n", cluster: "  config: {hz: 50, save: 1 1, replica-priority: 2}\n",
			config: "appendonly=no cluster-node-timeout=15000 hz=50 replica-priority=2 save=1 1",
			warnings: "redis.conf:1:1: hz 20: overridden, as cluster.config has hz\nredis.conf:2:1: save 900 1: overridden, as cluster.config has save\n" +
				"redis.conf:3:1: save 60 1: overridden, as cluster.config has save\nredis.conf:4:1: slave-priority 1: overridden, as cluster.config has replica-priority",
		},
		"--set wins": {
			conf: "hz 20\n", set: "cluster.config.hz=50", config: "appendonly=no cluster-node-timeout=15000 hz=50",
			warnings: "redis.conf:1:1: hz 20: overridden, as cluster.config has hz",
		},
		"what every node has": {conf: "cluster-enabled yes\ndaemonize NO\nlogfile \"\"\nprotected-mode no\ncluster-config-file \"nodes.conf\"\n", config: "appendonly=no cluster-node-timeout=15000"},
		"what the tool sets": {
			conf: "port 7000\nbind 127.0.0.1 -::1\ndir /var/lib/redis\ndaemonize yes\npidfile /run/redis.pid\nlogfile /var/log/redis.log\nrequirepass s3cret\nmasterauth s3cret\ntls-key-file-pass s3cret\naclfile /etc/users.acl\ncluster-preferred-endpoint-type unknown-endpoint\n",
			warnings: "redis.conf:1:1: port 7000: overridden, as the tool gives every node its address\nredis.conf:2:1: bind 127.0.0.1 -::1: overridden, as the tool gives every node its address\n" +
				"redis.conf:3:1: dir /var/lib/redis: overridden, as the tool decides where a node keeps its files\nredis.conf:4:1: daemonize yes: overridden, as the tool supervises the server process\n" +
				"redis.conf:5:1: pidfile /run/redis.pid: overridden, as the server would overwrite the file, and the tool knows the processes without one\n" +
				"redis.conf:6:1: logfile /var/log/redis.log: overridden, as the tool collects the logs from the output of the server\n" +
				"redis.conf:7:1: requirepass (hidden): overridden, as the tool sets users and passwords; write cluster.auth\n" +
				"redis.conf:8:1: masterauth (hidden): overridden, as the tool sets users and passwords; write cluster.auth\n" +
				"redis.conf:9:1: tls-key-file-pass (hidden): overridden, as the tool makes certificates and says what is over TLS; write cluster.tls: true\n" +
				"redis.conf:10:1: aclfile /etc/users.acl: overridden, as the file would not be there on the nodes, and the tool and its probes connect as the user of cluster.auth\n" +
				"redis.conf:11:1: cluster-preferred-endpoint-type unknown-endpoint: overridden, as go-redis cannot read the answer of CLUSTER SLOTS with it",
			config: "appendonly=no cluster-node-timeout=15000",
		},
		"what the tool needs": {
			conf:   "rename-command CONFIG \"\"\nrename-command KEYS k\nuser default off\nuser app on >s3cret ~* +@all\n",
			config: "appendonly=no cluster-node-timeout=15000 rename-command=KEYS k user=app on #1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0 ~* +@all",
			warnings: "redis.conf:1:16: rename-command CONFIG \"\": overridden, as the tool needs this command to form the cluster\n" +
				"redis.conf:3:6: user default off: overridden, as the tool connects as this user, and it is off; write on",
		},
		"warnings of what it says": {
			conf: "maxmemory 1mb\nmaxmemory-policy allkeys-lru\n", cluster: "workloads: [{name: w, type: counter}]\n",
			config:   "appendonly=no cluster-node-timeout=15000 maxmemory=1mb maxmemory-policy=allkeys-lru",
			warnings: "redis.conf:2:18: maxmemory-policy allkeys-lru evicts keys once maxmemory is reached, and losses are counted of workload w: evicted elements are counted apart from lost ones as far as the servers' counters show them; with noeviction none is",
		},
		"one of its own": {conf: "mine 1\n", cluster: "  extra_directives: mine\n", config: "appendonly=no cluster-node-timeout=15000 mine=1"},
		"what is wrong with it": {
			conf: "cluster-node-timeot 5000\ncluster-node-timeout 50\nhz\n\nloadmodule x.so\ninclude common.conf\ndbfilename ../x\n",
			problems: "redis.conf:1:1: unknown directive \"cluster-node-timeot\"; did you mean \"cluster-node-timeout\"? Otherwise, one that only your build of the server has is listed in cluster.extra_directives as well\n" +
				"redis.conf:2:22: cluster-node-timeout: \"50\" is not a number of milliseconds, at least 100, and Redis takes nothing else\n" +
				"redis.conf:3:1: hz has no value; write \"\" for an empty one\n" +
				"redis.conf:5:12: loadmodule: the path of the module is not absolute; write where it is on the nodes, such as /usr/lib/module.so\n" +
				"redis.conf:6:9: include: there is no file common.conf on this machine\n" +
				"redis.conf:7:12: dbfilename: it is a name in the folder of the node, of letters, digits, _, . and -, such as dump.rdb",
		},
		"beside what is wrong with the scenario": {conf: "hz\n", cluster: "  masters: 2\n", problems: "f.yaml:5:12: masters: 2 is out of range; write 3 to 30\nredis.conf:1:1: hz has no value; write \"\" for an empty one"},
		"no config to merge it into":             {conf: "hz 1\n", cluster: "  config: [hz]\n", problems: "f.yaml:5:11: config: a list where a mapping belongs"},
	} {
		t.Run(name, func(t *testing.T) {
			var sets []string
			if c.set != "" {
				sets = append(sets, c.set)
			}
			s, warnings, problems, _ := withConfigFile(t, c.conf, c.cluster, sets...)
			if problems != c.problems {
				t.Fatalf("problems\n%s\nwant\n%s", problems, c.problems)
			}
			if s == nil {
				return
			}
			if warnings != c.warnings {
				t.Errorf("warnings\n%s\nwant\n%s", warnings, c.warnings)
			}
			if got := plainly(s.Cluster.Config); got != c.config {
				t.Errorf("config\n%s\nwant\n%s", got, c.config)
			}
			if text, err := s.YAML(); err != nil || strings.Contains(string(text), "s3cret") || strings.Contains(string(text), "config_file") || strings.Contains(warnings, "s3cret") {
				t.Errorf("%v\n%s", err, text)
			}
			if told := len(s.Cluster.ConfigFile.Overridden); told != strings.Count(warnings, ": overridden, as ") {
				t.Errorf("%d lines are told to be overridden", told)
			}
		})
	}
}

// plainly is the directives of a cluster in a line.
func plainly(c scenarios.Config) string {
	n, err := c.MarshalNode()
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, f := range n.Fields {
		all = append(all, f.Name+"="+strings.Join(c[f.Name], "; "))
	}
	return strings.Join(all, " ")
}

// The file is looked for beside the scenario, or where the command is given if it is named there.
func TestConfigFileIsLookedFor(t *testing.T) {
	for yaml, want := range map[string]string{
		"config_file: none.conf":  "f.yaml:4:16: config_file: there is no file none.conf on this machine",
		"config_file: /none.conf": "f.yaml:4:16: config_file: there is no file /none.conf on this machine",
		"config_file: \"\"":       "f.yaml:4:16: config_file: an empty path; leave the key out instead",
		"config_file: [a, b]":     "f.yaml:4:16: config_file: a list where a single value belongs",
	} {
		_, err := Scenario("f.yaml", []byte(minimal+"cluster:\n  "+yaml+"\n"), fakeCatalog(), nil)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", yaml, err, want)
		}
	}
	s, _, _, dir := withConfigFile(t, "hz 20\nloadmodule /m.so\n", "")
	if where := s.Cluster.ConfigFile.Modules["/m.so"]; where != filepath.Join(dir, "redis.conf")+":2:1" {
		t.Errorf("the module is named at %q", where)
	}
	t.Chdir(dir)
	s, err := Scenario("elsewhere/f.yaml", []byte(minimal), fakeCatalog(), []string{"cluster.config_file=redis.conf"})
	if err != nil || s.Cluster.Config.Value("hz") != "20" {
		t.Errorf("%v", err)
	}
}
