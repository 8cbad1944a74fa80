// Package userns runs this program again as the root of namespaces of its own: of users, networks and mounts.
// There, who is not root can make network namespaces, bridges and rules for packets, wherever the kernel lets
// users do so. Files stay the user's. The processes in there end with this one, and the namespaces with them.
package userns

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Command is the first argument of the program when it runs in there; the second one is the folder that is to
// be at the place of root's journals, and the others are those of a command.
const Command = "in-namespaces"

// ready is what the program says once its namespaces are set up.
const ready = "ready"

// Inside tells whether this process is in a user namespace that does not have all users.
func Inside() bool { return inside(os.DirFS("/proc")) }

func inside(proc fs.FS) bool {
	// Inside, outside, and how many: https://man7.org/linux/man-pages/man7/user_namespaces.7.html
	const all = "0 0 4294967295"
	ids, err := fs.ReadFile(proc, "self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(ids)), " ") != all
}

// Obstacle is the setting of this machine by which users cannot make such namespaces, with what would allow it;
// "" if none is known.
func Obstacle() string { return obstacle(os.DirFS("/proc")) }

func obstacle(proc fs.FS) string {
	for _, s := range []struct{ file, forbids, remedy string }{
		// Debian's, and Arch's: https://lwn.net/Articles/673597
		{"sys/kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"},
		{"sys/user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000"},
		{"sys/user/max_net_namespaces", "0", "sudo sysctl user.max_net_namespaces=10000"},
		{"sys/user/max_mnt_namespaces", "0", "sudo sysctl user.max_mnt_namespaces=10000"},
		// Ubuntu's: https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces
		{"sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile of this program that has `userns,`"},
	} {
		value, err := fs.ReadFile(proc, s.file)
		if err == nil && strings.TrimSpace(string(value)) == s.forbids {
			setting := strings.ReplaceAll(strings.TrimPrefix(s.file, "sys/"), "/", ".")
			return fmt.Sprintf("users cannot make any here, as %s is %s (%s)", setting, s.forbids, s.remedy)
		}
	}
	status, err := fs.ReadFile(proc, "self/status")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(status)) {
		const filtered = "2"
		if mode, ok := strings.CutPrefix(line, "Seccomp:"); ok && strings.TrimSpace(mode) == filtered {
			return "a filter of system calls (seccomp), as containers have one, may keep users from making any here (docker run --security-opt seccomp=unconfined)"
		}
	}
	return ""
}
