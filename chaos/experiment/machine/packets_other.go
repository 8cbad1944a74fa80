//go:build !linux

package machine

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose/doctor"
)

// lookAtPackets tells that it takes Linux.
func lookAtPackets(context.Context) []doctor.Finding {
	return []doctor.Finding{lacking("packets", "this machine", "nftables, netfilter queues and qdiscs are Linux's", "with Docker, a helper container does it")}
}
