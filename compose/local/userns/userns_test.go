package userns

import (
	"strings"
	"testing"
	"testing/fstest"
)

// machine is what /proc says, by file.
func machine(files map[string]string) fstest.MapFS {
	proc := fstest.MapFS{}
	for name, text := range files {
		proc[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return proc
}

func TestObstacle(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"sys/user/max_user_namespaces", "96365\n", ""},
		{"sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces is 0"},
		{"sys/user/max_net_namespaces", "0\n", "user.max_net_namespaces is 0"},
		{"sys/kernel/unprivileged_userns_clone", "1\n", ""},
		{"sys/kernel/unprivileged_userns_clone", "0\n", "sudo sysctl kernel.unprivileged_userns_clone=1"},
		{"sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "an AppArmor profile"},
		{"self/status", "Name:\tchaos\nSeccomp:\t0\n", ""},
		{"self/status", "Name:\tchaos\nSeccomp:\t2\n", "seccomp"},
	} {
		got := obstacle(machine(map[string]string{c.file: c.text}))
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s is %q: %q, want %q", c.file, c.text, got, c.want)
		}
	}
}

func TestInside(t *testing.T) {
	for ids, want := range map[string]bool{
		"         0          0 4294967295\n": false,
		"         0       1000          1\n": true,
	} {
		if got := inside(machine(map[string]string{"self/uid_map": ids})); got != want {
			t.Errorf("%q: %t", ids, got)
		}
	}
	if inside(machine(nil)) {
		t.Error("without user namespaces, it is in one")
	}
}
