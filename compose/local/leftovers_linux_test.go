package local

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

func isolationLeftovers(t *testing.T, runID string) []string {
	t.Helper()
	left, err := filepath.Glob("/run/netns/" + runID + "-*")
	if err != nil {
		t.Fatal(err)
	}
	for _, network := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if _, err := net.InterfaceByName(hostInterface(runID, network)); err == nil {
			left = append(left, "interface "+hostInterface(runID, network))
		}
	}
	return left
}
