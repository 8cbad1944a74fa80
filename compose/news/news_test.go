package news

import (
	"strconv"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// A happening is neither lost nor late for a watcher that is slow.
func TestSlowWatcherMissesNothing(t *testing.T) {
	n := New()
	happenings := n.Watch(t.Context())
	const many = 10000
	for i := range many {
		n.Publish(compose.Happening{Exit: strconv.Itoa(i)})
	}
	for i := range many {
		if h := <-happenings; h.Exit != strconv.Itoa(i) {
			t.Fatalf("happening %d is %q", i, h.Exit)
		}
	}
}
