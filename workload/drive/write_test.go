package drive

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// An answer may get lost after the library has seen others of its pipeline: it sends
// all of them again. What was acked once and refused then may be applied.
func TestAckedThenRefused(t *testing.T) {
	w := Write{value: []byte("1.1")}
	w.Attempt()
	_, _ = w.MarshalBinary()
	w.Ended(&books.NodeAcks{}, nil, &books.AckedOnes{})
	w.Attempt()
	_, _ = w.MarshalBinary()
	w.Ended(&books.NodeAcks{}, errRefused{}, &books.AckedOnes{})
	if o, err := w.Outcome(errRefused{}); o != history.Indeterminate || err != (errRefused{}) {
		t.Errorf("got %v, %v", o, err)
	}
}

// errRefused is an error reply.
type errRefused struct{}

func (errRefused) Error() string { return "CLUSTERDOWN The cluster is down" }
func (errRefused) RedisError()   {}
