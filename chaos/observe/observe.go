// Package observe is what is seen of a cluster during a run: by probes, by what every node says of
// itself and of the others, by their logs, and by the runtime. It records that, and does nothing to the cluster.
package observe

import (
	"context"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Options say what is observed, and how.
type Options struct {
	Cluster compose.Cluster
	Record  *record.Record
	RunID   string // begins the keys that probes write to
	Layout  slots.Layout
	// Probes and Topology are the time between two probes of a node, and between two questions
	// for its view.
	Probes, Topology time.Duration
	// LogDir receives every node's log.
	LogDir string
}

// Observation is a cluster under observation.
type Observation struct {
	*Events
	Options
	views   *views
	running sync.WaitGroup
	stop    context.CancelFunc
}

// Begin begins to observe, and goes on whatever becomes of ctx, until End.
func Begin(ctx context.Context, opts Options) (*Observation, error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	o := &Observation{Options: opts, stop: stop}
	clock := measureClock(ctx, o.Cluster, o.Record)
	nodes := o.Cluster.Nodes()
	happenings, err := o.Cluster.Watch(ctx)
	if err != nil {
		stop()
		return nil, err
	}
	o.Events = newEvents(o.Record, clock, nodes)
	o.running.Go(func() { o.Events.run(ctx, happenings) })
	who := newIdentities(nodes)
	logs := &logFollower{cluster: o.Cluster, rec: o.Record, clock: clock, who: who, dir: o.LogDir}
	o.running.Go(func() { logs.run(ctx) })
	o.views = newViews(nodes, who, o.Record, Shards(nodes, o.Layout), o.Layout, o.Topology)
	all := append(o.views.questions(), probes(nodes, o.Record, o.RunID, o.Layout, o.Probes, o.views.place)...)
	poll := newPoller(o.Cluster, o.Record, min(o.Probes, o.Topology), all)
	o.running.Go(func() { poll.run(ctx) })
	return o, nil
}

// Missing says what the cluster lacks to be whole by what was asked after since (ms), compared with what each
// shard had when the observation began; "" is whole.
func (o *Observation) Missing(since record.Millis) string { return o.views.missing(since) }

// Behind is how many bytes of the replication stream the replica of a shard that lacks most is behind its
// master, or that of any shard; not ok if no master is known to have one.
func (o *Observation) Behind(shard *int) (bytes int64, ok bool) { return o.views.behind(shard) }

// Count has every node asked for its counters with the next question, and tells when all that
// answer have told them.
func (o *Observation) Count() (done func() bool) { return o.views.count() }

func (o *Observation) halt() {
	o.stop()
	o.running.Wait()
}

// End ends the observation, once all that was logged by now is recorded, and compares the runtime's clock
// with this machine's again.
func (o *Observation) End(ctx context.Context) {
	o.halt()
	measureClock(context.WithoutCancel(ctx), o.Cluster, o.Record)
}
