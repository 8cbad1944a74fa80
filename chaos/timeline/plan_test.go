package timeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func seconds(s float64) units.Duration { return units.Duration(s * float64(time.Second)) }

// told is what a test has come about: conditions by their words, and since when.
type told map[string]record.Millis

func (t told) Holds(w scenarios.When, from record.Millis) (record.Millis, bool) {
	at, ok := t[w.String()]
	return max(at, from), ok
}

// simulated runs a plan to its end by a clock of its own. Each occurrence takes hold 100 ms after
// it began, and lasts as long as it is to. comes is when conditions come to hold.
func simulated(s *scenarios.Scenario, seed int64, comes map[string]record.Millis) (log []string) {
	type event struct {
		at   record.Millis
		tell func()
	}
	p := New(s, seed)
	var events []event
	live := told{}
	for what, at := range comes {
		events = append(events, event{at, func() { live[what] = at }})
	}
	for now := record.Millis(0); !p.Done(); {
		begin, skipped := p.Next(now, live)
		for _, o := range begin {
			log = append(log, fmt.Sprintf("%.0f begin %d.%d", now, o.Step, o.Number))
			f := s.Faults[o.Step]
			effective, healed := now+100, now+100+record.InMillis(f.For.D())
			p.Tell(o, scenarios.StepRequested, now)
			if f.Rolling != nil {
				p.Rolls(o.Step, 3)
			}
			events = append(events, event{effective, func() { p.Tell(o, scenarios.StepEffective, effective) }},
				event{healed, func() { p.Tell(o, scenarios.StepHealed, healed) }})
		}
		for _, k := range skipped {
			optional := ""
			if k.Optional {
				optional = " (optional)"
			}
			log = append(log, fmt.Sprintf("%.0f skip %d.%d: %s%s", now, k.Step, k.Number, k.Reason, optional))
		}
		next := p.Wake(now)
		for _, e := range events {
			next = min(next, e.at)
		}
		if math.IsInf(float64(next), 1) {
			break
		}
		now = next
		events = slices.DeleteFunc(events, func(e event) bool {
			if e.at <= now {
				e.tell()
			}
			return e.at <= now
		})
	}
	return log
}

func TestPlan(t *testing.T) {
	shard := 0
	promoted := scenarios.When{Failover: scenarios.PhasePromoted, Shard: &shard}
	within := func(w scenarios.When, timeout, delay float64) *scenarios.When {
		w.Timeout, w.Delay = seconds(timeout), seconds(delay)
		return &w
	}
	for name, c := range map[string]struct {
		steps []scenarios.Fault
		comes map[string]record.Millis
		want  string
	}{
		"at": {
			steps: []scenarios.Fault{{At: seconds(5)}, {At: seconds(2)}, {At: seconds(5)}},
			want:  "2000 begin 1.0, 5000 begin 0.0, 5000 begin 2.0",
		},
		"every, to the end": {
			steps: []scenarios.Fault{{At: seconds(5), For: seconds(2), Every: seconds(10)}},
			want:  "5000 begin 0.1, 15000 begin 0.2, 25000 begin 0.3, 35000 begin 0.4",
		},
		"every, counted": {
			steps: []scenarios.Fault{{At: seconds(5), For: seconds(2), Every: seconds(10), Count: 2}},
			want:  "5000 begin 0.1, 15000 begin 0.2",
		},
		"after": {
			steps: []scenarios.Fault{
				{After: &scenarios.After{Step: "b", Event: scenarios.StepEffective, Delay: seconds(1)}, For: seconds(1)},
				{Name: "b", After: &scenarios.After{Step: "c", Event: scenarios.StepHealed}, For: seconds(1)},
				{Name: "c", At: seconds(5), For: seconds(2), Every: seconds(10), Count: 2},
				{After: &scenarios.After{Step: "c", Event: scenarios.StepRequested, Delay: seconds(.5)}, For: seconds(1)},
			},
			want: "5000 begin 2.1, 5500 begin 3.0, 15000 begin 2.2, 17100 begin 1.0, 18200 begin 0.0",
		},
		"when": {
			steps: []scenarios.Fault{
				{At: seconds(5), For: seconds(20)},
				{When: within(promoted, 30, 1), For: seconds(1)},
				{At: seconds(10), When: &scenarios.When{Cluster: scenarios.ClusterOK}, For: seconds(1)},
			},
			comes: map[string]record.Millis{promoted.String(): 9500, "the cluster is ok": 1000},
			want:  "5000 begin 0.0, 10000 begin 2.0, 10500 begin 1.0",
		},
		"when never comes": {
			steps: []scenarios.Fault{
				{Name: "a", At: seconds(5), When: within(promoted, 10, 0)},
				{Name: "b", After: &scenarios.After{Step: "a", Event: scenarios.StepHealed}, Optional: true},
				{When: within(promoted, 0, 0), Optional: true},
			},
			want: "15000 skip 0.0: it did not come about within 10s that a failover of shard 0 reaches promoted, 15000 skip 1.0: a, which it follows, was skipped (optional), " +
				"40000 skip 2.0: by the end of the run it had not come about that a failover of shard 0 reaches promoted (optional)",
		},
		"too late": {
			steps: []scenarios.Fault{
				{Name: "a", When: within(promoted, 0, 0), For: seconds(5), Every: seconds(5), Count: 3},
				{After: &scenarios.After{Step: "a", Event: scenarios.StepHealed}, For: seconds(10)},
				{After: &scenarios.After{Step: "a", Event: scenarios.StepEffective, Delay: seconds(20)}},
			},
			comes: map[string]record.Millis{promoted.String(): 24800},
			want: "24800 begin 0.1, 24900 skip 2.0: it would have begun at 44.9s, and the run lasts only 40s, 29800 begin 0.2, " +
				"34800 begin 0.3, 39900 skip 1.0: it would have begun at 39.9s for 10s, and the run lasts only 40s",
		},
		"repeated too late": {
			steps: []scenarios.Fault{{When: within(promoted, 0, 0), For: seconds(5), Every: seconds(5), Count: 3}},
			comes: map[string]record.Millis{promoted.String(): 28000},
			want:  "28000 begin 0.1, 33000 begin 0.2, 33000 skip 0.3: it would have begun at 38s for 5s, and the run lasts only 40s",
		},
		"rolling": {
			steps: []scenarios.Fault{
				{Name: "roll", At: seconds(5), For: seconds(1), Rolling: &scenarios.Rolling{Batch: 1, Timeout: seconds(10)}},
				{After: &scenarios.After{Step: "roll", Event: scenarios.StepHealed}, For: seconds(1)},
			},
			comes: map[string]record.Millis{"the cluster is whole": 8000},
			want:  "5000 begin 0.1, 8000 begin 0.2, 9100 begin 0.3, 10200 begin 1.0",
		},
		"rolling stops": {
			steps: []scenarios.Fault{{At: seconds(5), For: seconds(1), Rolling: &scenarios.Rolling{Batch: 1, Timeout: seconds(10), Steady: seconds(2)}}},
			want:  "5000 begin 0.1, 16100 skip 0.2: it did not come about within 10s of the one before that the cluster is steady for 2s",
		},
		"rolling to the end": {
			steps: []scenarios.Fault{{At: seconds(30), For: seconds(9), Rolling: &scenarios.Rolling{Batch: 1, Timeout: seconds(10)}}},
			want:  "30000 begin 0.1, 40000 skip 0.2: by the end of the run it had not come about that the cluster is whole",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scenarios.Scenario{Duration: seconds(40), Faults: c.steps}
			if got := strings.Join(simulated(s, 1, c.comes), ", "); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(got, ", ", "\n"), strings.ReplaceAll(c.want, ", ", "\n"))
			}
		})
	}
}

// The same seed gives the same moments, another seed others, and none is off by more than the jitter.
func TestJitter(t *testing.T) {
	step := scenarios.Fault{At: seconds(5), For: seconds(1), Every: seconds(10), Jitter: seconds(2), Count: 20}
	s := &scenarios.Scenario{Duration: seconds(400), Faults: []scenarios.Fault{step, step}}
	one := simulated(s, 7, nil)
	if again := simulated(s, 7, nil); !slices.Equal(one, again) {
		t.Errorf("with the same seed: %v, then %v", one, again)
	}
	if other := simulated(s, 8, nil); slices.Equal(one, other) {
		t.Errorf("with two seeds: %v", one)
	}
	moved := map[float64]bool{}
	for _, line := range one {
		var at float64
		var index, number int
		if _, err := fmt.Sscanf(line, "%f begin %d.%d", &at, &index, &number); err != nil {
			t.Fatal(line)
		}
		off := at - float64(5000+10_000*(number-1))
		if math.Abs(off) > 2001 || number == 1 && off != 0 {
			t.Errorf("%s: off by %.0f ms", line, off)
		}
		moved[off] = true
	}
	if len(one) != 40 || len(moved) < 35 {
		t.Errorf("%d occurrences, moved by %v", len(one), moved)
	}
}

// What is begun and not carried out after all is no occurrence for those that follow.
func TestLeave(t *testing.T) {
	after := &scenarios.After{Step: "a", Event: scenarios.StepHealed}
	for _, c := range []struct {
		leaves int // of the two occurrences of a
		want   string
	}{
		{0, "[{1 0 16000}] []"}, {1, "[{1 0 6000}] []"}, {2, "[] [{{1 0 0} a, which it follows, was skipped false}]"},
	} {
		p := New(&scenarios.Scenario{Duration: seconds(40), Faults: []scenarios.Fault{
			{Name: "a", At: seconds(5), For: seconds(1), Every: seconds(10), Count: 2}, {After: after},
		}}, 1)
		for i, at := range []record.Millis{5000, 15_000} {
			begin, _ := p.Next(at, told{})
			if i < 2-c.leaves {
				p.Tell(begin[0], scenarios.StepHealed, at+1000)
			} else {
				p.Leave(begin[0])
			}
		}
		begin, skipped := p.Next(16_000, told{})
		if got := fmt.Sprint(begin, skipped); got != c.want {
			t.Errorf("%d left: %s, want %s", c.leaves, got, c.want)
		}
	}
}

// A run that becomes steady late has all of its timeline later, and one that does not has none.
func TestRelease(t *testing.T) {
	s := &scenarios.Scenario{Duration: seconds(40), Steady: &scenarios.Steady{}, Faults: []scenarios.Fault{
		{At: seconds(5)}, {At: seconds(8)}, {When: &scenarios.When{Cluster: scenarios.ClusterOK}},
	}}
	for _, c := range []struct {
		at, later record.Millis
		want      string
	}{{3000, 0, "[5000 8000 3000]"}, {7000, 2000, "[7000 10000 7000]"}} {
		p := New(s, 1)
		if begin, skipped := p.Next(6000, told{}); len(begin)+len(skipped) > 0 || p.Watches(6000) || !math.IsInf(float64(p.Wake(6000)), 1) {
			t.Errorf("held: %v %v", begin, skipped)
		}
		if later := p.Release(c.at); later != c.later {
			t.Errorf("released at %v: %v later, want %v", c.at, later, c.later)
		}
		var from []record.Millis
		for _, s := range p.steps {
			from = append(from, s.from)
		}
		if got := fmt.Sprint(from); got != c.want {
			t.Errorf("released at %v: %s, want %s", c.at, got, c.want)
		}
	}
}
