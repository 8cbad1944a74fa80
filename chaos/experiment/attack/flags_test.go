//go:build linux

package attack

import (
	"strings"
	"testing"
)

// What --set must refuse, of a scenario that is valid without it.
func hostileSets() map[string]string {
	repeat := strings.Repeat
	return map[string]string{
		"nothing": "", "no path": "=1", "no value": "duration", "an empty value": "duration=", "only dots": "...=1",
		"not UTF-8 in the value": "description=\xff\xfe", "not UTF-8 in the path": "clus\xffter.masters=3", "not UTF-8 in a directive": "cluster.config.maxmemory=\xc3\x28",
		"a carriage return": "cluster.config.maxmemory=1mb\rport 1", "the end of a line": "cluster.config.maxmemory=1mb\nport 1",
		"the end of a line in a directive": "cluster.config.maxmemory 1mb\nport=1",
		"an ANSI sequence in the path":     "\x1b[31mduration=1s", "an ANSI sequence in the value": "name=\x1b]0;x\x07",
		"an index below 0": "workloads[-1].rate=1", "an index beyond 64 bits": "workloads[99999999999999999999].rate=1", "an index that is there not": "workloads[7].rate=1",
		"an index of text": "workloads[x].rate=1", "an index that is not closed": "workloads[0.rate=1", "30,000 indexes": "workloads" + repeat("[0]", 30_000) + "=1",
		"30,000 keys": repeat("a.", 30_000) + "a=1", "30,000 brackets": "cluster=" + repeat("[", 30_000), "30,000 braces": "cluster=" + repeat("{a: ", 30_000),
		"a list for a name": "name=[a, b]", "a mapping for a duration": "duration={a: 1s}", "an anchor": "cluster={masters: &a 3, replicas: *a}", "a tag": "cluster={masters: !!int 3}",
		"a second document":             "cluster={masters: 3}\n---\nname: y",
		"a name that leaves the folder": "name=../../x", "NaN": "workloads[0].rate=NaN", "a huge number": "workloads[0].rate=1e308", "a number below 0": "workloads[0].clients=-1",
		"pidfile": "cluster.config.pidfile=/etc/passwd", "a name server with a zone": "cluster.dns=[fe80::1%eth0]", "a directive that is not known": "cluster.config.no-such-directive=1",
		"an expectation of nothing": "expect.=1", "an expectation of NaN": "expect.lost_ratio=NaN", "all workloads gone": "workloads=orders",
		"a key of a scalar": "name.x=1", "a value of 100,000 characters": "name=" + repeat("x", 100_000),
	}
}

func TestHostileSets(t *testing.T) {
	scenario := file(t, "s.yaml", begin+"workloads: [{name: orders}]\n")
	for name, set := range hostileSets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, prepare(t, "validate", scenario, "--set", set).limited(), "--set ")
		})
	}
}

// Flags that make no sense are bad usage, and nothing is made.
func TestHostileFlags(t *testing.T) {
	scenario := file(t, "s.yaml", begin+"workloads: [{name: orders}]\n")
	plain := file(t, "plain", "")
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"--out is a file":               {"--out", plain},
		"--out is below a file":         {"--out", plain + "/runs"},
		"--out is a device":             {"--out", "/dev/null"},
		"--out of 5,000 characters":     {"--out", dir + "/" + strings.Repeat("x", 5000)},
		"--port below 0":                {"--port", "-1"},
		"--port too high":               {"--port", "65536"},
		"--port of text":                {"--port", "http"},
		"--port beyond 64 bits":         {"--port", "99999999999999999999"},
		"--runtime unknown":             {"--runtime", "\x1b[31mpodman"},
		"--redis-server is a folder":    {"--redis-server", dir},
		"--redis-server is not there":   {"--redis-server", dir + "/none"},
		"--redis-server is no program":  {"--redis-server", plain},
		"--image with the end of line":  {"--image", "redis:7\n    privileged: true"},
		"--image with an ANSI sequence": {"--image", "redis\x1b[31m:7"},
		"an unknown flag":               {"--\x1b[31mx"},
		"a flag without its value":      {"--out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, prepareRun(t, "local", scenario, args...), "") // a flag that is given twice counts once: the last
		})
	}
}
