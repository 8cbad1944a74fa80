// Package measured holds what faults did to their targets against what was asked for.
package measured

import (
	"math"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// What may differ from what was asked for: a mean by either of the first two, whichever is more, a rate by the first; and
// what chance makes of a share or of a mean no more often than once in a thousand runs.
const (
	mostOff    = 0.1
	mostLate   = record.Millis(1)
	confidence = 0.999
	deviations = 3.29 // of a normal distribution, for that confidence
)

// Judge moves what faults were measured to do out of their outcomes, beside what was asked for.
func Judge(faults []report.Fault) {
	for i, f := range faults {
		faults[i].Outcomes = nil
		for _, o := range f.Outcomes {
			for _, m := range o.Measures {
				faults[i].Measured = append(faults[i].Measured, judged(o.Node, m))
			}
			if o.Measures = nil; o.Text != "" {
				faults[i].Outcomes = append(faults[i].Outcomes, o)
			}
		}
	}
}

func judged(node string, m record.Measure) report.Measured {
	of := report.Measured{Node: node, Measure: m}
	if m.Asked.Share != nil && m.Count != nil && m.Of != nil && *m.Of > 0 && *m.Count <= *m.Of {
		worth := worthOf(m.Asked)
		k, n := float64(*m.Count)*worth, float64(*m.Of)*worth
		of.Share = new(float64(*m.Count) / float64(*m.Of))
		of.Confidence = new(stats.ShareWithin(k, n, stats.Confidence))
		sure := stats.ShareWithin(k, n, confidence)
		of.Differs = *m.Asked.Share < sure[0] || *m.Asked.Share > sure[1]
	}
	if (m.Did == record.DidDelay || m.Did == record.DidSlow) && m.Asked.Delay != nil && m.Mean != nil {
		asked := *m.Asked.Delay
		chance := record.Millis(deviations*float64(report.OrZero(m.Asked.Jitter))) / record.Millis(math.Sqrt(float64(*m.Count)))
		off := math.Abs(float64(*m.Mean - asked))
		of.Differs = of.Differs || off > float64(max(mostLate, mostOff*asked)+chance)
	}
	if m.Asked.Rate != nil && m.Bytes != nil && m.For != nil {
		most := float64(*m.Asked.Rate) * m.For.D().Seconds() * (1 + mostOff)
		of.Differs = float64(*m.Bytes) > most+atOnce
	}
	if m.Did == record.DidRun && m.Asked.Share != nil && m.Spent != nil && m.For != nil {
		of.Differs = *m.Spent > record.Millis(*m.Asked.Share*(1+mostOff))**m.For+turn
	}
	if m.Did == record.DidShift && m.Mean != nil {
		slack := mostLate + report.OrZero(m.Asked.Jitter)
		of.Differs = *m.Asked.Delay < *m.Least-slack || *m.Asked.Delay > *m.Most+slack
	}
	of.Differs = of.Differs || m.Missed > 0
	return of
}

// turn is for how long a server that is limited may run at once, in ms.
const turn = record.Millis(50)

// atOnce is how many bytes a limit lets through beyond its rate: those of the largest packet.
const atOnce = 64 << 10

// worthOf is how many independent trials each trial is worth. Those that follow each other in bursts are a chain of Markov
// of two states, whose successive states correlate by 1 less the chances of leaving either.
func worthOf(asked record.Asked) float64 {
	if asked.Burst == nil || *asked.Share == 1 {
		return 1
	}
	leave := 1 / *asked.Burst
	enter := min(1, leave**asked.Share/(1-*asked.Share))
	correlation := 1 - leave - enter
	return (1 - correlation) / (1 + correlation)
}
