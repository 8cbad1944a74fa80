// Package timeline decides when the steps of a scenario come. It is told what happens in a run, and
// tells what is to be begun by now. It has no clock, knows no cluster, and starts nothing: the same
// happenings at the same moments give the same timeline. Moments are on the run's clock, in ms.
package timeline

import (
	"fmt"
	"math"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Occurrence is one time that a step is carried out.
type Occurrence struct {
	Step int // its number in the scenario
	// Number counts the occurrences of a step that may have several, from 1; 0 of one that has one.
	Number int
	// Due is when it was to begin.
	Due record.Millis
}

// Skipped is an occurrence that is not carried out, with those that would come after it.
type Skipped struct {
	Occurrence
	Reason string
	// Optional: the run is as good without it.
	Optional bool
}

// Conditions tells what holds in the run.
type Conditions interface {
	// Holds tells since when a condition has held, or when what it waits for came, from a
	// moment on. It is not ok if that has not come about.
	Holds(when scenarios.When, from record.Millis) (at record.Millis, ok bool)
}

// Plan is the timeline of a run, and how far that is.
type Plan struct {
	steps []*step
	named map[string]*step
	end   record.Millis // of the run
	held  bool
}

// New is the timeline of a scenario before the run has begun. The seed decides the jitter. It is
// held if the scenario has a steady.
func New(s *scenarios.Scenario, seed int64) *Plan {
	p := &Plan{named: map[string]*step{}, end: millis(s.Duration), held: s.Steady != nil}
	for i, f := range s.Faults {
		one := newStep(i, f, seed)
		p.steps = append(p.steps, one)
		if f.Name != "" {
			p.named[f.Name] = one
		}
	}
	return p
}

// Release has the steps of a held plan come, from now on. If the first moment has passed, all of
// them are later by as much, so that the times between them stay.
func (p *Plan) Release(now record.Millis) (later record.Millis) {
	p.held = false
	first := record.Millis(math.Inf(1))
	for _, s := range p.steps {
		if s.timed() {
			first = min(first, s.from)
		}
	}
	later = max(0, now-first)
	for _, s := range p.steps {
		if s.timed() {
			s.from += later
		} else if s.After == nil {
			s.from = max(s.from, now)
		}
	}
	return later
}

// Tell takes in what has become of an occurrence that was begun.
func (p *Plan) Tell(o Occurrence, event scenarios.StepEvent, at record.Millis) {
	p.steps[o.Step].tell(event, at)
}

// Leave takes in that an occurrence that was begun is not carried out after all: nothing comes of it.
func (p *Plan) Leave(o Occurrence) { p.steps[o.Step].left++ }

// Rolls takes in how many occurrences a rolling step has. It is to be told before the first is over.
func (p *Plan) Rolls(step, occurrences int) {
	s := p.steps[step]
	if s.count = occurrences; s.begun == s.count {
		s.state = over
	}
}

// Next is what is to be begun by now, and what is not going to come.
func (p *Plan) Next(now record.Millis, live Conditions) (begin []Occurrence, skipped []Skipped) {
	if p.held {
		return nil, nil
	}
	for again := true; again; { // one step may free the next
		again = false
		for _, s := range p.steps {
			was := s.state
			o, reason := p.advance(s, now, live)
			again = again || s.state != was
			switch {
			case reason != "":
				s.state = over
				skipped = append(skipped, Skipped{o, reason, s.Optional})
				again = true
			case o != nothing:
				begin = append(begin, o)
				again = true
			}
		}
	}
	return begin, skipped
}

// Wake is the next moment after now at which time alone changes something; infinite if none does.
func (p *Plan) Wake(now record.Millis) record.Millis {
	wake := record.Millis(math.Inf(1))
	if p.held {
		return wake
	}
	for _, s := range p.steps {
		for _, at := range append(s.moments(), p.end) {
			if s.state != over && at > now {
				wake = min(wake, at)
			}
		}
	}
	return wake
}

// Watches tells whether a step waits for a condition.
func (p *Plan) Watches(now record.Millis) bool {
	for _, s := range p.steps {
		switch {
		case p.held:
		case s.state == watching && s.When != nil && now >= s.from, s.state == rolling && s.ended():
			return true
		}
	}
	return false
}

// Done tells whether nothing more will begin.
func (p *Plan) Done() bool {
	for _, s := range p.steps {
		if s.state != over {
			return false
		}
	}
	return true
}

// nothing is no occurrence.
var nothing = Occurrence{Step: -1}

// advance takes a step as far as it goes by now: to an occurrence that begins, or to the reason why
// the next one does not.
func (p *Plan) advance(s *step, now record.Millis, live Conditions) (Occurrence, string) {
	if s.state == following {
		if reason := p.follow(s); reason != "" {
			return s.occurrence(s.from), reason
		}
	}
	if s.state == watching && (s.When == nil || now >= s.from) {
		if at, ok := s.comes(live); ok {
			s.next, s.state = at, due
		} else if s.When.Timeout > 0 && now >= s.from+millis(s.When.Timeout) {
			return s.occurrence(now), fmt.Sprintf("it did not come about within %v that %v", s.When.Timeout, *s.When)
		}
	}
	if s.state == rolling && s.ended() {
		if at, ok := live.Holds(s.between(), s.last); ok {
			s.next, s.state = at, due
		} else if now >= s.last+millis(s.Rolling.Timeout) {
			return s.occurrence(now), fmt.Sprintf("it did not come about within %v of the one before that %v", s.Rolling.Timeout, s.between())
		}
	}
	if s.state == due {
		if late := s.outlives(p.end); late && s.unlimited() && s.begun > 0 {
			s.state = over
			return nothing, ""
		} else if late {
			return s.occurrence(s.next), fmt.Sprintf("it would have begun at %v%s, and the run lasts only %v", duration(s.next), lasting(s.For), duration(p.end))
		}
		if now >= s.next {
			return s.begin(), ""
		}
	}
	if now >= p.end && s.state != over {
		return s.occurrence(now), "by the end of the run " + s.lacks()
	}
	return nothing, ""
}

// follow finds out whether what a step follows has come, or why it will not.
func (p *Plan) follow(s *step) (reason string) {
	other := p.named[s.After.Step]
	if at, ok := other.moment(s.After.Event); ok {
		s.from, s.state = at+millis(s.After.Delay), watching
		return ""
	}
	if other.state == over && other.begun == other.left {
		return fmt.Sprintf("%s, which it follows, was skipped", s.After.Step)
	}
	return ""
}

// lasting is for how long an occurrence would have lasted, in words.
func lasting(d units.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf(" for %v", d)
}

func millis(d units.Duration) record.Millis { return record.InMillis(d.D()) }

// duration is a moment as scenarios have it, in whole milliseconds.
func duration(ms record.Millis) units.Duration {
	return units.Duration(record.Millis(math.Round(float64(ms))).D())
}
