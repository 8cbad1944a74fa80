package network

import (
	"slices"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// measures is what rules of one effect have done in a time, by direction. err is why that could not be read.
func measures(rules []traffic.Rule, done []traffic.StandingRule, err error, lasted time.Duration) (all []record.Measure) {
	for _, way := range []traffic.Direction{traffic.Out, traffic.In} {
		var of []traffic.StandingRule
		var effect *traffic.Effect
		gone := false
		for _, r := range rules {
			if r.Match.Direction != way {
				continue
			}
			effect = &r.Effect
			i := slices.IndexFunc(done, func(s traffic.StandingRule) bool { return s.ID == r.ID })
			if gone = gone || i < 0; i >= 0 {
				of = append(of, done[i])
			}
		}
		if effect == nil {
			continue
		}
		m := asked(*effect)
		m.Way = string(way)
		switch {
		case err != nil:
			m.Why = err.Error()
		case gone:
			m.Why = "somebody else had lifted its rules by then"
		default:
			add(&m, of, lasted)
		}
		all = append(all, m)
	}
	return all
}

// asked is what an effect is to do, of which nothing was measured yet.
func asked(e traffic.Effect) (m record.Measure) {
	switch {
	case e.Drop != nil:
		m.Did = record.DidDrop
	case e.Reject != nil:
		m.Did = record.DidReject
	case e.Loss != nil:
		m.Did, m.Asked.Share = record.DidDrop, &e.Loss.Probability
		if b := e.Loss.Bursts; b != nil {
			m.Asked.Share, m.Asked.Burst = new(b.Share()), new(1/b.ToGood)
		}
	case e.Duplication != nil:
		m.Did, m.Asked.Share = record.DidDuplicate, &e.Duplication.Probability
	case e.Corruption != nil:
		m.Did, m.Asked.Share = record.DidCorrupt, &e.Corruption.Probability
	case e.Reordering != nil:
		m.Did, m.Asked.Share, m.Asked.Delay = record.DidReorder, &e.Reordering.Probability, new(record.InMillis(e.Reordering.Hold))
	case e.Latency != nil:
		m.Did, m.Asked.Delay = record.DidDelay, new(record.InMillis(e.Latency.Mean()))
		if e.Latency.Jitter > 0 {
			m.Asked.Jitter = new(record.InMillis(e.Latency.Jitter))
		}
	case e.Bandwidth != nil:
		m.Did, m.Asked.Rate = record.DidLimit, &e.Bandwidth.BytesPerSecond
	}
	return m
}

// add has a measure tell what rules have done.
func add(m *record.Measure, rules []traffic.StandingRule, lasted time.Duration) {
	var matched, done, bytes, full int64
	var held traffic.Held
	for _, r := range rules {
		if r.Done == nil {
			m.Why = r.Uncounted
			return
		}
		if h := r.Done.Held; h == nil {
			m.Why = r.Uncounted
		} else if r.Done.Packets > 0 {
			if held.Sum += h.Sum; done == 0 || h.Least < held.Least {
				held.Least = h.Least
			}
			held.Most = max(held.Most, h.Most)
		}
		matched += int64(r.Done.Of)
		done += int64(r.Done.Packets)
		bytes += int64(r.Done.Bytes)
		full += int64(r.Done.Full)
		m.Missed = max(m.Missed, int64(r.Done.Missed)) // each has those of all
	}
	m.Count = &done
	switch {
	case m.Did == record.DidLimit:
		m.Bytes, m.Full, m.For = &bytes, full, new(record.InMillis(lasted))
		m.Why = "" // that its packets waited is not what was asked for
	case m.Asked.Delay != nil && m.Why == "" && done > 0:
		m.Mean = new(record.InMillis(held.Sum / time.Duration(done)))
		m.Least, m.Most = new(record.InMillis(held.Least)), new(record.InMillis(held.Most))
	}
	if m.Did != record.DidLimit {
		m.Of = &matched
	}
}
