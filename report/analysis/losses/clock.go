package losses

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// expiredByClock puts a loss that nothing else explains down to a fault that gave a master of its shard another time, if keys
// expired there since. A key with a time to live is only counted as lost if that was not over by the right time.
func expiredByClock(facts *observed.Facts, loss *report.Loss) {
	if !facts.OwnTTL {
		return
	}
	for i, f := range facts.Faults {
		from, _, ok := f.InForce(facts.End)
		if !ok || !f.Has(record.Shifts) {
			continue
		}
		for _, master := range facts.MastersIn(loss.Shard, observed.Period{From: loss.First, To: facts.End}) {
			at, by := risen(facts, master, max(loss.First, from-observed.SeenLate), func(c *record.Counters) int64 { return c.ExpiredKeys })
			if by == 0 || !f.Hits(master) {
				continue
			}
			loss.Cause, loss.Fault = report.LossWrongClock, &i
			loss.Evidence = append(loss.Evidence, facts.FaultEvidence(i, master),
				report.Evidence{Kind: "counter", Moment: &at, Node: master, Name: "expired_keys", Value: fmt.Sprintf("+%d", by)})
			return
		}
	}
}
