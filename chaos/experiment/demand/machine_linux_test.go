package demand

import (
	"math"
	"testing"
	"testing/fstest"
)

func TestReadMachine(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	const meminfo = "MemTotal:  24684032 kB\nMemFree:  100 kB\nMemAvailable:   2048 kB\n"
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  Machine
	}{
		"no /proc": {fstest.MapFS{}, unlimited()},
		"no group": {fstest.MapFS{"proc/meminfo": file(meminfo), "proc/self/cgroup": file("")}, Machine{2 * mib, math.Inf(1)}},
		"version 2, a limit above": {fstest.MapFS{
			"proc/meminfo": file(meminfo), "proc/self/cgroup": file("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max": file("max\n"), "sys/fs/cgroup/a/b/memory.current": file("100\n"),
			"sys/fs/cgroup/a/memory.max": file("1000\n"), "sys/fs/cgroup/a/memory.current": file("400\n"),
			"sys/fs/cgroup/a/memory.stat": file("anon 5\ninactive_file 150\n"),
		}, Machine{2 * mib, 750}},
		"version 1, in a container": {fstest.MapFS{
			"proc/meminfo": file(meminfo), "proc/self/cgroup": file("5:cpu,memory:/docker/abc\n1:name=systemd:/\n0::/\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("1000\n"), "sys/fs/cgroup/memory/memory.usage_in_bytes": file("400\n"),
			"sys/fs/cgroup/memory/memory.stat": file("inactive_file 1\ntotal_inactive_file 50\n"),
		}, Machine{2 * mib, 650}},
		"version 1, none": {fstest.MapFS{
			"proc/self/cgroup":                           file("4:memory:/\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"), "sys/fs/cgroup/memory/memory.usage_in_bytes": file("0\n"),
		}, Machine{math.Inf(1), 9223372036854771712}},
		"nonsense": {fstest.MapFS{
			"proc/meminfo": file("MemAvailable: lots kB\nMemAvailable:\n"), "proc/self/cgroup": file("x\n0::/../..\n4:memory\n"),
			"sys/fs/cgroup/memory.max": file(""), "sys/fs/cgroup/memory.current": file("-1"),
		}, unlimited()},
		"used up": {fstest.MapFS{
			"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("10"), "sys/fs/cgroup/memory.current": file("11"),
		}, Machine{math.Inf(1), 0}},
	} {
		if got := readMachine(c.files); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if m := ThisMachine(); m.Available < 1*mib || m.Allowed <= 0 {
		t.Errorf("this machine: %+v", m)
	}
}

func TestBusySeconds(t *testing.T) {
	for text, want := range map[string]float64{
		"cpu  100 20 300 9000 50 6 7 8 90 10\ncpu0 1 2 3\n": 4.41,
		"":                             -1,
		"cpu 1 2 3\n":                  -1,
		"cpu a 20 300 9000 50 6 7 8\n": -1,
		"intr 1 2 3 4 5 6 7 8\n":       -1,
	} {
		got, ok := busySeconds(fstest.MapFS{"proc/stat": &fstest.MapFile{Data: []byte(text)}})
		if ok != (want >= 0) || ok && math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	if _, ok := busySeconds(fstest.MapFS{}); ok {
		t.Error("known without /proc")
	}
}
