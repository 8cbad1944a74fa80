// Package trait is what only some types of workload can do, or judge.
package trait

// Trait is something that only some types of workload can do, or judge.
type Trait string

// What a type of workload can do.
const (
	Spreads   Trait = "spreads"   // its writes can go to any key, and so follow any distribution
	Reads     Trait = "reads"     // its keys can be read while they are written to, and judged
	Expires   Trait = "expires"   // its keys may have a time to live
	Pipelines Trait = "pipelines" // its writes can travel several at a time
	Waits     Trait = "waits"     // its writes can be followed by WAIT, as those of all that count losses can
)

// What it can judge, as errors say it.
const (
	CountsLoss            Trait = "counts losses"                            // every acked write is looked for after the run
	DatesLoss             Trait = "knows when lost writes were acked"        // it is known of each lost write when it was acked
	CountsDuplicates      Trait = "counts duplicates"                        // a write that is applied twice can be told
	ChecksOrder           Trait = "knows in which order writes were applied" // a write that is applied after a later one can be told
	CountsMissed          Trait = "has subscribers"                          // it has subscribers, and counts the messages that they missed
	HasGroups             Trait = "has consumer groups"                      // it can have consumer groups, which count their deliveries
	JudgesLocks           Trait = "judges locks"                             // it is known when two clients held one lock
	ChecksLinearizability Trait = "checks for linearizability"               // the whole history is put to that test
)
