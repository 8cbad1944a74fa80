package workload

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// dialled is a cluster that counts the attempts to connect to one of its nodes.
type dialled struct {
	*testCluster
	addr  string
	dials atomic.Int64
}

func (d *dialled) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr == d.addr {
		d.dials.Add(1)
	}
	return d.testCluster.Dial(ctx, network, addr)
}

// TestRetriesAreDuplicates stops a master for long enough to have the library
// send writes again, and lets it go on before it gives up: the master applies
// these writes twice, and acks them.
func TestRetriesAreDuplicates(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for i, typ := range []string{"list", "stream", "counter", "list", "stream", "list"} {
		spec := scenarios.Workload{Name: "w", Type: typ, Clients: 8, Keys: 50, ValueSize: units.FixedSize(48), Client: impatient()}
		spec.Pipeline = []int{1, 1, 1, 1, 5, 5}[i]
		spec.Client.Autopipeline = i == 3 || i == 5
		spec.Client.MaxRedirects = ptr(1000)
		target := &dialled{testCluster: cluster, addr: cluster.addrs[1]}
		w, rec, end := cluster.beginAt(t, target, spec)
		eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 500 })
		must(t, cluster.procs[1].Signal(syscall.SIGSTOP))
		// More connections than a pool holds are made once answers to writes have not
		// come in time.
		made := target.dials.Load()
		eventually(t, "connections are given up", func() bool { return target.dials.Load() > made+2*int64(spec.Clients+4) })
		_, before, _, _ := w.Progress()
		must(t, cluster.procs[1].Signal(syscall.SIGCONT))
		eventually(t, "writes are acked again", func() bool { _, n, _, _ := w.Progress(); return n > before+500 })
		end()
		cluster.settle(t)
		must(t, w.Verify(t.Context()))

		var doubtful int64
		for c := range w.Clients {
			for n := range w.Clients[c].Writes.Len() {
				if o, _ := w.Clients[c].Writes.At(n); o == history.AckedInDoubt {
					doubtful++
				}
			}
		}
		got := only[*record.Verified](t, rec)
		if doubtful == 0 || *got.Duplicated < doubtful || got.Lost+got.Foreign+got.Unverified != 0 {
			t.Errorf("%s: %d writes were sent again before they were acked; got %s", typ, doubtful, describe(got))
		}
		if got.OutOfOrder != nil && *got.OutOfOrder != 0 {
			t.Errorf("%s: nothing was out of order: %s", typ, describe(got))
		}
	}
}
