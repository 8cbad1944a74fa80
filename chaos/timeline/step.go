package timeline

import (
	"cmp"
	"fmt"
	"math/rand/v2"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// state is what a step waits for.
type state int

const (
	following state = iota // for the step that it follows
	watching               // for its moment, and for its condition from then on
	due                    // for the moment of its next occurrence
	rolling                // for the healing of an occurrence, and for the cluster to be whole
	over                   // for nothing: no more of it begins
)

// step is a step of the timeline, and how far that is.
type step struct {
	scenarios.Fault
	index  int
	jitter *rand.Rand
	state  state
	// from is its moment: its condition counts from then on.
	from record.Millis
	// first is when the first occurrence was due, and next when the next one is.
	first, next record.Millis
	// count is how many occurrences there are; 0: as many as the run has room for, or not known yet.
	count int
	// begun counts the occurrences that were begun, and healed and left those that were healed, and
	// not carried out after all.
	begun, healed, left int
	// came is when something first became of it, and last when an occurrence was healed.
	came map[scenarios.StepEvent]record.Millis
	last record.Millis
}

// jitterStream keeps the jitter of a step apart from its picks, which are of the same seed.
const jitterStream = 1 << 63

func newStep(index int, f scenarios.Fault, seed int64) *step {
	s := &step{Fault: f, index: index, from: millis(f.At), state: watching, came: map[scenarios.StepEvent]record.Millis{}}
	s.jitter = rand.New(rand.NewPCG(uint64(seed), jitterStream|uint64(index)))
	switch {
	case f.Every > 0:
		s.count = f.Count
	case f.Rolling == nil:
		s.count = 1
	}
	if f.After != nil {
		s.state = following
	}
	return s
}

// timed tells whether it has a moment on the run's clock.
func (s *step) timed() bool { return s.After == nil && (s.When == nil || s.At > 0) }

// unlimited tells whether it is repeated for as long as the run has room.
func (s *step) unlimited() bool { return s.Every > 0 && s.Count == 0 }

// ended tells whether nothing that was begun is under way.
func (s *step) ended() bool { return s.healed+s.left == s.begun }

// comes is when its first occurrence is due, if that is known.
func (s *step) comes(live Conditions) (record.Millis, bool) {
	if s.When == nil {
		return s.from, true
	}
	at, ok := live.Holds(*s.When, s.from)
	return at + millis(s.When.Delay), ok
}

// between is what has to hold between two occurrences of a rolling step.
func (s *step) between() scenarios.When {
	if s.Rolling.Steady > 0 {
		return scenarios.When{Steady: s.Rolling.Steady}
	}
	return scenarios.When{Cluster: scenarios.ClusterWhole}
}

// outlives tells whether the next occurrence would not be over by the end of the run.
func (s *step) outlives(end record.Millis) bool {
	return s.next >= end || s.next+millis(s.For) > end
}

// occurrence is the next one, due at a moment.
func (s *step) occurrence(at record.Millis) Occurrence {
	o := Occurrence{Step: s.index, Due: at}
	if s.Every > 0 || s.Rolling != nil {
		o.Number = s.begun + 1
	}
	return o
}

// begin has the next occurrence begin, and decides when the one after it is due.
func (s *step) begin() Occurrence {
	o := s.occurrence(s.next)
	if s.begun == 0 {
		s.first = s.next
	}
	s.begun++
	switch {
	case s.begun == s.count:
		s.state = over
	case s.Rolling != nil:
		s.state = rolling
	default:
		s.next = s.first + record.Millis(s.begun)*millis(s.Every) + record.Millis(2*s.jitter.Float64()-1)*millis(s.Jitter)
	}
	return o
}

// tell takes in what has become of an occurrence.
func (s *step) tell(event scenarios.StepEvent, at record.Millis) {
	if event == scenarios.StepHealed {
		s.healed++
		s.last = max(s.last, at)
		return
	}
	if _, known := s.came[event]; !known {
		s.came[event] = at
	}
}

// moment is when something has become of the step; not ok if it has not.
func (s *step) moment(event scenarios.StepEvent) (record.Millis, bool) {
	if event == scenarios.StepHealed {
		return s.last, s.state == over && s.healed > 0 && s.ended()
	}
	at, ok := s.came[event]
	return at, ok
}

// moments are those at which time alone has something come of it.
func (s *step) moments() []record.Millis {
	switch s.state {
	case watching:
		all := []record.Millis{s.from}
		if s.When != nil && s.When.Timeout > 0 {
			all = append(all, s.from+millis(s.When.Timeout))
		}
		return all
	case due:
		return []record.Millis{s.next}
	case rolling:
		if s.ended() {
			return []record.Millis{s.last + millis(s.Rolling.Timeout)}
		}
	}
	return nil
}

// lacks is what it still waits for, in words.
func (s *step) lacks() string {
	switch {
	case s.state == following:
		event := map[scenarios.StepEvent]string{scenarios.StepRequested: "been asked for", scenarios.StepEffective: "taken hold"}[s.After.Event]
		return fmt.Sprintf("%s, which it follows, had not %s", s.After.Step, cmp.Or(event, "been healed"))
	case s.state == rolling && !s.ended():
		return "the one before had not been healed"
	case s.state == rolling:
		return fmt.Sprintf("it had not come about that %v", s.between())
	case s.When != nil:
		return fmt.Sprintf("it had not come about that %v", *s.When)
	default:
		return "its moment had not come"
	}
}
