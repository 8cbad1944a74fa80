package figures

import "github.com/redis-chaos/redis-chaos/report"

// metricBounds is between what the figure that an expectation is about is, where holes in the
// record leave it nil; nil if that is not known either.
func metricBounds(name string, r *report.Result) *[2]float64 {
	switch name {
	case "failover_time":
		return boundsOfFailovers(r, "first_write_ms", func(f report.Failover) *float64 { return f.FirstWriteMS })
	case "client_recovery":
		return boundsOfFailovers(r, "client_recovery_ms", func(f report.Failover) *float64 { return f.ClientRecoveryMS })
	case "split_brain":
		return boundsOfFailovers(r, "split_brain_ms", func(f report.Failover) *float64 { return f.SplitBrainMS })
	case "longest_split_brain":
		return boundsOfFailovers(r, "split_brain_longest_ms", func(f report.Failover) *float64 { return f.SplitBrainLongestMS })
	case "unavailable":
		return boundsOfShards(r, "unavailable_ms", func(s report.Shard) *float64 { return s.UnavailableMS })
	case "longest_outage":
		return boundsOfShards(r, "longest_ms", func(s report.Shard) *float64 { return s.LongestMS })
	default:
		return nil
	}
}

func boundsOfFailovers(r *report.Result, name string, figure func(report.Failover) *float64) *[2]float64 {
	return worstBounds(len(r.Failovers), func(i int) (*float64, map[string][2]float64) { return figure(r.Failovers[i]), r.Failovers[i].Bounds }, name)
}

func boundsOfShards(r *report.Result, name string, figure func(report.Shard) *float64) *[2]float64 {
	return worstBounds(len(r.Shards), func(i int) (*float64, map[string][2]float64) { return figure(r.Shards[i]), r.Shards[i].Bounds }, name)
}

// worstBounds is between what the largest of n figures is; nil if one is not known at all.
func worstBounds(n int, of func(i int) (*float64, map[string][2]float64), name string) *[2]float64 {
	var worst *[2]float64
	for i := range n {
		ms, all := of(i)
		bounds, ok := all[name]
		switch {
		case ms != nil:
			bounds = [2]float64{*ms, *ms}
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
