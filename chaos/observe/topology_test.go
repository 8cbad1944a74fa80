package observe

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// A node that is frozen keeps nobody waiting who asks for the topology: a fault that comes while another one is in force
// is not late by that.
func TestTopologyBesideAFrozenNode(t *testing.T) {
	c, err := local.Deploy(t.Context(), local.Options{
		RunID: fmt.Sprintf("test-topology-%d", time.Now().UnixNano()), Masters: 3, Mode: local.Unprivileged, FirstPort: 23100, Dir: filepath.Join(t.TempDir(), "run"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	frozen := c.Nodes()[0].Name
	if err := c.Pause(t.Context(), frozen); err != nil {
		t.Fatal(err)
	}
	quickest := compose.ViewPatience
	for range 10 { // on a busy machine the others are slow to answer at times
		began := time.Now()
		topology, err := CurrentTopology(t.Context(), c, slots.Equal(3))
		if err != nil {
			t.Fatal(err)
		}
		if len(topology) != 3 || topology[0].Node != frozen || topology[0].Shard != 0 || !topology[0].Master {
			t.Errorf("%+v", topology)
		}
		quickest = min(quickest, time.Since(began))
	}
	if quickest >= compose.ViewPatience/2 {
		t.Errorf("it took %s at the least", quickest)
	}
	t.Logf("%s at the least", quickest)
}
