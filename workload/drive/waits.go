package drive

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// told sums up the answers to all clients.
func (load *Load) told() map[copies]int64 {
	sum := map[copies]int64{}
	for c := range load.everyClient() {
		for got, n := range c.waited {
			sum[got] += n
		}
	}
	return sum
}

// waits is what WAIT told all clients; nil if they did not ask.
func (load *Load) waits() *record.Waits {
	if load.Spec.Wait == nil {
		return nil
	}
	waits := &record.Waits{Replicas: load.Spec.Wait.Replicas, Timeout: record.InMillis(load.Spec.Wait.Timeout.D()), Replies: map[int]int64{}}
	for got, n := range load.told() {
		waits.Replies[got.replicas] = n
	}
	return waits
}

// waitsAOF is what WAITAOF told all clients; nil if they did not ask.
func (load *Load) waitsAOF() *record.WaitsAOF {
	asked := load.Spec.WaitAOF
	if asked == nil {
		return nil
	}
	waits := &record.WaitsAOF{Local: asked.Local, Replicas: asked.Replicas, Timeout: record.InMillis(asked.Timeout.D()), Replies: []record.OnDisk{}}
	for got, n := range load.told() {
		waits.Replies = append(waits.Replies, record.OnDisk{Local: got.local, Replicas: got.replicas, Writes: n})
	}
	slices.SortFunc(waits.Replies, func(a, b record.OnDisk) int {
		return cmp.Or(cmp.Compare(a.Local, b.Local), cmp.Compare(a.Replicas, b.Replicas))
	})
	return waits
}
