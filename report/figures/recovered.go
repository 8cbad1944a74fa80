package figures

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Recovered sums up how the workloads came through a failover.
func Recovered(f *report.Failover) {
	slowest, bounds, missing := slowestOf(f.Clients, f.NewMaster)
	f.ClientRecovery = slowest
	if slices.ContainsFunc(f.Clients, func(r report.Recovery) bool { return r.Never }) {
		f.Never = append(f.Never, "client_recovery_ms")
	}
	switch {
	case slowest != nil:
	case bounds != nil:
		f.SetBetween("client_recovery_ms", *bounds, missing)
	default:
		f.Reasons["client_recovery_ms"] = missing
	}
}

// slowestOf is the longest that a workload took to reach the new master, of those that
// wrote to the shard before and went on. It is nil with the reason where one of them
// never did, and with bounds where one did at a time that is not known.
func slowestOf(clients []report.Recovery, master string) (slowest *record.Millis, bounds *[2]record.Millis, missing report.Reason) {
	if i := slices.IndexFunc(clients, func(r report.Recovery) bool { return r.Never }); i >= 0 {
		return nil, nil, unreached(clients[i], master)
	}
	var most [2]record.Millis
	reached, exact := false, true
	for _, r := range clients {
		of := r.RecoveryBounds
		switch {
		case !r.Awaited:
			continue
		case r.Recovery != nil:
			of = &[2]record.Millis{*r.Recovery, *r.Recovery}
		case of == nil:
			return nil, nil, unreached(r, master)
		default:
			exact = false
		}
		reached = true
		most = [2]record.Millis{max(most[0], of[0]), max(most[1], of[1])}
	}
	switch {
	case !reached:
		return nil, nil, report.Reason{Why: report.WhyNoWriteAcked, Node: master}
	case exact:
		return &most[1], nil, report.Reason{}
	default:
		return nil, &most, report.Reason{Why: report.WhyNotRunThen}
	}
}

func unreached(r report.Recovery, master string) report.Reason {
	return report.Reason{Why: report.WhyNotReached, Workload: r.Workload, Node: master}
}
