package report

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Every cause of an outage rests on what the record holds. Shard 0 of the record takes
// no writes from 2000 to 6000 ms, and its master a answers its probes as is given.
func TestCausesOfOutages(t *testing.T) {
	answers := func(node string, shard int, answer string, from, until float64) record.Event {
		return at(from, &record.Probe{Node: node, Shard: shard, Answer: answer, UntilMS: until, Count: 100})
	}
	throughout := func(answer string) []record.Event { return []record.Event{answers("a", 0, answer, 2000, 6000)} }
	fault := func(kind, target string, from, until float64) []record.Event {
		events := []record.Event{}
		for phase, ms := range map[record.FaultPhase]float64{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, at(ms, &record.Fault{Kind: kind, Phase: phase, Targets: []string{target}, Shards: []int{0}}))
		}
		return events
	}
	join := func(lists ...[]record.Event) (all []record.Event) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	majorityAway := func(from, until float64) (events []record.Event) {
		for phase, ms := range map[record.FaultPhase]float64{record.FaultRequested: from, record.FaultEffective: from, record.FaultHealed: until} {
			events = append(events, at(ms, &record.Fault{Kind: "kill", Phase: phase, Targets: []string{"b", "c"}, Shards: []int{1, 2}}))
		}
		return events
	}
	// Shard 1 has no master from 1000 to 7000 ms.
	uncovered := []record.Event{ack(0, 1000, "b", 1), ack(7000, 9000, "b2", 1),
		at(1500, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"})}
	covered := []record.Event{ack(0, 9000, "b", 1)}
	shown := map[Cause]bool{OutageClientsOccupied: true} // which is of applications
	for name, test := range map[string]struct {
		kind   string // of the scenario's fault
		config map[string]string
		names  bool
		events []record.Event
		want   Cause
	}{
		"killed":       {kind: "kill", events: join(fault("kill", "a", 2000, 6000), covered), want: OutageMasterDown},
		"min-replicas": {config: map[string]string{"min-replicas-to-write": "1"}, events: join(throughout("noreplicas"), covered), want: OutageMinReplicas},
		"full":         {config: map[string]string{"maxmemory": "8mb"}, events: join(throughout("oom"), covered), want: OutageOutOfMemory},
		// A fault that comes in the middle of it is not why.
		"full, and killed":        {kind: "kill", events: join([]record.Event{answers("a", 0, "oom", 2000, 5000)}, fault("kill", "a", 5000, 6000), covered), want: OutageOutOfMemory},
		"disk":                    {events: join(throughout("misconf"), covered), want: OutageDisk},
		"a replica":               {events: join(throughout("readonly"), covered), want: OutageReadOnly},
		"loading":                 {events: join(throughout("loading"), covered), want: OutageLoading},
		"not permitted":           {events: join(throughout("noperm"), covered), want: OutageNoPermission},
		"another shard's":         {events: join(throughout("clusterdown"), uncovered), want: OutageCoverage},
		"nobody else's":           {events: join(throughout("clusterdown"), covered), want: OutageClusterDown},
		"coverage not needed":     {config: map[string]string{"cluster-require-full-coverage": "no"}, events: join(throughout("clusterdown"), uncovered), want: OutageClusterDown},
		"cut off":                 {kind: "disconnect", events: join(throughout("clusterdown"), fault("disconnect", "a", 1000, 6000), covered), want: OutageNoMajority},
		"back":                    {kind: "kill", events: join([]record.Event{answers("a", 0, "clusterdown", 2500, 6000)}, fault("kill", "a", 2000, 2400), covered), want: OutageRejoining},
		"noticed late":            {kind: "disconnect", events: join([]record.Event{ack(1700, 2000, "a", 0), answers("a", 0, "clusterdown", 2005, 6000)}, fault("disconnect", "a", 500, 1600), covered), want: OutageRejoining},
		"back, and others not":    {kind: "kill", events: join([]record.Event{answers("a", 0, "clusterdown", 2500, 6000)}, fault("kill", "a", 2000, 2400), uncovered), want: OutageCoverage},
		"planned":                 {kind: "failover", events: join(fault("failover", "a2", 2000, 2000), covered), want: OutageManual},
		"names":                   {names: true, events: covered, want: OutageResolver},
		"only from its clients":   {kind: "disconnect", events: join(fault("disconnect", "a", 2000, 6000), covered, []record.Event{at(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"})}), want: OutageClientsCutOff},
		"from both networks":      {kind: "disconnect", events: join(fault("disconnect", "a", 2000, 6000), covered, []record.Event{at(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "client"}), at(2000, &record.NodeEvent{Node: "a", Action: "disconnect", Network: "cluster"})}), want: OutageMasterDown},
		"frozen by somebody else": {events: join(covered, []record.Event{at(2001, &record.NodeEvent{Node: "a", Action: "pause"}), at(5990, &record.NodeEvent{Node: "a", Action: "unpause"})}), want: OutageIncident},
		"died":                    {events: join(covered, []record.Event{at(2001, &record.NodeEvent{Node: "a", Action: "die", Exit: "137"})}), want: OutageDied},
		"no connection left":      {config: map[string]string{"maxclients": "50"}, events: join(throughout("maxclients"), covered), want: OutageOutOfClients},
		"redirected":              {events: join(throughout("moved"), covered), want: OutageRedirected},
		"starved":                 {events: join(covered, []record.Event{at(2490, &record.Starved{ForMS: 480}), at(3000, &record.Starved{ForMS: 490}), at(3500, &record.Starved{ForMS: 480}), at(4000, &record.Starved{ForMS: 490}), at(4500, &record.Starved{ForMS: 490})}), want: OutageStarved},
		"busy":                    {events: join(throughout("timeout"), covered, []record.Event{at(5000, &record.Log{Node: "a", Kind: record.LogSlow, Text: "Asynchronous AOF fsync is taking too long."})}), want: OutageEventLoop},
		"gone":                    {events: join(throughout("refused"), covered), want: OutageNotResponding},
		"the majority is back":    {kind: "kill", events: join(throughout("clusterdown"), covered, majorityAway(1000, 2500)), want: OutageRejoining},
		"silent":                  {events: covered, want: OutageEventLoop},
		"something else":          {events: join(throughout("tryagain"), covered), want: CauseUnknown},
	} {
		start := *started().Data.(*record.RunStarted)
		start.Config = map[string]string{"cluster-node-timeout": "2000"}
		maps.Copy(start.Config, test.config)
		events := join([]record.Event{at(0, &start), ack(0, 2000, "a", 0), ack(6000, 9000, "a", 0), ack(0, 9000, "c", 2), at(9001, &record.RunEnded{})}, test.events)
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
		var o Outage
		for _, candidate := range r.Outages {
			if candidate.Shard == 0 {
				o = candidate
			}
		}
		if o.Cause != test.want || o.FromMS != 2000 || o.ToMS != 6000 || len(o.Evidence) == 0 {
			t.Errorf("%s: %+v, want %s", name, o, test.want)
		}
		shown[o.Cause] = true
	}
	for _, cause := range OutageCauses() {
		if !shown[cause] {
			t.Errorf("no record shows %s", cause)
		}
	}
}

// The outages of a shard are what its unavailability is made of.
func TestOutagesSumUp(t *testing.T) {
	r := Analyze(oneFault(), aFailover())
	sums := map[int]float64{}
	for _, o := range r.Outages {
		sums[o.Shard] += o.length()
	}
	for _, s := range r.Shards {
		if got := fmt.Sprint(sums[s.Shard]); got != show(s.UnavailableMS) {
			t.Errorf("shard %d: outages of %s ms, unavailable for %s", s.Shard, got, show(s.UnavailableMS))
		}
	}
}

// Each stretch of an outage has its own cause, and the outage's is that of the longest.
func TestAnOutageOfSeveralCauses(t *testing.T) {
	events := []record.Event{started(), ack(0, 2000, "a", 0), ack(9000, 9500, "a", 0), ack(0, 9500, "b", 1), ack(0, 9500, "c", 2), at(9501, &record.RunEnded{}),
		at(2700, &record.Probe{Node: "a", Answer: "loading", UntilMS: 3700, Count: 9}), at(3750, &record.Probe{Node: "a", Answer: "clusterdown", UntilMS: 8990, Count: 9}),
		kill(record.FaultRequested, 1990), kill(record.FaultEffective, 2000), kill(record.FaultHealed, 2600)}
	r := Analyze(oneFault(), events)
	var parts []string
	for _, p := range r.Outages[0].Causes {
		parts = append(parts, fmt.Sprintf("%.0f-%.0f %s", p.FromMS, p.ToMS, p.Cause))
	}
	if got := strings.Join(parts, ", "); len(r.Outages) != 1 || r.Outages[0].Cause != OutageRejoining || got != "2000-2700 master_down, 2700-3750 loading, 3750-9000 rejoining" {
		t.Errorf("%s: %s", r.Outages[0].Cause, got)
	}
}

// That this program was not run for a moment makes no other cause.
func TestPartsOfAnOutageAreJoined(t *testing.T) {
	part := func(from, to float64, cause Cause, node string) Outage {
		return Outage{FromMS: from, ToMS: to, Finding: Finding{Cause: cause, Node: node}}
	}
	for name, test := range map[string]struct {
		parts []Outage
		want  string
	}{
		"alike":              {[]Outage{part(0, 1, OutageDisk, "a"), part(1, 2, OutageDisk, "a")}, "0-2 disk;"},
		"of another node":    {[]Outage{part(0, 1, OutageDisk, "a"), part(1, 2, OutageDisk, "b")}, "0-1 disk;1-2 disk;"},
		"starved between":    {[]Outage{part(0, 1, OutageDisk, "a"), part(1, 2, OutageStarved, "a"), part(2, 3, OutageDisk, "a"), part(3, 4, OutageStarved, "a"), part(4, 5, OutageDisk, "a")}, "0-5 disk;"},
		"starved, and other": {[]Outage{part(0, 1, OutageDisk, "a"), part(1, 2, OutageStarved, "a"), part(2, 3, OutageLoading, "a")}, "0-1 disk;1-2 starved;2-3 loading;"},
		"starved at the end": {[]Outage{part(0, 1, OutageStarved, "a"), part(1, 2, OutageDisk, "a"), part(2, 3, OutageStarved, "a")}, "0-1 starved;1-2 disk;2-3 starved;"},
	} {
		got := ""
		for _, p := range joinAlike(test.parts) {
			got += fmt.Sprintf("%.0f-%.0f %s;", p.FromMS, p.ToMS, p.Cause)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// A fault that was over, and after which the master had answered, silenced nobody.
func TestAFaultThatIsOverSilencesNobody(t *testing.T) {
	for name, test := range map[string]struct {
		answers []record.Event
		want    Cause
	}{
		"it was back":     {[]record.Event{ack(2600, 3000, "a", 0)}, OutageEventLoop},
		"it was not back": {nil, OutageMasterDown},
	} {
		events := append([]record.Event{started(), ack(0, 2000, "a", 0), ack(4000, 9500, "a", 0), ack(0, 9500, "b", 1), ack(0, 9500, "c", 2), at(9501, &record.RunEnded{}),
			kill(record.FaultRequested, 1990), kill(record.FaultEffective, 2000), kill(record.FaultHealed, 2400)}, test.answers...)
		outages := Analyze(oneFault(), events).Outages
		if last := outages[len(outages)-1]; last.Cause != test.want {
			t.Errorf("%s: %+v, want %s", name, outages, test.want)
		}
	}
}

// When a shard had no master is known by what the others said of it, not by its probes.
func TestWhenAShardHadNoMaster(t *testing.T) {
	h := arrange([]record.Event{started(),
		at(2000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "a"}), at(2500, &record.SlotOwner{Observer: "c", Shard: 0, Owner: "a2", Epoch: 9}),
		at(3000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"}), at(4000, &record.NodeFlag{Observer: "c", Subject: "b", Flag: "ok"}),
		at(6000, &record.Log{Node: "c", Kind: record.LogMarkedFail, Subject: "b"}), at(9001, &record.RunEnded{}),
	})
	h.changes = changesOf(h)
	var got []string
	for _, u := range uncoveredOf(h) {
		got = append(got, fmt.Sprintf("%d %.0f-%.0f", u.shard, u.from, u.to))
	}
	if want := "0 2000-2500, 1 3000-4000, 1 6000-9001"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %s", got, want)
	}
}

// An outage counts if it had begun when the load ended, and until it was over or reading back
// began. The load ends at 8000 ms, reading back begins at 8100.
func TestOutagesOfTheLoadAlone(t *testing.T) {
	for name, test := range map[string]struct {
		events []record.Event
		want   string // outages of shard 0
	}{
		"reading back":           {[]record.Event{ack(5, 8200, "a", 0), ack(9500, 9900, "a", 0)}, "[]"},
		"while settling":         {[]record.Event{ack(5, 8020, "a", 0), ack(8090, 9900, "a", 0)}, "[]"},
		"not over when it ended": {[]record.Event{ack(5, 7000, "a", 0), ack(8050, 9900, "a", 0)}, "[7000-8050]"},
		"nor when reading began": {[]record.Event{ack(5, 7000, "a", 0), ack(9500, 9900, "a", 0)}, "[7000-8100]"},
		"never over":             {[]record.Event{ack(5, 7000, "a", 0)}, "[7000-8100]"},
	} {
		events := append([]record.Event{started(), at(8000, &record.WorkloadDone{Name: "w", EndMS: 8000}), at(8100, &record.Settled{OK: true}),
			at(9900, &record.Probing{}), at(9901, &record.RunEnded{})}, test.events...)
		var got []string
		for _, o := range Analyze(oneFault(), events).Outages {
			got = append(got, fmt.Sprintf("%.0f-%.0f", o.FromMS, o.ToMS))
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}
