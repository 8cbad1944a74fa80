package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Whatever names a file outside of the node's folder, runs something or takes the node
// away from the tool is refused, however it is written.
func TestHostileDirectives(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"pidfile", "/etc/passwd", "overwrite the file"},
		{"logfile", "/etc/cron.d/x", "collects the logs"},
		{"syslog-enabled", "yes", "collects the logs"},
		{"syslog-ident", "x", "collects the logs"},
		{"log-format", "logfmt", "usual form"},
		{"aclfile", "/etc/shadow", "would not be there"},
		{"include", "/etc/shadow", "would not be there"},
		{"unixsocket", "/run/docker.sock", "its address"},
		{"unixsocketperm", "777", "its address"},
		{"rdma-bind", "0.0.0.0", "its address"},
		{"bind-source-addr", "1.2.3.4", "its address"},
		{"cluster-port", "1", "its address"},
		{"cluster-announce-bus-port", "1", "its address"},
		{"replica-announce-ip", "1.2.3.4", "its address"},
		{"slave-announce-ip", "1.2.3.4", "its address"},
		{"slave-announce-port", "1", "its address"},
		{"slaveof", "1.2.3.4 6379", "CLUSTER REPLICATE"},
		{"sentinel", "monitor m 1.2.3.4 6379 2", "cluster node"},
		{"tls-cert-file", "/etc/shadow", "cluster.tls"},
		{"masteruser", "x", "cluster.auth"},
		{"primaryauth", "x", "cluster.auth"},
		{"supervised", "systemd", "supervises"},
		{"daemonize", "yes", "supervises"},
		{"enable-module-command", "yes", "run or overwrite"},
		{"enable-protected-configs", "local", "run or overwrite"},
		{"search-ext-load", "/tmp/x.so", "loads code"},
		{"search-friso-ini", "/etc/shadow", "would not be there"},
		{"req-res-logfile", "/etc/passwd", "where a node keeps its files"},
		{"dir", "/etc", "where a node keeps its files"},
		{"cluster-config-file", "../x", "where a node keeps its files"},

		{"dbfilename", "../../etc/cron.d/x", "in the folder of the node"},
		{"dbfilename", "/etc/passwd", "in the folder of the node"},
		{"dbfilename", `"..\x2fx"`, "in the folder of the node"},
		{"dbfilename", "..", "in the folder of the node"},
		{"dbfilename", "nodes.conf", "another file of the node"},
		{"appendfilename", "server.log", "another file of the node"},
		{"appenddirname", "a/b", "in the folder of the node"},
		{"appendfilename", "", "in the folder of the node"},
		{"loadmodule", "x.so", "not absolute"},
		{"loadmodule", "", "not absolute"},
		{"loadmodule", "../x.so", "not absolute"},
		{"oom-score-adj-values", "-1000 -1000 -1000", "killed rather than the nodes"},
		{"search.ext", "/etc/shadow", "is a path"},
		{"search-anything", `"\x2fetc"`, "is a path"},
		{"mine", "/etc/passwd", "is a path"},
		{"mine", "a ..", "is a path"},
		{"hz", `"10`, "not balanced"},
		{"hz", `"10"20`, "not balanced"},
		{"user", "default on 'nopass", "not balanced"},

		{"rename-command", "CLUSTER\t\"\"", "rename-command CLUSTER: the tool needs"},
		{"rename-command", `"\x43LUSTER" x`, "rename-command CLUSTER: the tool needs"},
		{"user", `"default" on >secret ~* +@all`, "write nopass"},
		{"user", "default\ton nopass ~* +@all -cluster", "write +cluster"},
		{"loadmodul", "/x.so", `did you mean "loadmodule"?`},
		{"module", "load /x.so", "unknown directive"},
	} {
		source := fmt.Sprintf("%scluster:\n  extra_directives: [mine, pidfile, dir]\n  config: {loadmodule: /m.so, %s: %q}\n", minimal, c.name, c.value)
		if c.name == "loadmodule" {
			source = strings.Replace(source, "loadmodule: /m.so, ", "", 1)
		}
		_, err := Scenario("f.yaml", []byte(source), fakeCatalog(), nil)
		var invalid *document.Invalid
		if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || !strings.Contains(err.Error(), c.want) || invalid.Problems[0].Line != 5 {
			t.Errorf("%s %s: %v, want one problem: … %s …", c.name, c.value, err, c.want)
		}
	}
}

func TestHarmlessDirectives(t *testing.T) {
	for name, value := range map[string]string{
		"dbfilename": "data.rdb", "appendfilename": `data.aof`, "appenddirname": "aof", "oom-score-adj-values": "0 200 800", "mine": `"a b"`,
		"loadmodule": `"/usr/lib/my module.so" ARG /etc/x`, "search-default-dialect": "2", "proc-title-template": "{title} {listen-addr}/x", "save": "",
	} {
		source := fmt.Sprintf("%scluster:\n  extra_directives: mine\n  config: {%s: %q}\n", minimal, name, value)
		s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), nil)
		if err != nil || s.Cluster.Config.Value(name) != value {
			t.Errorf("%s %s: %v", name, value, err)
			continue
		}
		checkRoundTrip(t, s)
	}
}
