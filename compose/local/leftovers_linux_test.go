package local

import (
	"path/filepath"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/local/networks"
)

func isolationLeftovers(t *testing.T, runID string) []string {
	t.Helper()
	left, err := filepath.Glob("/run/netns/" + runID + "-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := networks.InTheWay(runID, nil); err != nil {
		left = append(left, err.Error())
	}
	return left
}
