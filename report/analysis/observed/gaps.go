package observed

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// gapsOf is the gaps of every shard of which a probe was ever acked: those that had begun
// when the load ended, until they were over or reading back began, which is this program's doing.
func gapsOf(facts *Facts) map[int][]Period {
	gaps, end, slack := map[int][]Period{}, facts.ProbedUntil(), record.Millis(report.Noticeable)
	if facts.Ended == nil {
		slack = TailSlack
	}
	for _, s := range facts.Started.Shards {
		if found, ok := unavailable(facts.Probes, s.Shard, end, slack); ok {
			gaps[s.Shard] = slices.DeleteFunc(found, func(g Period) bool { return facts.loadEnd > 0 && g.From >= facts.loadEnd })
		}
	}
	return gaps
}

// ProbedUntil is up to when the record tells what the nodes answered to probes, and reading
// back did not disturb them, in ms.
func (facts *Facts) ProbedUntil() record.Millis {
	last := facts.probing
	for _, r := range facts.Rows {
		last = max(last, r.Till)
	}
	return min(last, facts.End, facts.readBack)
}

// unavailable is the gaps between the rows of acked probes of a shard, acked by
// whichever node, up to end; not ok if no probe was ever acked.
func unavailable(rows []Interval, shard int, end, slack record.Millis) (gaps []Period, ok bool) {
	var until record.Millis
	for _, r := range rows {
		if r.Shard != shard || r.From >= end {
			continue
		}
		if ok && r.From > until {
			gaps = append(gaps, Period{until, r.From})
		}
		ok = true
		until = max(until, r.To)
	}
	// The rows of several nodes do not end at the same moment; a shard whose acks end
	// well before the last of them was unavailable until then.
	if ok && end-until > slack {
		gaps = append(gaps, Period{until, end})
	}
	return gaps, ok
}

// TailSlack is how long before the end of a record that was cut short the last ack of a
// shard may be, in ms.
const TailSlack = 1000
