package report

import "fmt"

// Finding is a cause with its evidence in the record.
type Finding struct {
	Cause MissedCause `json:"cause"`
	// Node is whom it is about; empty where it is about the cluster.
	Node     string     `json:"node,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`

	text string // the same as a person reads it
}

// Evidence is something of the record that a finding rests on: a log line, a flag, a
// fault, a directive, answers to probes, or another shard's outage.
type Evidence struct {
	Kind string `json:"kind"` // log, flag, fault, directive, probes, outage
	// MS is when, on the run's clock; nil of a directive.
	MS    *float64 `json:"ms,omitempty"`
	Node  string   `json:"node,omitempty"`
	Name  string   `json:"name,omitempty"`  // of the flag, the fault's kind or the directive
	Value string   `json:"value,omitempty"` // of the directive, or the log's line
}

func directive(name, value string) Evidence {
	return Evidence{Kind: "directive", Name: name, Value: value}
}

func flagEvidence(ms float64, subject, flag string) Evidence {
	return Evidence{Kind: "flag", MS: &ms, Node: subject, Name: flag}
}

func faultEvidence(faults []Fault, index int, node string) Evidence {
	f := faults[index]
	return Evidence{Kind: "fault", MS: f.EffectiveMS, Node: node, Name: f.Kind, Value: fmt.Sprintf("faults[%d]", index)}
}

func (l logLine) evidence() Evidence {
	text := l.Text
	if text == "" {
		text = l.Reason
	}
	return Evidence{Kind: "log", MS: &l.ms, Node: l.Node, Name: string(l.Kind), Value: text}
}

// MissedCause is why a master that a fault hit was not replaced.
type MissedCause string

// The causes. docs/causes.md says what each rests on, and what would change it.
const (
	MissedUnknown            MissedCause = "unknown"
	MissedShorterThanTimeout MissedCause = "shorter_than_timeout" // away for less than it takes to be suspected
	MissedReachedByPeers     MissedCause = "reached_by_peers"     // only its clients did not reach it
	MissedNoMajority         MissedCause = "no_majority"          // too few masters were left to agree
	MissedBackBeforeMajority MissedCause = "back_before_majority" // suspected, and back before a majority agreed
	MissedNoReplica          MissedCause = "no_replica"           // the shard has none
	MissedReplicaNoFailover  MissedCause = "replica_no_failover"  // cluster-replica-no-failover is yes
	MissedReplicaDown        MissedCause = "replica_down"         // a fault was in force on the replica, too
	MissedReplicaStale       MissedCause = "replica_stale"        // its data are older than cluster-replica-validity-factor allows
	MissedReplicaNotInSync   MissedCause = "replica_not_in_sync"  // it had no full copy of the master's data
	MissedBlocked            MissedCause = "replica_blocked"      // its log says why it did not stand
	MissedVotesRefused       MissedCause = "votes_refused"        // it stood, and masters refused it their votes
	MissedNotElected         MissedCause = "not_elected"          // it stood, and got too few votes
	MissedBackBeforeElection MissedCause = "back_before_election" // the master was back first
	MissedManualTimeout      MissedCause = "manual_timed_out"     // CLUSTER FAILOVER came to nothing within its time
	MissedWonAlone           MissedCause = "won_alone"            // it made itself master, and nobody followed
)

// MissedCauses lists all of them.
func MissedCauses() []MissedCause {
	return []MissedCause{
		MissedShorterThanTimeout, MissedReachedByPeers, MissedNoMajority, MissedBackBeforeMajority, MissedNoReplica, MissedReplicaNoFailover,
		MissedReplicaDown, MissedReplicaStale, MissedBlocked, MissedVotesRefused, MissedNotElected, MissedReplicaNotInSync,
		MissedBackBeforeElection, MissedManualTimeout, MissedWonAlone, MissedUnknown,
	}
}
