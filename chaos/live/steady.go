package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// unwatched is for how long nobody may have looked, in ms, until what was seen before counts no more.
const unwatched = 1000

// spell is a time for which the cluster has been whole, within bounds, as somebody sees who looks
// again and again.
type spell struct {
	since, looked record.Millis
	counts        []count // of each workload, at since
	// before is what was out of its bounds before since; empty if nothing was.
	before string
}

// count is the operations of a workload that have ended, and those that succeeded.
type count struct{ ended, acked int64 }

// second is the latencies of a workload's acked writes in a second of the run.
type second struct {
	workload string
	from, to record.Millis
	p99      time.Duration
}

// measured takes in the latencies of a second.
func (s *State) measured(at record.Millis, d *record.LatencyInterval) {
	if s.bounds.Latency == 0 {
		return
	}
	h := record.NewHistogram()
	if err := d.MergeInto(h); err != nil || h.TotalCount() == 0 {
		return
	}
	s.seconds = append(s.seconds, second{d.Workload, at, d.Until, time.Duration(h.ValueAtPercentile(99)) * time.Microsecond})
}

// Unsteady says what the run lacks to have been steady for so long, from a moment on; "" if it has
// been. It is to be asked again and again: what nobody sees does not count.
func (s *State) Unsteady(lasting time.Duration, from record.Millis) string {
	now := s.now()
	missing := s.cluster.Missing(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.spells[from]
	if of == nil || missing != "" || now-of.looked > unwatched {
		of = &spell{since: now, counts: s.counts()}
		s.spells[from] = of
	}
	of.looked = now
	seen := now - of.since
	switch {
	case missing != "":
	case seen < record.InMillis(lasting) && of.before != "":
		missing = of.before
	case seen < record.InMillis(lasting):
		missing = fmt.Sprintf("it has been whole for %.1f s so far", seen/1000)
	default:
		if missing = s.outOfBounds(of); missing != "" { // what was before does not count from now on
			of.since, of.counts, of.before = now, s.counts(), missing
		} else {
			missing = s.unmeasured(of, now)
		}
	}
	return missing
}

// counts are those of the workloads by now.
func (s *State) counts() (all []count) {
	for _, l := range s.loads {
		attempted, acked, _, _ := l.Progress()
		all = append(all, count{attempted, acked})
	}
	return all
}

// outOfBounds says what is out of its bounds; "" if nothing is.
func (s *State) outOfBounds(of *spell) (what string) {
	for i, l := range s.loads {
		attempted, acked, _, _ := l.Progress()
		ended, succeeded := attempted-of.counts[i].ended, acked-of.counts[i].acked
		if ended > 0 && float64(succeeded) < float64(ended)*s.bounds.Success.Share() {
			what = fmt.Sprintf("%d of %d operations of workload %s failed", ended-succeeded, ended, l.Name())
		}
	}
	for _, sec := range s.seconds {
		if sec.from >= of.since && sec.p99 > s.bounds.Latency.D() {
			what = fmt.Sprintf("the 99th percentile of the latency of workload %s is %v", sec.workload, sec.p99.Round(100*time.Microsecond))
		}
	}
	return what
}

// unmeasured says which workload has nothing measured that has a bound; "" if none.
func (s *State) unmeasured(of *spell, now record.Millis) string {
	for i, l := range s.loads {
		attempted, _, _, _ := l.Progress()
		measured := slices.ContainsFunc(s.seconds, func(sec second) bool { return sec.workload == l.Name() && sec.from >= of.since && sec.to <= now })
		switch {
		case s.bounds.Success > 0 && attempted == of.counts[i].ended:
			return fmt.Sprintf("no operation of workload %s has ended", l.Name())
		case s.bounds.Latency > 0 && !measured:
			return fmt.Sprintf("no latency of workload %s is known yet", l.Name())
		}
	}
	return ""
}
