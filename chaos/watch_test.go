package chaos

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// A runtime that stops telling before the end of the run is noted; one that is told to
// stop is not.
func TestAnEndOfHappeningsIsNoted(t *testing.T) {
	for name, over := range map[string]bool{"in the middle": false, "at the end": true} {
		rec := record.New(record.NewClock(), io.Discard)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if over {
			cancel()
		}
		happenings := make(chan compose.Happening)
		close(happenings)
		newWatcher(rec, runtimeClock{}).run(ctx, happenings)
		noted := false
		for _, e := range rec.Events() {
			n, ok := e.Data.(*record.Note)
			noted = noted || ok && strings.HasPrefix(n.Text, "The runtime stopped telling what happens to the nodes ")
		}
		if noted == over {
			t.Errorf("%s: noted: %v", name, noted)
		}
	}
}
