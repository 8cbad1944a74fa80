package analysis

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Every cause of an outage rests on what the record holds. Shard 0 of the record takes
// no writes from 2000 to 6000 ms, and its master a answers its probes as is given.
func TestCausesOfOutages(t *testing.T) {
	answers := func(node string, shard int, answer string, from, until record.Millis) record.Event {
		return sample.At(from, &record.Probe{Node: node, Shard: shard, Answer: answer, Until: until, Count: 100})
	}
	throughout := func(answer string) []record.Event { return []record.Event{answers("a", 0, answer, 2000, 6000)} }
	fault := func(kind, target string, from, until record.Millis) []record.Event {
		events := []record.Event{}
		for phase, ms := range map[record.FaultPhase]record.Millis{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, sample.At(ms, &record.Fault{Kind: kind, Phase: phase, Targets: []string{target}, Shards: []int{0}}))
		}
		return events
	}
	join := func(lists ...[]record.Event) (all []record.Event) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	majorityAway := func(from, until record.Millis) (events []record.Event) {
		for phase, ms := range map[record.FaultPhase]record.Millis{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, sample.At(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"b", "c"}, Shards: []int{1, 2}}))
		}
		return events
	}
	// Shard 1 has no master from 1000 to 7000 ms.
	uncovered := []record.Event{sample.Ack(0, 1000, "b", 1), sample.Ack(7000, 9000, "b2", 1),
		sample.At(1500, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"})}
	covered := []record.Event{sample.Ack(0, 9000, "b", 1)}
	shown := map[report.Cause]bool{report.OutageClientsOccupied: true} // which is of applications
	for name, test := range map[string]struct {
		kind   string // of the scenario's fault
		config map[string]string
		names  bool
		events []record.Event
		want   report.Cause
	}{
		"killed":       {kind: "kill", events: join(fault("kill", "a", 2000, 6000), covered), want: report.OutageMasterDown},
		"min-replicas": {config: map[string]string{"min-replicas-to-write": "1"}, events: join(throughout("noreplicas"), covered), want: report.OutageMinReplicas},
		"full":         {config: map[string]string{"maxmemory": "8mb"}, events: join(throughout("oom"), covered), want: report.OutageOutOfMemory},
		// A fault that comes in the middle of it is not why.
		"full, and killed":        {kind: "kill", events: join([]record.Event{answers("a", 0, "oom", 2000, 5000)}, fault("kill", "a", 5000, 6000), covered), want: report.OutageOutOfMemory},
		"disk":                    {events: join(throughout("misconf"), covered), want: report.OutageDisk},
		"a replica":               {events: join(throughout("readonly"), covered), want: report.OutageReadOnly},
		"loading":                 {events: join(throughout("loading"), covered), want: report.OutageLoading},
		"not permitted":           {events: join(throughout("noperm"), covered), want: report.OutageNoPermission},
		"another shard's":         {events: join(throughout("clusterdown"), uncovered), want: report.OutageCoverage},
		"nobody else's":           {events: join(throughout("clusterdown"), covered), want: report.OutageClusterDown},
		"coverage not needed":     {config: map[string]string{"cluster-require-full-coverage": "no"}, events: join(throughout("clusterdown"), uncovered), want: report.OutageClusterDown},
		"cut off":                 {kind: "disconnect", events: join(throughout("clusterdown"), fault("disconnect", "a", 1000, 6000), covered), want: report.OutageNoMajority},
		"back":                    {kind: "kill", events: join([]record.Event{answers("a", 0, "clusterdown", 2500, 6000)}, fault("kill", "a", 2000, 2400), covered), want: report.OutageRejoining},
		"noticed late":            {kind: "disconnect", events: join([]record.Event{sample.Ack(1700, 2000, "a", 0), answers("a", 0, "clusterdown", 2005, 6000)}, fault("disconnect", "a", 500, 1600), covered), want: report.OutageRejoining},
		"back, and others not":    {kind: "kill", events: join([]record.Event{answers("a", 0, "clusterdown", 2500, 6000)}, fault("kill", "a", 2000, 2400), uncovered), want: report.OutageCoverage},
		"planned":                 {kind: "failover", events: join(fault("failover", "a2", 2000, 2000), covered), want: report.OutageManual},
		"names":                   {names: true, events: covered, want: report.OutageResolver},
		"only from its clients":   {kind: "disconnect", events: join(fault("disconnect", "a", 2000, 6000), covered, []record.Event{sample.At(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"})}), want: report.OutageClientsCutOff},
		"from both networks":      {kind: "disconnect", events: join(fault("disconnect", "a", 2000, 6000), covered, []record.Event{sample.At(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"}), sample.At(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "cluster"})}), want: report.OutageMasterDown},
		"frozen by somebody else": {events: join(covered, []record.Event{sample.At(2001, &record.NodeEvent{Node: "a", Action: "pause"}), sample.At(5990, &record.NodeEvent{Node: "a", Action: "unpause"})}), want: report.OutageIncident},
		"died":                    {events: join(covered, []record.Event{sample.At(2001, &record.NodeEvent{Node: "a", Action: "die", Exit: "137"})}), want: report.OutageDied},
		"no connection left":      {config: map[string]string{"maxclients": "50"}, events: join(throughout("maxclients"), covered), want: report.OutageOutOfClients},
		"redirected":              {events: join(throughout("moved"), covered), want: report.OutageRedirected},
		"starved":                 {events: join(covered, []record.Event{sample.At(2490, &record.Starved{For: 480}), sample.At(3000, &record.Starved{For: 490}), sample.At(3500, &record.Starved{For: 480}), sample.At(4000, &record.Starved{For: 490}), sample.At(4500, &record.Starved{For: 490})}), want: report.OutageStarved},
		"busy":                    {events: join(throughout("timeout"), covered, []record.Event{sample.At(5000, &record.Log{Node: "a", Kind: record.LogSlow, Text: "Asynchronous AOF fsync is taking too long."})}), want: report.OutageEventLoop},
		"gone":                    {events: join(throughout("refused"), covered), want: report.OutageNotResponding},
		"the majority is back":    {kind: "kill", events: join(throughout("clusterdown"), covered, majorityAway(1000, 2500)), want: report.OutageRejoining},
		"silent":                  {events: covered, want: report.OutageEventLoop},
		"something else":          {events: join(throughout("tryagain"), covered), want: report.CauseUnknown},
	} {
		start := *sample.Started().Data.(*record.RunStarted)
		start.Config = map[string]string{"cluster-node-timeout": "2000"}
		maps.Copy(start.Config, test.config)
		events := join([]record.Event{sample.At(0, &start), sample.Ack(0, 2000, "a", 0), sample.Ack(6000, 9000, "a", 0), sample.Ack(0, 9000, "c", 2), sample.At(9001, &record.RunEnded{})}, test.events)
		s := &scenarios.Scenario{}
		if test.kind != "" {
			s.Faults = []scenarios.Fault{{Kind: test.kind}}
		}
		if test.names {
			s.Cluster.Announce = scenarios.AnnounceHostname
		}
		r := Analyze(s, events)
		if len(r.Outages) == 0 || r.Outages[0].Shard != 0 && len(r.Outages) < 2 {
			t.Errorf("%s: %+v", name, r.Outages)
			continue
		}
		var o report.Outage
		for _, candidate := range r.Outages {
			if candidate.Shard == 0 {
				o = candidate
			}
		}
		if o.Cause != test.want || o.From != 2000 || o.To != 6000 || len(o.Evidence) == 0 {
			t.Errorf("%s: %+v, want %s", name, o, test.want)
		}
		shown[o.Cause] = true
	}
	for _, cause := range report.OutageCauses() {
		if !shown[cause] {
			t.Errorf("no record shows %s", cause)
		}
	}
}

// The outages of a shard are what its unavailability is made of.
func TestOutagesSumUp(t *testing.T) {
	r := Analyze(sample.OneFault(), sample.AFailover())
	sums := map[int]float64{}
	for _, o := range r.Outages {
		sums[o.Shard] += float64(o.Length())
	}
	for _, s := range r.Shards {
		if got := fmt.Sprint(sums[s.Shard]); got != sample.Show(s.Unavailable) {
			t.Errorf("shard %d: outages of %s ms, unavailable for %s", s.Shard, got, sample.Show(s.Unavailable))
		}
	}
}

// Each stretch of an outage has its own cause, and the outage's is that of the longest.
func TestAnOutageOfSeveralCauses(t *testing.T) {
	events := []record.Event{sample.Started(), sample.Ack(0, 2000, "a", 0), sample.Ack(9000, 9500, "a", 0), sample.Ack(0, 9500, "b", 1), sample.Ack(0, 9500, "c", 2), sample.At(9501, &record.RunEnded{}),
		sample.At(2700, &record.Probe{Node: "a", Answer: "loading", Until: 3700, Count: 9}), sample.At(3750, &record.Probe{Node: "a", Answer: "clusterdown", Until: 8990, Count: 9}),
		sample.Kill(record.FaultRequested, 1990), sample.Kill(record.FaultEffective, 2000), sample.Kill(record.FaultHealed, 2600)}
	r := Analyze(sample.OneFault(), events)
	var parts []string
	for _, p := range r.Outages[0].Causes {
		parts = append(parts, fmt.Sprintf("%.0f-%.0f %s", p.From, p.To, p.Cause))
	}
	if got := strings.Join(parts, ", "); len(r.Outages) != 1 || r.Outages[0].Cause != report.OutageRejoining || got != "2000-2700 master_down, 2700-3750 loading, 3750-9000 rejoining" {
		t.Errorf("%s: %s", r.Outages[0].Cause, got)
	}
}

// A fault that was over, and after which the master had answered, silenced nobody.
func TestAFaultThatIsOverSilencesNobody(t *testing.T) {
	for name, test := range map[string]struct {
		answers []record.Event
		want    report.Cause
	}{
		"it was back":     {[]record.Event{sample.Ack(2600, 3000, "a", 0)}, report.OutageEventLoop},
		"it was not back": {nil, report.OutageMasterDown},
	} {
		events := append([]record.Event{sample.Started(), sample.Ack(0, 2000, "a", 0), sample.Ack(4000, 9500, "a", 0), sample.Ack(0, 9500, "b", 1), sample.Ack(0, 9500, "c", 2), sample.At(9501, &record.RunEnded{}),
			sample.Kill(record.FaultRequested, 1990), sample.Kill(record.FaultEffective, 2000), sample.Kill(record.FaultHealed, 2400)}, test.answers...)
		outages := Analyze(sample.OneFault(), events).Outages
		if last := outages[len(outages)-1]; last.Cause != test.want {
			t.Errorf("%s: %+v, want %s", name, outages, test.want)
		}
	}
}

// An outage counts if it had begun when the load ended, and until it was over or reading back
// began. The load ends at 8000 ms, reading back begins at 8100.
func TestOutagesOfTheLoadAlone(t *testing.T) {
	for name, test := range map[string]struct {
		events []record.Event
		want   string // outages of shard 0
	}{
		"reading back":           {[]record.Event{sample.Ack(5, 8200, "a", 0), sample.Ack(9500, 9900, "a", 0)}, "[]"},
		"while settling":         {[]record.Event{sample.Ack(5, 8020, "a", 0), sample.Ack(8090, 9900, "a", 0)}, "[]"},
		"not over when it ended": {[]record.Event{sample.Ack(5, 7000, "a", 0), sample.Ack(8050, 9900, "a", 0)}, "[7000-8050]"},
		"nor when reading began": {[]record.Event{sample.Ack(5, 7000, "a", 0), sample.Ack(9500, 9900, "a", 0)}, "[7000-8100]"},
		"never over":             {[]record.Event{sample.Ack(5, 7000, "a", 0)}, "[7000-8100]"},
	} {
		events := append([]record.Event{sample.Started(), sample.At(8000, &record.WorkloadDone{Name: "w", End: 8000}), sample.At(8100, &record.Settled{OK: true}),
			sample.At(9900, &record.Probing{}), sample.At(9901, &record.RunEnded{})}, test.events...)
		var got []string
		for _, o := range Analyze(sample.OneFault(), events).Outages {
			got = append(got, fmt.Sprintf("%.0f-%.0f", o.From, o.To))
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}
