package chaos

import (
	"reflect"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// over is a fault that is over once it is done.
type over struct{ fake }

func (over) Momentary() {}

func TestPlan(t *testing.T) {
	second := units.Duration(time.Second)
	s := &scenarios.Scenario{Faults: []scenarios.Fault{
		{At: 9 * second, Kind: "late", Spec: demanding{fake{Selector{Role: aim.Master, Shard: []int{1}}}, compose.Shaping}},
		{At: 2 * second, For: 3 * second, Kind: "kill", Spec: fake{Selector{Role: aim.Master, Pick: "random"}}},
		{At: 2 * second, Kind: "over", Spec: over{fake{Selector{Node: []string{"a"}, ExpectRole: aim.Replica}}}},
	}}
	steps, err := Plan(s)
	if err != nil {
		t.Fatal(err)
	}
	topology := observe.Topology{{Node: "a", Shard: 0, Master: true}, {Node: "b", Shard: 1, Master: true}}
	var picks [][]string
	var left []string
	for i := range steps {
		targets, err := steps[i].On(topology, 7)
		picks = append(picks, targets.Nodes)
		if err != nil {
			left = append(left, err.Error())
		}
		steps[i].at, steps[i].finder = 0, nil
	}
	want := []Step{
		{Index: 1, When: "at 2s for 3s", Kind: "kill", Targets: "one of all masters, by the run's seed"},
		{Index: 2, When: "at 2s", Kind: "over", Targets: "a, if by then replica"},
		{Index: 0, When: "at 9s to the end", Kind: "late", Targets: "the master of shard 1", Needs: []compose.Ability{compose.Shaping}},
	}
	if !reflect.DeepEqual(steps, want) {
		t.Errorf("%+v\nwant %+v", steps, want)
	}
	// A step's picks are those of a run: by the seed and the step's place in the scenario.
	run, err := Selector{Role: aim.Master, Pick: "random"}.Find(topology, aim.Draw{Seed: 7, Step: 1})
	if err != nil || !reflect.DeepEqual(picks, [][]string{run.Nodes, nil, {"b"}}) {
		t.Errorf("%v, %v", picks, err)
	}
	if !reflect.DeepEqual(left, []string{"a is a master by now, where a replica was expected"}) {
		t.Errorf("%q", left)
	}
}
