package parse

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

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
func (d *decoder) decodeRate(n *document.Node, rate *scenarios.Rate) {
	*rate = nil
	switch n.Kind {
	case document.List:
		var steps []rateStep
		d.Decode(n, &steps)
		for _, s := range steps {
			*rate = append(*rate, scenarios.RatePart{At: s.From, From: s.Rate, To: s.Rate})
		}
	case document.Mapping:
		var ramp rateRamp
		d.Decode(n, &ramp)
		*rate = scenarios.Rate{{From: ramp.From, To: ramp.To, Over: ramp.Over}}
	default:
		var perSecond float64
		d.Decode(n, &perSecond)
		*rate = scenarios.ConstantRate(perSecond)
	}
}

// checkRate judges a rate that was decoded.
func (d *decoder) checkRate(n *document.Node, rate scenarios.Rate) {
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

func (d *decoder) checkSteps(n *document.Node, steps scenarios.Rate) {
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

func (d *decoder) checkRamp(n *document.Node, ramp scenarios.RatePart) {
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
