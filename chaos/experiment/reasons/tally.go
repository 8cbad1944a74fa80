package reasons

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
)

// mostUnknown is the share of causes that may be unknown.
const mostUnknown = 0.02

// fewCauses is how many causes a share can be told of.
const fewCauses = 50

// Tally counts the causes that the reports of many runs give.
type Tally struct {
	Runs, Failovers, Starved int
	// By cause.
	Outages, Missed, Losses, Phases map[string]int
	// Unknown lists whatever has no known cause, by run; those of starved machines apart.
	Unknown, Excused []string
	Lost             int64
}

// NewTally is a tally of no run.
func NewTally() *Tally {
	return &Tally{Outages: map[string]int{}, Missed: map[string]int{}, Losses: map[string]int{}, Phases: map[string]int{}}
}

// unknown is the cause of what has none. OutageClusterDown is no better.
const unknown = "unknown"

// Add counts a run.
func (t *Tally) Add(r *Run) {
	t.Runs++
	t.Failovers += len(r.Result.Failovers)
	if r.starved() {
		t.Starved++
	}
	count := func(causes map[string]int, cause, format string, args ...any) {
		causes[cause]++
		if cause != unknown && cause != string(report.OutageClusterDown) {
			return
		}
		text := fmt.Sprintf("%s: %s", r.Scenario.Name, fmt.Sprintf(format, args...))
		if r.starved() {
			t.Excused = append(t.Excused, text)
		} else {
			t.Unknown = append(t.Unknown, text)
		}
	}
	for _, o := range r.Result.Outages {
		count(t.Outages, string(o.Cause), "the outage of shard %d from %s", o.Shard, span{o.From, o.To})
	}
	for _, m := range r.Result.Missed {
		for _, f := range m.Findings {
			count(t.Missed, string(f.Cause), "why %s was not replaced as master of shard %d: %s", m.Master, m.Shard, m.Reason)
		}
	}
	for _, w := range r.Result.Workloads {
		for _, l := range w.Writes.Losses {
			t.Lost += l.Count
			count(t.Losses, string(l.Cause), "%d lost writes of %s that %s had acked from %s", l.Count, w.Name, l.Node, span{l.First, l.Last})
		}
	}
	for _, f := range r.Result.Failovers {
		for _, p := range f.Phases {
			for _, finding := range p.Findings {
				count(t.Phases, string(finding.Cause), "the %s of the failover of shard %d took %.0f ms", p.Name, f.Shard, p.Took)
			}
		}
	}
}

// causes is how many causes there are in all.
func (t *Tally) causes() (n int) {
	for _, of := range []map[string]int{t.Outages, t.Missed, t.Losses, t.Phases} {
		for _, times := range of {
			n += times
		}
	}
	return n
}

// Share is the share of unknown causes, but for those of starved machines.
func (t *Tally) Share() float64 {
	return float64(len(t.Unknown)) / float64(max(1, t.causes()))
}

// TooManyUnknown tells whether more causes are unknown than may be; of few causes that
// cannot be told.
func (t *Tally) TooManyUnknown() bool {
	return t.causes() >= fewCauses && t.Share() > mostUnknown
}

// String is the tally as a table.
func (t *Tally) String() string {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-18s %s\n", name, value) }
	row("runs", fmt.Sprintf("%d, on a starved machine %d", t.Runs, t.Starved))
	row("failovers", fmt.Sprint(t.Failovers))
	row("outages", byCause(t.Outages))
	row("missed", byCause(t.Missed))
	row("losses", fmt.Sprintf("%s (%d writes)", byCause(t.Losses), t.Lost))
	row("slow phases", byCause(t.Phases))
	row("unknown", fmt.Sprintf("%d of %d causes, %.1f %%; on a starved machine %d", len(t.Unknown), t.causes(), 100*t.Share(), len(t.Excused)))
	for _, text := range t.Unknown {
		row("", text)
	}
	for _, text := range t.Excused {
		row("", text+" (starved)")
	}
	return b.String()
}

// byCause lists causes, the most frequent first.
func byCause(counts map[string]int) string {
	total := 0
	var parts []string
	for _, cause := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	}) {
		total += counts[cause]
		parts = append(parts, fmt.Sprintf("%s %d", cause, counts[cause]))
	}
	if total == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(parts, ", "))
}
