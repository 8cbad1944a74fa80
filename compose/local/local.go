// Package local runs a Redis Cluster as plain redis-server processes of this
// machine, without a container engine.
//
// There are two modes. Unprivileged, the nodes share 127.0.0.1 and differ by
// port. Isolated, each node has a network namespace of its own, on the same two
// networks as with Docker, so that it can be taken off either.
//
// Whatever is made on the machine is noted in a journal before it is made, and
// the journal is locked for as long as its run lives. What a run that was killed
// has left behind can so be told from what is in use, and RemoveStale removes it.
package local

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
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
	if tryIsolation() == nil {
		return Isolated
	}
	return Unprivileged
}

// Lacks says why nodes in this mode cannot do something, and "" of what they can.
func (m Mode) Lacks(a compose.Ability) string {
	switch {
	case m == Unprivileged && a == compose.Networking:
		return "local processes without network namespaces share 127.0.0.1; run as root on Linux, or with Docker"
	case a == compose.Naming:
		return "local processes have the name servers of this machine; run with Docker (--runtime docker)"
	}
	return ""
}

// offline is the error of asking an unprivileged node to leave or join a network.
func offline(n compose.Network) error {
	return fmt.Errorf("the %s network: %s", n, Unprivileged.Lacks(compose.Networking))
}
