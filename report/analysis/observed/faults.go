package observed

import (
	"math"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// faultsOf is the faults that were asked for, as far as the record tells of them: of a step that came
// several times, each occurrence.
func faultsOf(facts *Facts, asked []scenarios.Fault) (faults []Fault) {
	places := map[occurrence]int{}
	numbers := occurrencesOf(facts)
	for step, f := range asked {
		if len(numbers[step]) == 0 {
			numbers[step] = []int{0} // the record tells only of those that were reached
		}
		for _, number := range numbers[step] {
			places[occurrence{step, number}] = len(faults)
			of := Fault{healing: record.Millis(math.Inf(1))}
			of.Kind, of.Targets = f.Kind, []string{}
			if f.Name != "" || number > 0 || step != len(faults) {
				of.Step = &report.Step{Index: step, Name: f.Name, Occurrence: number}
			}
			faults = append(faults, of)
		}
	}
	for _, e := range facts.Events {
		if d, ok := e.Data.(*record.Fault); ok {
			if place, known := places[occurrence{d.Index, d.Occurrence}]; known {
				faults[place].enter(e.At, d)
			}
		}
	}
	for i := range faults {
		facts.bound(&faults[i])
	}
	return faults
}

// occurrence is one of a step's.
type occurrence struct{ step, number int }

// occurrencesOf are the numbers of the occurrences that the record tells of, by step.
func occurrencesOf(facts *Facts) map[int][]int {
	numbers := map[int][]int{}
	for _, e := range facts.Events {
		if d, ok := e.Data.(*record.Fault); ok && !slices.Contains(numbers[d.Index], d.Occurrence) {
			numbers[d.Index] = append(numbers[d.Index], d.Occurrence)
		}
	}
	for _, of := range numbers {
		slices.Sort(of)
	}
	return numbers
}

// enter takes in a step in the fault's life.
func (f *Fault) enter(ms record.Millis, d *record.Fault) {
	if d.Outcomes != nil {
		f.Outcomes = d.Outcomes
	}
	switch d.Phase {
	case record.FaultRequested:
		f.Detail, f.Shards, f.Why, f.Requested, f.Due = d.Detail, d.Shards, d.Why, &ms, d.Due
		f.clientsOnly = d.ClientsOnly
		f.Past, f.Effects = d.Does()
		if d.Targets != nil {
			f.Targets = d.Targets
		}
	case record.FaultEffective:
		f.Effective, f.Mechanism = &ms, d.Mechanism
	case record.FaultHealRequested:
		f.healing = ms
		if f.Effective != nil { // else it may take hold later
			f.Over = &ms // the runtime may not tell when that was done
		}
	case record.FaultHealed:
		f.Healed, f.Over = &ms, &ms
	case record.FaultFailed:
		f.Error = d.Error
	case record.FaultSkipped:
		f.Skipped, f.Needed, f.Due = d.Error, d.Needed, d.Due
	}
}

// bound finds out for how long and for whom a fault was in force, by what the runtime says
// of its targets.
func (facts *Facts) bound(f *Fault) {
	from, to, ok := f.InForce(record.Millis(math.Inf(1)))
	if !ok {
		return
	}
	clients, others := false, false
	for _, e := range facts.Events {
		n, ok := e.Data.(*record.NodeEvent)
		if !ok || !slices.Contains(f.Targets, n.Node) || e.At < from-EndSlack || e.At > to {
			continue
		}
		switch {
		case f.Has(record.Slows):
		case f.stops() && n.Action == record.NodeDied && e.At > from, len(f.Targets) == 1 && n.Action == record.NodeStarted && e.At > from:
			f.Over, to = new(e.At), e.At // it ended, or another fault's healing started it
		case n.Action != record.NodeDisconnected || e.At > from+report.Noticeable: // another fault's, which takes the same node off another network
		case n.Network == report.ClientNetwork:
			clients = true
		default:
			others = true
		}
	}
	if f.Has(record.CutsOff) && clients && !others {
		f.clientsOnly = f.Targets
	}
}

// Asked is when the fault was requested, or else when it took hold. From then on a server
// that is told to end takes no more writes.
func (f Fault) Asked() record.Millis {
	if f.Requested != nil {
		return *f.Requested
	}
	return report.OrZero(f.Effective)
}

// AwayFrom is when a node was first without an answer because of a fault: a server that is
// told to end may answer until it does.
func (facts *Facts) AwayFrom(f Fault, node string) record.Millis {
	from, effective := f.Asked(), report.OrZero(f.Effective)
	for _, r := range facts.RowsIn(node, from, effective) {
		if record.AnswerClass(r.Answer) != "silent" && r.From <= effective && r.Till > from {
			from = min(r.Till, effective)
		}
	}
	return from
}

// Hits tells whether the fault does something to a node.
func (f Fault) Hits(node string) bool {
	_, _, done := f.InForce(0)
	return done && !f.Promotes() && len(f.Effects) > 0 && slices.Contains(f.Targets, node)
}

// Promotes tells whether the fault has its target take over, and does nothing to it.
func (f Fault) Promotes() bool { return f.Has(record.Promotes) }

// stops tells whether the fault has a server do nothing, as long as it is there.
func (f Fault) stops() bool { return f.Has(record.Freezes) || f.Has(record.Blocks) }

// HidesFromPeers tells whether the other nodes may get no answer from a node because of the
// fault.
func (f Fault) HidesFromPeers(node string) bool { return f.Hits(node) && !f.HidesFromClients(node) }

// HidesFromClients tells whether clients do not reach a node because of the fault, and other nodes do.
func (f Fault) HidesFromClients(node string) bool {
	return f.Hits(node) && slices.Contains(f.clientsOnly, node)
}

// FaultOn is the fault that hides a node from its peers at a moment. One that leaves it some
// CPU time does so while it gives no answer for so long that it may be suspected.
func (facts *Facts) FaultOn(node string, ms record.Millis) (index int, ok bool) {
	for i, f := range facts.Faults {
		_, to, _ := f.InForce(record.Millis(math.Inf(1)))
		if f.HidesFromPeers(node) && f.Asked() <= ms && to >= ms && (!f.Has(record.Slows) || facts.silenceAt(node, ms) >= facts.NodeTimeout()/2) {
			index, ok = i, true
		}
	}
	return index, ok
}

// EndSlack is how long after a server's end its fault may be said to have taken hold,
// in ms: both are the runtime's words.
const EndSlack = 1000

// AsksMaster tells whether a fault is a planned failover in which the master holds writes
// back: with FORCE or TAKEOVER it is not asked.
func (f Fault) AsksMaster() bool { return f.Promotes() && !f.Forced() }

// Forced tells whether it has a replica take over without asking its master.
func (f Fault) Forced() bool { return f.Promotes() && f.Has(record.Forces) }
