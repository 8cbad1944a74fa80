package prose

import "github.com/redis-chaos/redis-chaos/report"

// What would change a cause, by the list that it is of. Where that is nothing that a user could
// set, the cause is not among them.

// missedRemedies are of masters that were not replaced.
func missedRemedies() map[report.Cause]string {
	return map[report.Cause]string{
		report.MissedShorterThanTimeout: "a lower `cluster-node-timeout`",
		report.MissedReachedByPeers:     "nothing in the cluster sees it; clients have to",
		report.MissedNoMajority:         "more masters, or on other machines",
		report.MissedBackBeforeMajority: "a lower `cluster-node-timeout`",
		report.MissedNoReplica:          "a replica",
		report.MissedMigrated:           "`cluster-migration-barrier`, `cluster-allow-replica-migration no`, or more replicas",
		report.MissedReplicaNoFailover:  "`cluster-replica-no-failover no`, or `CLUSTER FAILOVER` by hand",
		report.MissedReplicaDown:        "more replicas",
		report.MissedReplicaStale:       "a higher `cluster-replica-validity-factor`, or 0",
		report.MissedBlocked:            "as its log says",
		report.MissedStoodBefore:        "more replicas; a replica stands again after four times `cluster-node-timeout`",
		report.MissedVotesRefused:       "as their logs say",
		report.MissedNoVoters:           "more masters, or on other machines",
		report.MissedReplicaNotInSync:   "a larger `repl-backlog-size`",
		report.MissedBackBeforeElection: "a lower `cluster-node-timeout`",
		report.MissedRecordEnds:         "a longer `duration`",
		report.MissedManualTimeout:      "masters that are there to vote",
	}
}

// outageRemedies are of shards that took no writes.
func outageRemedies() map[report.Cause]string {
	return map[report.Cause]string{
		report.OutageMasterDown:      "see the phases of its failover, or why it was not replaced",
		report.OutageClientsCutOff:   "nothing in the cluster sees it; clients have to",
		report.OutageDied:            "the master's log, its machine",
		report.OutageCoverage:        "`cluster-require-full-coverage no`",
		report.OutageIncident:        "whoever did it",
		report.OutageNoMajority:      "more masters, or on other machines",
		report.OutageRejoining:       "a lower `cluster-node-timeout`: a master that is back waits for that, at most 5 s",
		report.OutageMinReplicas:     "`min-replicas-to-write`, `min-replicas-max-lag`, or more replicas",
		report.OutageOutOfMemory:     "`maxmemory`, or a `maxmemory-policy` that evicts",
		report.OutageDisk:            "room on the disk, or `stop-writes-on-bgsave-error no`",
		report.OutageLoading:         "less data, or a replica that takes over meanwhile",
		report.OutageNoPermission:    "the ACL",
		report.OutageOutOfClients:    "`maxclients`, or fewer connections",
		report.OutageManual:          "masters that are there to vote",
		report.OutageResolver:        "`cluster-announce-ip` with addresses",
		report.OutageStarved:         "a machine that is less busy",
		report.OutageEventLoop:       "what keeps its main thread: `SLOWLOG`, `LATENCY DOCTOR`, its log",
		report.OutageNotResponding:   "the master's log, its machine",
		report.OutageClientsOccupied: "`dial_timeout`, `dialer_retries`, `read_timeout`, `max_redirects`; more clients",
	}
}

// lossRemedies are of acked writes that were lost, or removed by the servers themselves.
func lossRemedies() map[report.Cause]string {
	return map[report.Cause]string{
		report.LossNotReplicated:    "`WAIT`, `min-replicas-to-write`",
		report.LossAckedWhileCutOff: "`min-replicas-to-write` and `min-replicas-max-lag`; a lower `cluster-node-timeout`",
		report.LossWinnerDropped:    "a larger `client-output-buffer-limit` of replicas, a larger `repl-backlog-size`",
		report.LossWinnerResyncing:  "a larger `repl-backlog-size`; more replicas",
		report.LossWinnerRestarted:  "`appendonly yes` on replicas; more replicas",
		report.LossWinnerStale:      "a lower `cluster-replica-validity-factor`, not 0",
		report.LossWinnerNotInSync:  "a larger `repl-backlog-size`, `cluster-replica-validity-factor`",
		report.LossForcedFailover:   "`CLUSTER FAILOVER` without FORCE or TAKEOVER",
		report.LossNotSynced:        "`appendfsync always`; replicas with a power supply of their own",
		report.LossFilesDamaged:     "a copy of the files; replicas elsewhere",
		report.LossDied:             "`appendonly yes`, `appendfsync always`",
		report.LossWrongClock:       "clocks that are slewed and not stepped; longer times to live",
		report.RemovedEvicted:       "`maxmemory`, `maxmemory-policy noeviction`",
		report.RemovedExpired:       "a longer time to live",
	}
}

// phaseRemedies are of phases that took longer than predicted.
func phaseRemedies() map[report.Cause]string {
	return map[report.Cause]string{
		report.PhaseStarved:       "a machine that is less busy",
		report.PhaseNodesSilent:   "their logs, their machine",
		report.PhaseResolver:      "`cluster-announce-ip` with addresses",
		report.PhaseNoMajority:    "more masters, or on other machines",
		report.PhaseReplicaDown:   "more replicas",
		report.PhaseNoLink:        "a higher `cluster-replica-validity-factor`, or 0",
		report.PhaseMasterAway:    "`CLUSTER FAILOVER FORCE`, which does not ask the master",
		report.PhaseStoodBefore:   "more replicas; a replica stands again after four times `cluster-node-timeout`",
		report.PhaseBlocked:       "as its log says",
		report.PhaseVotesRefused:  "as their logs say",
		report.PhaseSlow:          "as its log says",
		report.PhaseRefused:       "as the answer says",
		report.PhaseCoverage:      "`cluster-require-full-coverage no`",
		report.PhaseClientsCutOff: "nothing in the cluster sees it; clients have to",
		report.PhaseRejoining:     "a lower `cluster-node-timeout`: it waits for that, at most 5 s",
	}
}
