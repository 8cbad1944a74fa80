package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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

// rateStep and rateRamp are the forms of a rate in YAML, beside a number.
type (
	rateStep struct {
		From units.Duration `yaml:"from"`
		Rate float64        `yaml:"rate"`
	}
	rateRamp struct {
		From float64        `yaml:"from"`
		To   float64        `yaml:"to"`
		Over units.Duration `yaml:"over"`
	}
)

// decodeRate reads a rate in any of its forms.
func (d *decoder) decodeRate(n *document.Node, rate *Rate) {
	*rate = nil
	switch n.Kind {
	case document.List:
		var steps []rateStep
		d.Decode(n, &steps)
		for _, s := range steps {
			*rate = append(*rate, RatePart{At: s.From, From: s.Rate, To: s.Rate})
		}
	case document.Mapping:
		var ramp rateRamp
		d.Decode(n, &ramp)
		*rate = Rate{{From: ramp.From, To: ramp.To, Over: ramp.Over}}
	default:
		var perSecond float64
		d.Decode(n, &perSecond)
		*rate = ConstantRate(perSecond)
	}
}

// checkRate judges a rate that was decoded.
func (d *decoder) checkRate(n *document.Node, rate Rate) {
	if n == nil || !d.Sound(n) {
		return
	}
	switch n.Kind {
	case document.List:
		d.checkSteps(n, rate)
	case document.Mapping:
		d.checkRamp(n, rate[0])
	default:
		if perSecond, _ := rate.Constant(); perSecond <= 0 || perSecond > maxRate {
			d.Blame(n, "%v is out of range; write more than 0 and up to %d ops/s, or leave the key out for a closed loop", perSecond, maxRate)
		}
	}
}

func (d *decoder) checkSteps(n *document.Node, steps Rate) {
	most := 0.0
	for i, step := range steps {
		item := n.Item(i)
		if !d.wantFields(item, "from", "rate") {
			return
		}
		checkRange(d, item.Field("rate"), step.To, 0, maxRate, "")
		most = max(most, step.To)
		switch from := item.Field("from"); {
		case i == 0 && step.At != 0:
			d.Blame(from, "the first step begins with the workload; write from: 0s")
		case i > 0 && step.At <= steps[i-1].At:
			d.Blame(from, "%v is not after the step before it, which is from %v; put the steps in order", step.At, steps[i-1].At)
		}
	}
	if most == 0 {
		d.Blame(n, "no step has a rate above 0; write one, or leave the key out for a closed loop")
	}
}

func (d *decoder) checkRamp(n *document.Node, ramp RatePart) {
	if !d.wantFields(n, "from", "to", "over") {
		return
	}
	checkRange(d, n.Field("from"), ramp.From, 0, maxRate, "")
	checkRange(d, n.Field("to"), ramp.To, 0, maxRate, "")
	checkRange(d, n.Field("over"), ramp.Over, units.Duration(time.Millisecond), maxDuration, "")
	if ramp.From == ramp.To {
		d.Blame(n, "a ramp from %v to %v is none; write rate: %v, or another end", ramp.From, ramp.To, ramp.To)
	}
}

// wantFields blames a mapping that lacks one of some fields.
func (d *decoder) wantFields(n *document.Node, names ...string) bool {
	for _, name := range names {
		if n.Field(name) == nil {
			d.At(n.Pos, "%s: missing %q; it needs %s", n.Name, name, strings.Join(names, " and "))
			return false
		}
	}
	return true
}

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
