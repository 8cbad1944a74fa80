package report

import (
	"math"
	"slices"
)

// shardsOf tells of each shard for how long nobody took its writes.
func shardsOf(h *history) []Shard {
	shards := []Shard{}
	for _, s := range h.started.Shards {
		touched := slices.ContainsFunc(h.faults, func(f fault) bool { return slices.Contains(f.shards, s.Shard) })
		shard := Shard{Shard: s.Shard, Slots: s.Slots, Collateral: !touched}
		if gaps, ok := h.gaps[s.Shard]; ok {
			silent := 0.0
			for _, g := range gaps {
				silent += h.silentIn(s.Shard, g)
			}
			sum, longest := h.boundsOf(gaps)
			shard.set(&shard.UnavailableMS, "unavailable_ms", sum)
			shard.set(&shard.LongestMS, "longest_ms", longest)
			if len(shard.Bounds) == 0 {
				shard.SilentMS = &silent
			}
		}
		if gap, ok := h.clientGap(s.Shard); ok {
			_, longest := h.boundsOf([]period{gap})
			shard.set(&shard.ClientGapMS, "client_gap_ms", longest)
			if shard.Collateral && shard.ClientGapMS != nil {
				shard.Findings = h.whyNoAcks(s.Shard, gap)
			}
		}
		shard.AckedAfterFault = h.ackedAfterFault(s.Shard)
		shards = append(shards, shard)
	}
	return shards
}

// unobserved is why it is not known for how long the shard took no writes.
func (s Shard) unobserved() Reason {
	if len(s.Bounds) > 0 {
		return Reason{Why: WhyShardNotObserved, Shard: &s.Shard}
	}
	return Reason{Why: WhyShardNotAcked, Shard: &s.Shard}
}

// set gives a figure, or between what it is.
func (s *Shard) set(to **float64, name string, bounds [2]float64) {
	var apart *[2]float64
	if *to, apart = bounded(bounds); apart != nil {
		if s.Bounds == nil {
			s.Bounds = map[string][2]float64{}
		}
		s.Bounds[name] = *apart
	}
}

// ackedAfterFault tells whether a workload had a write on a shard acked after the first
// fault took hold; nil if none did, or if no workload had anything acked.
func (h *history) ackedAfterFault(shard int) *bool {
	first := math.Inf(1)
	for _, f := range h.faults {
		if f.EffectiveMS != nil {
			first = min(first, *f.EffectiveMS)
		}
	}
	if math.IsInf(first, 1) || len(h.acks) == 0 {
		return nil
	}
	after := slices.ContainsFunc(h.acks, func(a interval) bool { return a.shard == shard && a.to > first })
	return &after
}

// ackedAfterFault tells whether a workload had a write on the shard acked after the
// first fault took hold, or whether there was none.
func (s Shard) ackedAfterFault() bool { return s.AckedAfterFault == nil || *s.AckedAfterFault }

// gapsOf is the gaps of every shard of which a probe was ever acked: those that had begun
// when the load ended, until they were over or reading back began, which is this program's doing.
func gapsOf(h *history) map[int][]period {
	gaps, end, slack := map[int][]period{}, h.probedUntil(), float64(noticeable)
	if h.ended == nil {
		slack = tailSlack
	}
	for _, s := range h.started.Shards {
		if found, ok := unavailable(h.probes, s.Shard, end, slack); ok {
			gaps[s.Shard] = slices.DeleteFunc(found, func(g period) bool { return h.loadEnd > 0 && g.from >= h.loadEnd })
		}
	}
	return gaps
}

// probedUntil is up to when the record tells what the nodes answered to probes, and reading
// back did not disturb them, in ms.
func (h *history) probedUntil() float64 {
	last := h.probing
	for _, r := range h.rows {
		last = max(last, r.till)
	}
	return min(last, h.end, h.readBack)
}

// unavailable is the gaps between the rows of acked probes of a shard, acked by
// whichever node, up to end; not ok if no probe was ever acked.
func unavailable(rows []interval, shard int, end, slack float64) (gaps []period, ok bool) {
	var until float64
	for _, r := range rows {
		if r.shard != shard || r.from >= end {
			continue
		}
		if ok && r.from > until {
			gaps = append(gaps, period{until, r.from})
		}
		ok = true
		until = max(until, r.to)
	}
	// The rows of several nodes do not end at the same moment; a shard whose acks end
	// well before the last of them was unavailable until then.
	if ok && end-until > slack {
		gaps = append(gaps, period{until, end})
	}
	return gaps, ok
}

// silentIn is how much of a gap no node of the shard answered anything in.
func (h *history) silentIn(shard int, gap period) (silent float64) {
	until := gap.from
	for _, r := range h.rows {
		if r.shard != shard || stateOf(r.answer) == "silent" || r.till < until || r.from > gap.to {
			continue
		}
		silent += max(0, r.from-until)
		until = max(until, r.till)
	}
	return silent + max(0, gap.to-until)
}

// tailSlack is how long before the end of a record that was cut short the last ack of a
// shard may be, in ms.
const tailSlack = 1000
