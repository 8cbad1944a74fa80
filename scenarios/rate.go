package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Rate is the arrivals per second of an open loop, as parts that follow each
// other in time. Without any it is a closed loop. It is written as a number, as
// a list of steps, or as a ramp:
//
//	rate: 500
//	rate: [{from: 0s, rate: 500}, {from: 10s, rate: 2000}]
//	rate: {from: 500, to: 5000, over: 30s}
type Rate []RatePart

// RatePart is a rate that holds from a moment on, or one that first grows or
// shrinks evenly to it.
type RatePart struct {
	// At is when the part begins, since the start of the workload.
	At units.Duration
	// From is the rate at that moment, and To the one that it reaches after Over.
	From, To float64
	Over     units.Duration
}

// ConstantRate is one rate all the time; 0 is a closed loop.
func ConstantRate(perSecond float64) Rate {
	if perSecond == 0 {
		return nil
	}
	return Rate{{From: perSecond, To: perSecond}}
}

// Constant is the one rate that there is all the time; 0 in a closed loop.
func (r Rate) Constant() (perSecond float64, ok bool) {
	switch {
	case len(r) == 0:
		return 0, true
	case len(r) == 1 && r[0].From == r[0].To:
		return r[0].To, true
	}
	return 0, false
}

// Due is how many operations are due from the start of a workload until a moment.
func (r Rate) Due(until units.Duration) float64 {
	sum := 0.0
	for i, p := range r {
		end := until
		if i+1 < len(r) {
			end = min(end, r[i+1].At)
		}
		length := (end - p.At).D().Seconds()
		if length <= 0 {
			continue
		}
		over := p.Over.D().Seconds()
		ramp := min(over, length)
		if ramp > 0 {
			reached := p.From + (p.To-p.From)*ramp/over
			sum += ramp * (p.From + reached) / 2
		}
		sum += (length - ramp) * p.To
	}
	return sum
}

// String tells the rate to people: "500/s, from 10s on 2000/s".
func (r Rate) String() string {
	var parts []string
	for i, p := range r {
		text := number(p.To) + "/s"
		if p.From != p.To {
			text = fmt.Sprintf("%s/s to %s over %s", number(p.From), text, p.Over)
		}
		if i > 0 {
			text = fmt.Sprintf("from %s on %s", p.At, text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// MarshalNode implements codec.Marshaler.
func (rate Rate) MarshalNode() (*document.Node, error) {
	if perSecond, constant := rate.Constant(); constant {
		return document.PlainNode(number(perSecond)), nil
	}
	if ramp := rate[0]; ramp.From != ramp.To {
		n := &document.Node{Kind: document.Mapping}
		n.Add("from", document.PlainNode(number(ramp.From)))
		n.Add("to", document.PlainNode(number(ramp.To)))
		n.Add("over", document.StringNode(ramp.Over.String()))
		return n, nil
	}
	list := &document.Node{Kind: document.List}
	for _, part := range rate {
		step := &document.Node{Kind: document.Mapping}
		step.Add("from", document.StringNode(part.At.String()))
		step.Add("rate", document.PlainNode(number(part.To)))
		list.Items = append(list.Items, step)
	}
	return list, nil
}
