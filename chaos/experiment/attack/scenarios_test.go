//go:build linux

package attack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// begin is a scenario that is valid so far; what is hostile comes behind it.
const begin = "name: test-hostile\nduration: 1s\n"

// hostileScenarios are files that are no scenarios, or must not be run. want is a part of
// what is said: the place, at least.
func hostileScenarios() []struct{ name, text, want string } {
	repeat := strings.Repeat
	config := func(line string) string { return begin + "cluster:\n  config:\n    " + line + "\n" }
	workload := func(line string) string { return begin + "workloads:\n  - {name: orders, " + line + "}\n" }
	fault := func(line string) string { return begin + "faults:\n  - " + line + "\n" }
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	return []struct{ name, text, want string }{
		{"nothing", "", "1:1: "},
		{"white space", " \n\t\n  \n", "s.yaml:"},
		{"a comment", "# name: x\n", "1:1: "},
		{"zero bytes", repeat("\x00", 1000), "s.yaml:"},
		{"not UTF-8", "name: \xff\xfe\nduration: 1s\n", "s.yaml:1:"},
		{"UTF-16", "\xff\xfen\x00a\x00m\x00e\x00:\x00 \x00x\x00\n\x00", "s.yaml:1:"},
		{"an ELF file", "\x7fELF\x02\x01\x01" + repeat("\x00\x01\xfe", 100), "s.yaml:"},
		{"a scalar", "redis", "1:1: "},
		{"a list", "[1, 2]", "1:1: "},
		{"two documents", begin + "---\n" + begin, "s.yaml:"},
		{"a tag", "!!python/object/apply:os.system [ls]\n", "s.yaml:1:"},
		{"aliases that expand to a billion", bomb + begin, "s.yaml:1:"},
		{"an alias of itself", begin + "cluster: &a\n  config: *a\n", "s.yaml:"},
		{"a merge", begin + "base: &b {masters: 3}\ncluster:\n  <<: *b\n", "s.yaml:"},
		{"30,000 brackets", begin + "cluster: " + repeat("[", 30_000), "s.yaml:"},
		{"30,000 brackets in a name", "name: " + repeat("[", 30_000) + "\nduration: 1s\n", "s.yaml:"},
		{"30,000 pairs of brackets", begin + "cluster: " + repeat("[", 30_000) + repeat("]", 30_000), "s.yaml:"},
		{"30,000 braces", begin + "cluster: " + repeat("{a: ", 30_000), "s.yaml:"},
		{"10,000 keys in each other", begin + "cluster: " + repeat("{a: ", 10_000) + "1" + repeat("}", 10_000), "s.yaml:"},
		{"blocks in each other", begin + nested(300), "s.yaml:"},
		{"60,000 dashes", begin + "faults: " + repeat("- ", 60_000), "s.yaml:"},
		{"60,000 quotes", begin + "description: " + repeat("'", 60_001), "s.yaml:"},
		{"60,000 colons", begin + "description: " + repeat("a: ", 40_000), "s.yaml:"},
		{"60,000 question marks", begin + repeat("? ", 60_000), "s.yaml:"},
		{"60,000 ampersands", begin + repeat("&", 60_000), "s.yaml:"},
		{"60,000 keys", begin + repeat("a:\n", 40_000), "s.yaml:"},
		{"100,000 spaces", begin + "cluster:\n" + repeat(" ", 100_000) + "masters: 3\n  replicas: 1\n", "s.yaml:"},
		{"tabs", begin + "cluster:\n\tmasters: 3\n", "s.yaml:"},
		{"a name of 100,000 characters", "name: " + repeat("a", 100_000) + "\nduration: 1s\n", "s.yaml:1:7: "},
		{"a key twice", begin + "duration: 2s\n", "s.yaml:3:1: "},
		{"a key twice, further down", begin + "cluster: {masters: 3, masters: 4}\n", "s.yaml:3:"},

		{"a name that leaves the folder", "name: ../../etc/cron.d/x\nduration: 1s\n", "s.yaml:1:7: "},
		{"a name that is a folder", "name: ..\nduration: 1s\n", "s.yaml:1:7: "},
		{"an absolute name", "name: /etc/passwd\nduration: 1s\n", "s.yaml:1:7: "},
		{"a name of a flag", "name: --privileged\nduration: 1s\n", "s.yaml:1:7: "},
		{"a name with an ANSI sequence", "name: \"x\\e[2J\"\nduration: 1s\n", "s.yaml:1:7: "},
		{"a name with a raw ANSI sequence", "name: x\x1b[2J\nduration: 1s\n", "s.yaml:1:"},
		{"a name with the end of a line", "name: \"x\\nprivileged: true\"\nduration: 1s\n", "s.yaml:1:7: "},
		{"a name with a zero byte", "name: \"x\\0\"\nduration: 1s\n", "s.yaml:1:7: "},
		{"the name latest", "name: latest/x\nduration: 1s\n", "s.yaml:1:7: "},
		{"a workload with a path for a name", begin + "workloads: [{name: ../../x}]\n", "s.yaml:3:"},
		{"a workload with a name of two lines", begin + "workloads: [{name: \"a\\nb\"}]\n", "s.yaml:3:"},
		{"a workload with an ANSI name", begin + "workloads: [{name: \"\\e]0;x\\a\"}]\n", "s.yaml:3:"},
		{"an unknown key with an ANSI sequence", begin + "\"\\e[31mx\": 1\n", "s.yaml:3:1: "},
		{"an unknown directive with an ANSI sequence", config("\"\\e[31mx\": 1"), "s.yaml:5:"},

		{"a duration below 0", "name: x\nduration: -1s\n", "s.yaml:2:11: "},
		{"a duration of nothing", "name: x\nduration: 0s\n", "s.yaml:2:11: "},
		{"a duration of centuries", "name: x\nduration: 99999999h\n", "s.yaml:2:11: "},
		{"a duration of NaN", "name: x\nduration: NaNs\n", "s.yaml:2:11: "},
		{"a duration of 1e300", "name: x\nduration: 1e300h\n", "s.yaml:2:11: "},
		{"masters beyond 64 bits", begin + "cluster: {masters: 99999999999999999999999}\n", "s.yaml:3:20: "},
		{"masters below 0", begin + "cluster: {masters: -3}\n", "s.yaml:3:20: "},
		{"masters of NaN", begin + "cluster: {masters: .nan}\n", "s.yaml:3:20: "},
		{"masters of infinity", begin + "cluster: {masters: .inf}\n", "s.yaml:3:20: "},
		{"masters in octal", begin + "cluster: {masters: 0o7777777}\n", "s.yaml:3:20: "},
		{"a rate below 0", workload("rate: -1"), "s.yaml:4:"},
		{"a rate of NaN", workload("rate: .nan"), "s.yaml:4:"},
		{"a rate of 1e308", workload("rate: 1e308"), "s.yaml:4:"},
		{"a rate beyond 64 bits", workload("rate: 99999999999999999999999"), "s.yaml:4:"},
		{"clients below 0", workload("clients: -1"), "s.yaml:4:"},
		{"2 billion clients", workload("clients: 2000000000"), "s.yaml:4:"},
		{"keys below 0", workload("keys: -1"), "s.yaml:4:"},
		{"a billion billion keys", workload("keys: 1000000000000000000"), "s.yaml:4:"},
		{"values of an exabyte", workload("value_size: 1024PB"), "s.yaml:4:"},
		{"values that take more memory than there is", workload("clients: 1000, value_size: 512MB"), "s.yaml: "},
		{"values of less than nothing", workload("value_size: -64B"), "s.yaml:4:"},
		{"a range that goes down", workload("value_size: 64KB-64B"), "s.yaml:4:"},
		{"a pipeline of a billion", workload("pipeline: 1000000000"), "s.yaml:4:"},
		{"rates over no time", workload("rate: {from: 1, to: 2, over: 0s}"), "s.yaml:4:"},
		{"a read ratio of NaN", workload("type: register, read_ratio: .nan"), "s.yaml:4:"},
		{"a seed of text", begin + "seed: \"$(id)\"\n", "s.yaml:3:"},
		{"an expectation of NaN", workload("type: set") + "expect: {lost_ratio: NaN}\n", "s.yaml:5:"},
		{"an expectation below 0", workload("type: set") + "expect: {lost_writes: \">= -1\"}\n", "s.yaml:5:"},
		{"probes without pause", begin + "observe: {probes: 0s}\n", "s.yaml:3:"},
		{"probes every nanosecond", begin + "observe: {probes: 1ns}\n", "s.yaml:3:"},
		{"a recovery below 0", begin + "recovery_timeout: -1s\n", "s.yaml:3:"},

		{"a fault before the start", fault("{at: -1s, kill: {role: master, shard: 0}}"), "s.yaml:4:"},
		{"a fault in shard -1", fault("{at: 500ms, kill: {role: master, shard: -1}}"), "s.yaml:4:"},
		{"a fault on a node with a path for a name", fault("{at: 500ms, kill: {node: ../../../1}}"), "s.yaml:4:"},
		{"a signal that is a command", fault("{at: 500ms, kill: {node: redis-master-1, signal: \"KILL; id\"}}"), "s.yaml:4:"},
		{"signal 0", fault("{at: 500ms, kill: {node: redis-master-1, signal: \"0\"}}"), "s.yaml:4:"},
		{"two kinds in a fault", fault("{at: 500ms, kill: {node: redis-master-1}, pause: {node: redis-master-1}}"), "s.yaml:4:"},
		{"a network that is a command", fault("{at: 500ms, disconnect: {node: redis-master-1, network: \"host\"}}"), "s.yaml:4:"},

		{"a name server with a zone", begin + "cluster:\n  announce: hostname\n  dns: [\"fe80::1%eth0\"]\n", "s.yaml:5:"},
		{"a name server whose zone is YAML", begin + "cluster:\n  announce: hostname\n  dns: [\"fe80::1%x\\n    privileged: true\"]\n", "s.yaml:5:"},
		{"a name server whose zone closes a list", begin + "cluster:\n  announce: hostname\n  dns: [\"::1%], privileged: true, dns: [\"]\n", "s.yaml:5:"},
		{"a name server that is a name", begin + "cluster: {announce: hostname, dns: [example.org]}\n", "s.yaml:3:"},
		{"an image of two lines", begin + "cluster: {image: \"redis:7\\n    privileged: true\"}\n", "s.yaml:3:"},
		{"an image with a variable", begin + "cluster: {image: \"${HOME}\"}\n", "s.yaml:3:"},
		{"an image with an ANSI sequence", begin + "cluster: {image: \"redis\\e[31m:7\"}\n", "s.yaml:3:"},
		{"an announcement of something else", begin + "cluster: {announce: \"x\\ny\"}\n", "s.yaml:3:"},

		{"a directive with the end of a line", config(`maxmemory: "1mb\nport 1"`), "s.yaml:5:"},
		{"a directive with a carriage return", config(`maxmemory: "1mb\rport 1"`), "s.yaml:5:"},
		{"a directive with a zero byte", config(`maxmemory: "1\0mb"`), "s.yaml:5:"},
		{"a name of a directive with the end of a line", config(`"maxmemory 1mb\nport": 1`), "s.yaml:5:"},
		{"pidfile", config("pidfile: /etc/passwd"), "s.yaml:5:"},
		{"dir", config("dir: /etc"), "s.yaml:5:"},
		{"dbfilename", config("dbfilename: ../../etc/cron.d/x"), "s.yaml:5:"},
		{"appendfilename", config("appendfilename: ../x"), "s.yaml:5:"},
		{"appenddirname", config("appenddirname: /etc"), "s.yaml:5:"},
		{"logfile", config("logfile: /etc/passwd"), "s.yaml:5:"},
		{"unixsocket", config("unixsocket: /run/docker.sock"), "s.yaml:5:"},
		{"include", config("include: /etc/shadow"), "s.yaml:5:"},
		{"aclfile", config("aclfile: /etc/shadow"), "s.yaml:5:"},
		{"tls-key-file", config("tls-key-file: /etc/shadow"), "s.yaml:5:"},
		{"daemonize", config("daemonize: \"yes\""), "s.yaml:5:"},
		{"supervised", config("supervised: systemd"), "s.yaml:5:"},
		{"port", config("port: 1"), "s.yaml:5:"},
		{"bind", config("bind: 0.0.0.0"), "s.yaml:5:"},
		{"cluster-port", config("cluster-port: 22"), "s.yaml:5:"},
		{"cluster-config-file", config("cluster-config-file: /etc/passwd"), "s.yaml:5:"},
		{"replica-announce-ip", config("replica-announce-ip: 192.0.2.1"), "s.yaml:5:"},
		{"slave-announce-ip", config("slave-announce-ip: 192.0.2.1"), "s.yaml:5:"},
		{"slave-announce-port", config("slave-announce-port: 1"), "s.yaml:5:"},
		{"cluster-announce-ip", config("cluster-announce-ip: 192.0.2.1"), "s.yaml:5:"},
		{"replicaof", config("replicaof: 192.0.2.1 6379"), "s.yaml:5:"},
		{"slaveof", config("slaveof: 192.0.2.1 6379"), "s.yaml:5:"},
		{"requirepass", config("requirepass: x"), "s.yaml:5:"},
		{"rename-command of what is needed", config("rename-command: CLUSTER \"\""), "s.yaml:5:"},
		{"user default off", config("user: default off"), "s.yaml:5:"},
		{"enable-module-command", config("enable-module-command: \"yes\""), "s.yaml:5:"},
		{"a directive that there is none of", config("no-such-directive: 1"), "s.yaml:5:"},
	}
}

// nested is mappings in each other, as blocks.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

// A hostile scenario is refused within a bound, with its position, and nothing is made.
func TestHostileScenarios(t *testing.T) {
	for i, h := range hostileScenarios() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			path := file(t, "s.yaml", h.text)
			refused(t, prepare(t, "validate", path).limited(), h.want)
			if i%8 == 0 || long() {
				refused(t, prepareRun(t, "local", path).limited(), h.want)
			}
		})
	}
}

// refused checks that a start is bad usage, told with its place, and that nothing was made.
func refused(t *testing.T, p *program, want string) {
	t.Helper()
	p.run(t, bound)
	if p.code() != exitUsage || !strings.Contains(p.stderr.String(), want) {
		t.Errorf("%s\nwant exit %d and %q", p.told(), exitUsage, want)
	}
	if p.stdout.Len() > 0 {
		t.Errorf("it printed a result: %s", excerpt(p.stdout.String()))
	}
	// It may repeat what it was given on the command line, once.
	if n := p.stderr.Len(); n > 20_000+len(strings.Join(p.cmd.Args, " ")) {
		t.Errorf("what it says has %d bytes", n)
	}
	if _, err := os.Lstat(p.out); err == nil {
		t.Errorf("it made %s", p.out)
	}
	if made, err := os.ReadDir(p.cwd); err != nil || len(made) > 0 {
		t.Errorf("it made %v, %v", made, err)
	}
}

// What is no plain file, or a huge one, is refused as quickly.
func TestScenariosThatAreNoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo.yaml")
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge.yaml")
	if err := os.WriteFile(huge, []byte(begin), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 100<<20); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "socket.yaml")
	s, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(s)
	if err := syscall.Bind(s, &syscall.SockaddrUnix{Name: socket}); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop.yaml")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret.yaml")
	if err := os.WriteFile(secret, []byte("root:$6$salt$hash:19000:0:99999:7:::\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a FIFO": fifo, "zeros": "/dev/zero", "random": "/dev/urandom", "a folder": dir, "100 MB": huge, "a socket": socket, "a link to itself": loop,
		"a terminal of nobody": "/dev/tty", "nothing there": filepath.Join(dir, "none.yaml"), "below a file": huge + "/x.yaml", "no text": "/dev/null",
		"a long path": "/" + strings.Repeat("a/", 3000) + "x.yaml", "a path with an ANSI sequence": "/tmp/\x1b[2J\x07.yaml", "no path": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, prepare(t, "validate", path).limited(), "")
			if long() {
				refused(t, prepareRun(t, "local", path).limited(), "")
			}
		})
	}
}
