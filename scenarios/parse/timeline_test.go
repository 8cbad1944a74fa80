package parse

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// steps is a scenario of 40 s with steps, which begin at line 5; its duration is at 2:11.
func steps(lines string) string { return minimal + "workloads: [{name: w}]\nfaults:\n" + lines }

func TestTimelineInvalid(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		sets []string
		want string
	}{
		"no moment":            {yaml: steps("- {name: a, kill: {}}\n"), want: `f.yaml:5:3: faults[0]: missing "at", the moment of the fault; write at: 5s`},
		"misspelt key":         {yaml: steps("- {at: 1s, evry: 2s, kill: {}}\n"), want: `f.yaml:5:12: unknown key "evry"; did you mean "every"?`},
		"name":                 {yaml: steps("- {name: A b, at: 1s, kill: {}}\n"), want: `f.yaml:5:10: name: "A b" is not a name; write up to 63 lower-case letters, digits and dashes, such as master-kill`},
		"same name":            {yaml: steps("- {name: a, at: 1s, kill: {}}\n- {name: a, at: 2s, kill: {}}\n"), want: `f.yaml:6:10: name: faults[0] has the name "a" already; each step has its own`},
		"at and after":         {yaml: steps("- {name: a, at: 1s, for: 1s, kill: {}}\n- {at: 2s, after: a, kill: {}}\n"), want: `f.yaml:6:19: after: faults[1] has its moment by at: already; leave one of the two out`},
		"unknown step":         {yaml: steps("- {name: kill, at: 1s, for: 1s, kill: {}}\n- {after: kil, pause: {}}\n"), want: `f.yaml:6:11: after: unknown step "kil"; did you mean "kill"?`},
		"no step has a name":   {yaml: steps("- {at: 1s, for: 1s, kill: {}}\n- {after: {step: kill}, pause: {}}\n"), want: `f.yaml:6:18: step: no step is named "kill"; give the one that is meant a name: kill`},
		"no step":              {yaml: steps("- {after: {delay: 1s}, pause: {}}\n"), want: `f.yaml:5:11: after: missing "step"; it needs step`},
		"unknown event":        {yaml: steps("- {name: a, at: 1s, kill: {}}\n- {after: {step: a, event: heald}, pause: {}}\n"), want: `f.yaml:6:28: event: unknown event "heald"; did you mean "healed"?`},
		"itself":               {yaml: steps("- {name: a, after: a, for: 1s, kill: {}}\n"), want: `f.yaml:5:20: after: faults[0] waits for itself; give one of them an at:`},
		"cycle":                {yaml: steps("- {name: a, after: c, for: 1s, kill: {}}\n- {name: c, after: {step: a}, for: 1s, kill: {}}\n- {after: a, kill: {}}\n"), want: "f.yaml:5:20: after: faults[0] waits for faults[1] waits for faults[0]; give one of them an at:\nf.yaml:6:27: step: faults[1] waits for faults[0] waits for faults[1]; give one of them an at:"},
		"healed at the end":    {yaml: steps("- {name: a, at: 1s, kill: {}}\n- {after: a, pause: {}}\n"), want: `f.yaml:6:11: after: a is healed at the end of the run; give it a for, or write {step: a, event: effective}`},
		"repeated to the end":  {yaml: steps("- {name: a, at: 1s, for: 1s, every: 5s, kill: {}}\n- {after: a, pause: {}}\n"), want: `f.yaml:6:11: after: a is repeated until the end of the run, and so over too late; give it a count`},
		"after too late":       {yaml: steps("- {name: a, at: 10s, for: 20s, kill: {}}\n- {name: b, after: {step: a, delay: 4s}, for: 5s, pause: {}}\n- {after: b, for: 2s, pause: {}}\n"), want: `f.yaml:7:11: faults[2] begins at 39s at the earliest for 2s, and so outlives the run of 40s (duration); let it begin earlier, or run longer`},
		"after repeats":        {yaml: steps("- {name: a, at: 10s, for: 2s, every: 10s, jitter: 1s, count: 3, kill: {}}\n- {after: a, for: 20s, pause: {}}\n"), want: `f.yaml:6:11: faults[1] begins at 31s at the earliest for 20s, and so outlives the run of 40s (duration); let it begin earlier, or run longer`},
		"when too late":        {yaml: steps("- {at: 30s, when: {cluster: ok, delay: 8s}, for: 3s, kill: {}}\n"), want: `f.yaml:5:19: faults[0] begins at 38s at the earliest for 3s, and so outlives the run of 40s (duration); let it begin earlier, or run longer`},
		"set is to blame":      {yaml: steps("- {name: a, at: 10s, for: 20s, kill: {}}\n- {after: a, for: 5s, pause: {}}\n"), sets: []string{"duration=32s"}, want: `--set duration=32s: faults[1] begins at 30s at the earliest for 5s, and so outlives the run of 32s (duration); let it begin earlier, or run longer`},
		"too many":             {yaml: steps("- {at: 5s, for: 2s, every: 10s, jitter: 2s, count: 5, kill: {}}\n"), want: `f.yaml:5:52: faults[0] comes 5 times, the last one at up to 47s for 2s, and so outlives the run of 40s (duration); write fewer or closer ones, or run longer`},
		"only once":            {yaml: steps("- {at: 25s, for: 2s, every: 20s, kill: {}}\n"), want: `f.yaml:5:29: faults[0] comes only once: the second one would be at up to 45s for 2s, and so outlive the run of 40s (duration); write a shorter time, or run longer`},
		"jitter alone":         {yaml: steps("- {at: 5s, jitter: 2s, kill: {}}\n"), want: `f.yaml:5:20: jitter: it is of repetitions, and there are none; write every: 10s, or leave the key out`},
		"count alone":          {yaml: steps("- {at: 5s, count: 2, kill: {}}\n"), want: `f.yaml:5:19: count: it is of repetitions, and there are none; write every: 10s, or leave the key out`},
		"much jitter":          {yaml: steps("- {at: 5s, for: 1s, every: 4s, jitter: 3s, kill: {}}\n"), want: `f.yaml:5:40: jitter: 3s is more than half of every: 4s; write at most 2s`},
		"every without for":    {yaml: steps("- {at: 5s, every: 4s, kill: {}}\n"), want: `f.yaml:5:19: every: a kill lasts until the end of the run, and so is not repeated; write how long each one lasts, as for: 2s`},
		"for longer than that": {yaml: steps("- {at: 5s, for: 4s, every: 5s, jitter: 1s, kill: {}}\n"), want: `f.yaml:5:28: faults[0] lasts 4s, and the next one may begin 3s later; write every: 6s or more, or for: 3s or less`},
		"no count":             {yaml: steps("- {at: 5s, for: 1s, every: 5s, count: 0, kill: {}}\n"), want: `f.yaml:5:39: count: 0 is out of range; write 1 to 1000`},
		"rolling every":        {yaml: steps("- {at: 5s, for: 1s, every: 5s, rolling: {}, kill: {}}\n"), want: `f.yaml:5:28: every: a rolling step goes on when the cluster is whole, and not at fixed times; leave out every or rolling`},
		"rolling without for":  {yaml: steps("- {at: 5s, rolling: {}, kill: {}}\n"), want: `f.yaml:5:21: rolling: a kill lasts until the end of the run, and the next node waits for its end; write how long each one lasts, as for: 2s`},
		"batch":                {yaml: steps("- {at: 5s, for: 1s, rolling: 0, kill: {}}\n"), want: `f.yaml:5:30: rolling: 0 is out of range; write 1 to 180`},
		"optional at":          {yaml: steps("- {at: 5s, optional: true, kill: {}}\n"), want: `f.yaml:5:22: optional: faults[0] comes at a moment that is known; leave the key out, or give it an after, a when or a rolling`},
		"no condition":         {yaml: steps("- {when: {timeout: 5s}, kill: {}}\n"), want: `f.yaml:5:10: when: no condition; write one of cluster, steady, failover, replicas, behind, writes`},
		"two conditions":       {yaml: steps("- {when: {cluster: ok, behind: 1MB}, kill: {}}\n"), want: `f.yaml:5:10: when: 2 conditions (cluster, behind); write one of cluster, steady, failover, replicas, behind, writes`},
		"unknown phase":        {yaml: steps("- {when: {failover: promotd}, kill: {}}\n"), want: `f.yaml:5:21: failover: unknown phase of a failover "promotd"; did you mean "promoted"?`},
		"unknown state":        {yaml: steps("- {when: {cluster: fine}, kill: {}}\n"), want: `f.yaml:5:20: cluster: unknown condition of the cluster "fine"; known: ok, down, whole`},
		"shard of a cluster":   {yaml: steps("- {when: {cluster: ok, shard: 0}, kill: {}}\n"), want: `f.yaml:5:31: shard: cluster is not of a shard; leave the key out`},
		"no such shard":        {yaml: steps("- {when: {failover: fail, shard: 3}, kill: {}}\n"), want: `f.yaml:5:34: shard: no shard 3 in a cluster of 3 masters; shards are numbered 0 to 2`},
		"no replicas":          {yaml: "cluster: {replicas: 0}\n" + steps("- {when: {failover: fail}, kill: {}}\n"), want: `f.yaml:6:21: failover: this cluster has no replicas (cluster.replicas: 0)`},
		"no such workload":     {yaml: steps("- {when: {writes: 10, workload: x}, kill: {}}\n"), want: `f.yaml:5:33: workload: unknown workload "x"; did you mean "w"?`},
		"nobody writes":        {yaml: minimal + "faults: [{when: {writes: 10}, kill: {}}]\n", want: `f.yaml:3:26: writes: only a workload writes, and there is none; add one, of any type`},
		"steady":               {yaml: minimal + "steady: {for: 5s, timeout: 2s}\n", want: `f.yaml:3:15: for: 5s is out of range; write 100ms to 2s (the timeout)`},
		"steady of nobody":     {yaml: minimal + "steady: {success: 99%}\n", want: `f.yaml:3:19: success: only a workload can tell, and there is none; add one, of any type`},
		"latency of no second": {yaml: steps("- {at: 3s, kill: {}}\n") + "steady: {for: 1s, latency: 5ms}\n", want: `f.yaml:6:28: latencies are known of whole seconds, and 1s (for) may hold none; write for: 3s or more`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Scenario("f.yaml", []byte(c.yaml), fakeCatalog(), c.sets)
			if err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

const everyMoment = `- {name: flaps, at: 2s, every: 10s, jitter: 2s, count: 3, for: 1s, kill: {}}
- {name: next, after: flaps, when: {cluster: whole, timeout: 20s}, for: 500ms, pause: {}}
- {after: {step: flaps, event: effective, delay: 100ms}, when: {failover: promoted, shard: 0, delay: 1s}, optional: true, for: 500ms, kill: {}}
- {when: {steady: 2s}, rolling: 2, for: 500ms, pause: {}}
- {at: 3s, when: {replicas: in_sync}, rolling: {batch: 3, timeout: 5s, steady: 1s}, for: 500ms, pause: {}}
- {when: {behind: 1MB, shard: 1}, kill: {}}
- {when: {writes: 1000, workload: w}, kill: {}}
`

func TestTimeline(t *testing.T) {
	s, err := Scenario("f.yaml", []byte(steps(everyMoment)+"steady: {success: 99.5%, latency: 10ms, for: 4s}\n"), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Faults[1].After; a.Event != scenarios.StepHealed || a.Step != "flaps" {
		t.Errorf("short after: %+v", a)
	}
	if r := s.Faults[3].Rolling; r.Batch != 2 || r.Timeout.String() != "30s" {
		t.Errorf("short rolling: %+v", r)
	}
	if s.Steady.Timeout.String() != "30s" || s.Steady.Success != units.Percent(99.5) {
		t.Errorf("steady: %+v", s.Steady)
	}
	checkRoundTrip(t, s)
	for i, want := range []string{"the cluster is whole", "a failover of shard 0 reaches promoted", "the cluster is steady for 2s", "every replica is in sync", "a replica of shard 1 is 1MB behind", "workload w has 1000 writes acked"} {
		if got := s.Faults[i+1].When.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
