package local

import (
	"fmt"
	"runtime"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/cgroup"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/local/userns"
	"github.com/redis-chaos/redis-chaos/compose/timeshift"
)

// Mode is what the user may do on this machine.
type Mode string

// The modes.
const (
	Unprivileged Mode = "unprivileged" // processes on 127.0.0.1
	Isolated     Mode = "isolated"     // a network namespace a node
)

// DetectMode is Isolated where network namespaces can be made, which it finds
// out by making one.
func DetectMode() Mode {
	if networks.Try() == nil {
		return Isolated
	}
	return Unprivileged
}

// words are the mode as reports have it.
func (m Mode) words() string {
	if m == Isolated && userns.Inside() {
		return "isolated mode, in a user namespace"
	}
	return string(m) + " mode"
}

// Lacks says why nodes in this mode cannot do something, and "" of what they can.
func (m Mode) Lacks(a compose.Ability) string {
	switch {
	case m == Unprivileged && (a == compose.Networking || a == compose.Shaping):
		lacks := "local processes without network namespaces share 127.0.0.1, and have no networks of their own; "
		if why := userns.Obstacle(); why != "" {
			lacks += why + "; "
		}
		return lacks + "run as root on Linux, or with Docker"
	case a == compose.Seeing && runtime.GOOS != "linux":
		return "what a process has is changed by system calls of Linux; run there, or with Docker"
	case a == compose.LimitingMemory:
		return cgroup.Lacks()
	case a == compose.Timeshifting:
		return timeshift.Lacks()
	case a == compose.Naming:
		return "local processes have the name servers of this machine; run with Docker (--runtime docker)"
	}
	return ""
}

// offline is the error of asking an unprivileged node to leave or join a network.
func offline(n compose.Network) error {
	return fmt.Errorf("the %s network: %s", n, Unprivileged.Lacks(compose.Networking))
}
