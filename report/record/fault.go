package record

import "slices"

// FaultPhase is a step in the life of a fault.
type FaultPhase string

// The phases of a fault, in order. FaultFailed replaces any of them, and FaultSkipped all: nothing was done.
const (
	FaultRequested     FaultPhase = "requested"      // the runtime was asked
	FaultEffective     FaultPhase = "effective"      // the runtime says that it took hold
	FaultHealRequested FaultPhase = "heal_requested" // the runtime was asked to undo it
	FaultHealed        FaultPhase = "healed"         // the runtime says that it is undone
	FaultFailed        FaultPhase = "failed"
	FaultSkipped       FaultPhase = "skipped"
)

// Fault is a step in the life of the scenario's fault Index.
type Fault struct {
	Index int `json:"index"`
	// Occurrence counts the times that a step is carried out, from 1; 0 of a step that comes once.
	Occurrence int `json:"occurrence,omitempty"`
	// Due is when it was to begin, of a step whose moment the scenario alone does not tell.
	Due     *Millis    `json:"due_ms,omitempty"`
	Kind    string     `json:"kind"`
	Phase   FaultPhase `json:"phase"`
	Targets []string   `json:"targets,omitempty"`
	// Why says what the targets were picked by, and of how many: "one of all replicas, by the
	// run's seed: 1 of 3".
	Why string `json:"why,omitempty"`
	// ClientsOnly are targets that only clients do not reach: other nodes do.
	ClientsOnly []string `json:"clients_only,omitempty"`
	// Shards are those that a target is a member of.
	Shards []int  `json:"shards,omitempty"`
	Detail string `json:"detail,omitempty"` // "SIGKILL", "from the cluster network"
	// Mechanism is what brings it about, if that is known once it took hold: "nftables, in a helper container".
	Mechanism string `json:"mechanism,omitempty"`
	// Past is what the fault does to a target, in the passive: "killed". Effects is what that
	// is to a server. Both are empty in records of before that was told: see Does.
	Past    string   `json:"past,omitempty"`
	Effects []Effect `json:"effects,omitempty"`
	// Outcomes are what had come of it by then, of targets of which there is something to tell.
	Outcomes []Outcome `json:"outcomes,omitempty"`
	// Error is why it failed or was skipped.
	Error string `json:"error,omitempty"`
	// Needed: it was skipped, and the run is not what the scenario asks for without it.
	Needed bool `json:"needed,omitempty"`
}

// Outcome is what came of a fault on one of its targets, where that is known only once it is done.
type Outcome struct {
	Node string `json:"node"`
	// Text is "lost 12,345 bytes of appendonlydir/appendonly.aof.1.incr.aof"; "" if there are only Measures.
	Text     string    `json:"text,omitempty"`
	Measures []Measure `json:"measures,omitempty"`
	// LostBytes were acknowledged to the server, and are gone: those of files, whatever is in them. Nil if
	// the fault is none that takes any.
	LostBytes *int64 `json:"lost_bytes,omitempty"`
}

// Effect is what a fault does to a server, as far as what follows from it depends on that.
type Effect string

// The effects of faults. A fault without any does nothing that matters to a server.
const (
	Ends     Effect = "ends"     // ends the process
	Freezes  Effect = "freezes"  // freezes the process, until that ends at the latest
	Blocks   Effect = "blocks"   // blocks the event loop, until the process ends at the latest
	CutsOff  Effect = "cuts_off" // takes the node off a network, and leaves it running
	Slows    Effect = "slows"    // leaves the server some of what it needs, whatever becomes of its process: it answers late
	Disturbs Effect = "disturbs" // something else, that may keep it from answering
	// Unsyncs takes from the server what it had written and not synced, beside ending its process.
	Unsyncs Effect = "unsyncs"
	// Damages takes or changes files that the server had synced, beside ending its process.
	Damages Effect = "damages"
	// Shifts gives the server another time than it is.
	Shifts Effect = "shifts"
	// Promotes has a replica take over, and does nothing to it. Its master is asked to hold writes
	// back until then, unless the fault also Forces it.
	Promotes Effect = "promotes"
	Forces   Effect = "forces"
)

// Does is what the fault does to its targets: by what the record tells, or in one of before that
// was told, by the fault's kind.
func (f *Fault) Does() (past string, effects []Effect) {
	if f.Past != "" {
		return f.Past, f.Effects
	}
	switch f.Kind {
	case "stop":
		return "stopped", []Effect{Ends}
	case "kill":
		return "killed", []Effect{Ends}
	case "pause":
		return "paused", []Effect{Freezes}
	case "block":
		return "blocked", []Effect{Blocks}
	case "starve":
		return "starved of CPU", []Effect{Slows}
	case "disconnect":
		return "disconnected", []Effect{CutsOff}
	case "failover":
		if slices.Contains([]string{"CLUSTER FAILOVER FORCE", "CLUSTER FAILOVER TAKEOVER"}, f.Detail) {
			return "told to take over", []Effect{Promotes, Forces}
		}
		return "told to take over", []Effect{Promotes}
	default:
		return "hit by the fault " + f.Kind, []Effect{Disturbs}
	}
}

// Has tells whether the fault has an effect.
func (f *Fault) Has(e Effect) bool {
	_, effects := f.Does()
	return slices.Contains(effects, e)
}

// Type implements Data.
func (*Fault) Type() string { return "fault" }
