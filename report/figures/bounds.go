package figures

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// metricBounds is between what the figure that an expectation is about is, where holes in the
// record leave it nil; nil if that is not known either.
func metricBounds(name string, r *report.Result) *[2]record.Millis {
	switch name {
	case "failover_time":
		return boundsOfFailovers(r, "first_write_ms", func(f report.Failover) *record.Millis { return f.FirstWrite })
	case "client_recovery":
		return boundsOfFailovers(r, "client_recovery_ms", func(f report.Failover) *record.Millis { return f.ClientRecovery })
	case "split_brain":
		return boundsOfFailovers(r, "split_brain_ms", func(f report.Failover) *record.Millis { return f.SplitBrain })
	case "longest_split_brain":
		return boundsOfFailovers(r, "split_brain_longest_ms", func(f report.Failover) *record.Millis { return f.SplitBrainLongest })
	case "unavailable":
		return boundsOfShards(r, "unavailable_ms", func(s report.Shard) *record.Millis { return s.Unavailable })
	case "longest_outage":
		return boundsOfShards(r, "longest_ms", func(s report.Shard) *record.Millis { return s.Longest })
	default:
		return nil
	}
}

func boundsOfFailovers(r *report.Result, name string, figure func(report.Failover) *record.Millis) *[2]record.Millis {
	return worstBounds(len(r.Failovers), func(i int) (*record.Millis, map[string][2]record.Millis) {
		return figure(r.Failovers[i]), r.Failovers[i].Bounds
	}, name)
}

func boundsOfShards(r *report.Result, name string, figure func(report.Shard) *record.Millis) *[2]record.Millis {
	return worstBounds(len(r.Shards), func(i int) (*record.Millis, map[string][2]record.Millis) {
		return figure(r.Shards[i]), r.Shards[i].Bounds
	}, name)
}

// worstBounds is between what the largest of n figures is; nil if one is not known at all.
func worstBounds(n int, of func(i int) (*record.Millis, map[string][2]record.Millis), name string) *[2]record.Millis {
	var worst *[2]record.Millis
	for i := range n {
		ms, all := of(i)
		bounds, ok := all[name]
		switch {
		case ms != nil:
			bounds = [2]record.Millis{*ms, *ms}
		case !ok:
			return nil
		}
		if worst == nil {
			worst = &bounds
		}
		worst[0], worst[1] = max(worst[0], bounds[0]), max(worst[1], bounds[1])
	}
	return worst
}
