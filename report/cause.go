package report

// Cause is why something happened: one of the lists below, which docs/causes.md explains.
type Cause string

// CauseUnknown is in every list: the record does not show why.
const CauseUnknown Cause = "unknown"

// Why a master that a fault hit was not replaced.
const (
	MissedShorterThanTimeout Cause = "shorter_than_timeout" // away for less than it takes to be suspected
	MissedReachedByPeers     Cause = "reached_by_peers"     // only its clients did not reach it
	MissedNoMajority         Cause = "no_majority"          // too few masters were left to agree
	MissedBackBeforeMajority Cause = "back_before_majority" // suspected, and back before a majority agreed
	MissedNoReplica          Cause = "no_replica"           // the shard has none
	MissedMigrated           Cause = "replica_migrated"     // its last replica had gone to another master
	MissedReplicaNoFailover  Cause = "replica_no_failover"  // cluster-replica-no-failover is yes
	MissedReplicaDown        Cause = "replica_down"         // a fault was in force on the replica, too
	MissedReplicaStale       Cause = "replica_stale"        // its data are older than cluster-replica-validity-factor allows
	MissedReplicaNotInSync   Cause = "replica_not_in_sync"  // it had no full copy of the master's data
	MissedBlocked            Cause = "replica_blocked"      // its log says why it did not stand
	MissedStoodBefore        Cause = "stood_before"         // it had stood shortly before, and may not again so soon
	MissedVotesRefused       Cause = "votes_refused"        // it stood, and masters refused it their votes
	MissedNoVoters           Cause = "no_voters"            // it stood, and too few masters were there to vote
	MissedNotElected         Cause = "not_elected"          // it stood, and got too few votes
	MissedBackBeforeElection Cause = "back_before_election" // the master was back first
	MissedRecordEnds         Cause = "record_ends"          // the record ends before its election was due
	MissedManualTimeout      Cause = "manual_timed_out"     // CLUSTER FAILOVER came to nothing within its time
	MissedWonAlone           Cause = "won_alone"            // it made itself master, and nobody followed
)

// Why a shard took no writes.
const (
	OutageMasterDown      Cause = "master_down"        // a fault kept its master away
	OutageClientsCutOff   Cause = "clients_cut_off"    // a fault kept clients from its master, and its peers reached it
	OutageDied            Cause = "died"               // its master ended, and no fault had ended it
	OutageCoverage        Cause = "full_coverage"      // another shard had no master, and cluster-require-full-coverage is yes
	OutageIncident        Cause = "incident"           // its master was paused, or taken off its network, and no fault had done that
	OutageNoMajority      Cause = "no_majority"        // its master did not reach a majority of masters
	OutageRejoining       Cause = "rejoining"          // its master was back, and not serving yet
	OutageMinReplicas     Cause = "min_replicas"       // min-replicas-to-write was not met
	OutageOutOfMemory     Cause = "out_of_memory"      // maxmemory was reached, and nothing could be evicted
	OutageDisk            Cause = "disk"               // the server could not persist, and stop-writes-on-bgsave-error or the AOF stops it
	OutageReadOnly        Cause = "read_only"          // a replica answered in its place
	OutageLoading         Cause = "loading"            // its master was loading its data
	OutageNoPermission    Cause = "no_permission"      // the probes were not allowed
	OutageOutOfClients    Cause = "out_of_connections" // its master had as many connections as maxclients allows
	OutageClusterDown     Cause = "cluster_down"       // its master said so, and nothing shows why
	OutageManual          Cause = "manual_failover"    // its master held writes back for a replica that was told to take over
	OutageRedirected      Cause = "redirected"         // its master redirected to a node that did not take them
	OutageResolver        Cause = "resolver"           // its master announces names, and waited for a name server
	OutageStarved         Cause = "starved"            // this program itself was not run
	OutageEventLoop       Cause = "event_loop_blocked" // its master took connections and answered nothing, and no fault had hit it
	OutageNotResponding   Cause = "not_responding"     // its master could not be reached, and no fault had hit it
	OutageClientsOccupied Cause = "clients_occupied"   // of applications: all clients waited for another shard
)

// How acked writes were lost.
const (
	LossNotReplicated    Cause = "not_replicated"      // the new master did not have them yet
	LossAckedWhileCutOff Cause = "acked_while_cut_off" // acked by a master that a fault had cut off already
	LossWinnerDropped    Cause = "winner_dropped"      // the new master had been dropped for its output buffer
	LossWinnerResyncing  Cause = "winner_resyncing"    // a full resynchronization of the new master was under way
	LossWinnerRestarted  Cause = "winner_restarted"    // the new master had been restarted, and was not in sync since
	LossWinnerStale      Cause = "winner_stale"        // the new master had lost its link long before, and was allowed to stand
	LossWinnerNotInSync  Cause = "winner_not_in_sync"  // the new master had no full copy of the data, for another reason
	LossForcedFailover   Cause = "forced_failover"     // the master was not asked, by CLUSTER FAILOVER FORCE or TAKEOVER
	LossNotSynced        Cause = "not_synced"          // the server that acked them lost power before they were on its disk
	LossFilesDamaged     Cause = "files_damaged"       // the server that acked them came back without its files, or on damaged ones
	LossDied             Cause = "died"                // the server that acked them died, and came back without them
	LossFlushed          Cause = "flushed"             // FLUSHALL or FLUSHDB
	LossSlotsMoved       Cause = "slots_moved"         // slots were given to another node by hand
	LossWrongClock       Cause = "wrong_clock"         // their key expired early, by the clock of its master
	// Not lost, but removed by the server itself.
	RemovedEvicted Cause = "evicted" // by maxmemory-policy
	RemovedExpired Cause = "expired" // by its time to live
)

// Why a phase of a failover took longer than the configuration lets it, or why a master
// was replaced that no fault had hit.
const (
	PhaseStarved         Cause = "starved"          // this program itself was not run
	PhaseNodesSilent     Cause = "nodes_silent"     // nodes that no fault had hit did not respond
	PhaseResolver        Cause = "resolver"         // likewise, and nodes announce names
	PhaseStillAnswering  Cause = "still_answering"  // a fault had left the old master some CPU time, and it went on answering
	PhaseNoMajority      Cause = "no_majority"      // too few masters were left to agree, or to vote
	PhaseReplicaDown     Cause = "replica_down"     // a fault was in force on the later master
	PhaseNoLink          Cause = "no_link"          // the later master had had no link to the old one, and got it again
	PhaseMasterAway      Cause = "master_away"      // of a planned one: a fault kept the old master from hearing of it
	PhaseScheduled       Cause = "scheduled_before" // of a planned one: the later master had scheduled an election already
	PhaseStoodBefore     Cause = "stood_before"     // it had stood shortly before, and may not again so soon
	PhaseBlocked         Cause = "replica_blocked"  // its log says why it did not stand
	PhaseVotesRefused    Cause = "votes_refused"    // masters refused it their votes
	PhaseElectionExpired Cause = "election_expired" // an election came to nothing
	PhaseSlow            Cause = "slow"             // a server's log says that it is slow
	PhaseRefused         Cause = "refused"          // the new master refused writes: the answer is in the evidence
	PhaseCoverage        Cause = "full_coverage"    // it answered CLUSTERDOWN while another shard had no master
	PhaseClientsCutOff   Cause = "clients_cut_off"  // a fault kept clients from the new master
	PhaseRejoining       Cause = "rejoining"        // it answered CLUSTERDOWN, as a master does that had lost touch with most
)

// MissedCauses lists why a master was not replaced.
func MissedCauses() []Cause {
	return []Cause{
		MissedShorterThanTimeout, MissedReachedByPeers, MissedNoMajority, MissedBackBeforeMajority, MissedNoReplica,
		MissedMigrated, MissedReplicaNoFailover, MissedReplicaDown, MissedReplicaStale, MissedBlocked, MissedStoodBefore,
		MissedVotesRefused, MissedNoVoters, MissedNotElected, MissedReplicaNotInSync, MissedBackBeforeElection,
		MissedRecordEnds, MissedManualTimeout, MissedWonAlone, CauseUnknown,
	}
}

// OutageCauses lists why a shard took no writes.
func OutageCauses() []Cause {
	return []Cause{
		OutageMasterDown, OutageClientsCutOff, OutageDied, OutageCoverage, OutageIncident, OutageNoMajority, OutageRejoining,
		OutageMinReplicas, OutageOutOfMemory, OutageDisk, OutageReadOnly, OutageLoading, OutageNoPermission,
		OutageOutOfClients, OutageClusterDown, OutageManual, OutageRedirected, OutageResolver, OutageStarved, OutageEventLoop,
		OutageNotResponding, OutageClientsOccupied, CauseUnknown,
	}
}

// LossCauses lists how acked writes were lost.
func LossCauses() []Cause {
	return []Cause{
		LossNotReplicated, LossAckedWhileCutOff, LossWinnerDropped, LossWinnerResyncing, LossWinnerRestarted, LossWinnerStale,
		LossWinnerNotInSync, LossForcedFailover, LossNotSynced, LossFilesDamaged, LossDied, LossFlushed, LossSlotsMoved, LossWrongClock, CauseUnknown,
	}
}

// PhaseCauses lists why a phase of a failover took longer than predicted.
func PhaseCauses() []Cause {
	return []Cause{
		PhaseStarved, PhaseNodesSilent, PhaseResolver, PhaseStillAnswering, PhaseNoMajority, PhaseReplicaDown, PhaseNoLink,
		PhaseMasterAway, PhaseScheduled, PhaseStoodBefore, PhaseBlocked, PhaseVotesRefused, PhaseElectionExpired, PhaseSlow,
		PhaseRefused, PhaseCoverage, PhaseClientsCutOff, PhaseRejoining, CauseUnknown,
	}
}

// Causes lists what can be found to be a cause, by the expectation about it.
// docs/causes.md says what each rests on.
func Causes() map[string][]string {
	return map[string][]string{
		"outage_causes": namesOf(OutageCauses()),
		"missed_causes": namesOf(MissedCauses()),
		"loss_causes":   namesOf(LossCauses()),
		"phase_causes":  namesOf(PhaseCauses()),
	}
}

func namesOf[C ~string](causes []C) (names []string) {
	for _, c := range causes {
		names = append(names, string(c))
	}
	return names
}
