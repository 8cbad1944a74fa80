package drive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/drive/pace"
)

// DrainTime bounds the wait for writes in flight when a workload ends.
const DrainTime = 5 * time.Second

// savePace is how often latencies are recorded.
const savePace = time.Second

// Run writes for a duration, counted from the moment at which the cluster has
// been reached, or until ctx is cancelled, whichever is first; if the scenario has
// the workload start later or stop earlier, from and until then. Then it waits
// for writes in flight, as long as the client's own timeouts have them wait
// but at most 5 s, and appends record.Acks and record.WorkloadDone. The only
// error is that the client cannot reach the cluster in the beginning; a
// cancelled ctx is none. A workload runs once.
func (load *Load) Run(ctx context.Context, until time.Duration, of Driver) error {
	client, err := load.Open()
	if err != nil {
		return fmt.Errorf("workload %s: %w", load.Spec.Name, err)
	}
	defer client.Close()
	if err := client.Reach(ctx); err != nil {
		return fmt.Errorf("workload %s: the client cannot reach the cluster: %w", load.Spec.Name, err)
	}
	options := load.Settings(ctx, client)

	if r, ok := of.(Receiving); ok {
		leave, err := r.StartReceivers(ctx, load)
		if err != nil {
			return fmt.Errorf("workload %s: %w", load.Spec.Name, err)
		}
		defer leave()
	}

	// Writes in flight survive a cancelled ctx, and end when sending does.
	sending, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	if stop := load.Spec.Stop.D(); stop > 0 {
		until = min(until, stop)
	}
	began := load.Rec.Now()
	end := began + record.InMillis(until-time.Microsecond) // what is due at the end is not sent, however times are rounded
	alarm.Sleep(ctx, load.Spec.Start.D())
	// However late this goroutine goes on, what was due by then is due.
	start := min(load.Rec.Now(), began+record.InMillis(load.Spec.Start.D()))
	s := &Session{client: client, pace: pace.New(load.Spec.Rate), start: start, End: max(start, end), options: options}
	var fresh Freshness
	if k, reads := of.(ReadJudge); reads && load.Spec.ReadRatio() > 0 {
		fresh = k.Freshness(len(load.Keys))
	}
	s.reads = newReadBook(load, client, fresh)
	load.keyArgs = arguments(load.Keys)
	for _, p := range load.parts {
		p.keyArgs = arguments(p.Keys)
		s.parts = append(s.parts, s.reads.part(p.Load, p.fresh))
	}
	sender, _ := of.(Sender)
	lanes := load.openLanes(ctx, sending, s, sender)
	latencies := books.NewLatencies(load.Rec, load.Spec.Name, load.ledgers(), s.reads.writes(s.pace), s.start, s.End)
	var clients sync.WaitGroup
	for i := range load.Clients {
		clients.Go(func() { of.Drive(ctx, sending, load, s, &load.Clients[i]) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		clients.Wait()
		lanes.close()
	}()

	over := time.NewTimer((s.End - start).D())
	defer over.Stop()
	save := time.NewTicker(savePace)
	defer save.Stop()
	for going := true; going; {
		select {
		case <-save.C:
			latencies.Save(load.Rec.Now())
			continue
		case <-done:
		case <-over.C:
		case <-ctx.Done():
		}
		going = false
	}
	stopped := min(load.Rec.Now(), s.End)
	drain := time.NewTimer(DrainTime)
	defer drain.Stop()
	select {
	case <-done:
	case <-drain.C:
		abort()
		client.Abort()
		<-done
	}
	load.acks.Save()
	latencies.Finish(stopped, load.Rec.Now())
	load.Rec.Add(load.result(s, stopped, latencies))
	return nil
}

// Save records what has been acked so far, and who keeps all clients waiting, as parts of
// what goes on. What it recorded last is what a crash of this program leaves. It may be
// called at any time from any goroutine.
func (load *Load) Save() {
	load.acks.Save()
	load.occupation.Save()
}

// arguments are keys as arguments of commands.
func arguments(keys []string) []any {
	all := make([]any, len(keys))
	for i, key := range keys {
		all[i] = key
	}
	return all
}

// Open makes the client that the load goes through.
func (load *Load) Open() (ClusterClient, error) {
	o := ClientOptions{
		Target: load.Target, Scenario: load.Spec.Client.Effective(), Concurrent: load.Spec.Clients,
		Node: func(addr string) *books.NodeAcks { return load.acks.Node(NodeName(load.Target, addr)) },
	}
	if load.Spec.ReadRatio() > 0 {
		o.ReadFrom = load.Spec.ReadsFrom()
	}
	client, err := load.Library.Open(o)
	if err != nil {
		return nil, err
	}
	_, pipelines := client.(Pipeliner)
	_, reads := client.(Getter)
	switch {
	case !pipelines && (load.Spec.Pipeline > 1 || load.Spec.Client.Autopipeline):
		err = errors.New("this client library makes no pipelines; leave out pipeline and autopipeline, or take another library")
	case !reads && load.Spec.ReadRatio() > 0:
		err = errors.New("this client library does not say who answers its reads; leave out read_ratio, or take another library")
	}
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// Settings is what the library has made of the options that were given; nil if it does not
// say.
func (load *Load) Settings(ctx context.Context, client ClusterClient) *record.ClientSettings {
	settings, given := client.Settings(ctx), load.Spec.Client
	if settings != nil {
		settings.Preset = cmp.Or(given.Preset, scenarios.PresetDefault)
		settings.Autopipeline, settings.LibraryAutopipeline = given.Autopipeline, given.LibraryAutopipeline
	}
	return settings
}

// result sums up what the clients counted, after the last has ended. stopped
// is when they stopped claiming writes, in ms on the run's clock.
func (load *Load) result(s *Session, stopped record.Millis, latencies *books.Latencies) *record.WorkloadDone {
	r := &record.WorkloadDone{
		Name: load.Spec.Name, Kind: load.Spec.Type,
		Start: s.start, End: load.Rec.Now(), Wait: load.waits(), WaitAOF: load.waitsAOF(), Client: s.options, Reads: s.reads.result(s.pace.Due(stopped - s.start)),
		NoLoss: load.NoLoss,
	}
	if ran := (s.End - s.start) / 1000; ran > 0 {
		r.TargetRate = float64(s.pace.Due(s.End-s.start)) / float64(ran)
	}
	if perSecond, constant := load.Spec.Rate.Constant(); constant {
		r.TargetRate = perSecond
	} else {
		r.Rates = load.Spec.Rate.String()
	}
	r.Attempted, r.Acked, r.Failed, r.Indeterminate = load.Progress()
	r.TargetRate -= r.TargetRate * load.Spec.ReadRatio()
	r.Unsent = max(s.reads.writes(s.pace).Due(stopped-s.start)-r.Attempted, 0)
	shards := make([]books.ShardTally, load.Target.Shards())
	for l := range load.ledgers() {
		for shard := range l.Shards {
			shards[shard].Merge(l.Shards[shard])
		}
		l.Shards = nil
	}
	var errs failure.Tally
	for shard := range shards {
		errs.Merge(shards[shard].Errors)
		if met, called := shards[shard].Result(shard); called {
			r.Shards = append(r.Shards, met)
		}
	}
	if r.Latency = record.Percentiles(latencies.Total); r.Latency != nil {
		load.latency.Store(latencies.Total)
	}
	r.Lateness = record.Percentiles(latencies.Late)
	r.Errors = errs.List()
	return r
}
