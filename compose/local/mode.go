package local

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
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

// Lacks says why nodes in this mode cannot do something, and "" of what they can.
func (m Mode) Lacks(a compose.Ability) string {
	switch {
	case m == Unprivileged && a == compose.Networking:
		return "local processes without network namespaces share 127.0.0.1; run as root on Linux, or with Docker"
	case m == Unprivileged && a == compose.Shaping:
		return "local processes without network namespaces have no packets of their own; run as root on Linux, with --runtime local"
	case a == compose.Naming:
		return "local processes have the name servers of this machine; run with Docker (--runtime docker)"
	}
	return ""
}

// offline is the error of asking an unprivileged node to leave or join a network.
func offline(n compose.Network) error {
	return fmt.Errorf("the %s network: %s", n, Unprivileged.Lacks(compose.Networking))
}
