package report

// What would change a cause, by the list that it is of. Where that is nothing that a user could
// set, the cause is not among them.

// missedChanges are of masters that were not replaced.
func missedChanges() map[Cause]string {
	return map[Cause]string{
		MissedShorterThanTimeout: "a lower `cluster-node-timeout`",
		MissedReachedByPeers:     "nothing in the cluster sees it; clients have to",
		MissedNoMajority:         "more masters, or on other machines",
		MissedBackBeforeMajority: "a lower `cluster-node-timeout`",
		MissedNoReplica:          "a replica",
		MissedMigrated:           "`cluster-migration-barrier`, `cluster-allow-replica-migration no`, or more replicas",
		MissedReplicaNoFailover:  "`cluster-replica-no-failover no`, or `CLUSTER FAILOVER` by hand",
		MissedReplicaDown:        "more replicas",
		MissedReplicaStale:       "a higher `cluster-replica-validity-factor`, or 0",
		MissedBlocked:            "as its log says",
		MissedStoodBefore:        "more replicas; a replica stands again after four times `cluster-node-timeout`",
		MissedVotesRefused:       "as their logs say",
		MissedNoVoters:           "more masters, or on other machines",
		MissedReplicaNotInSync:   "a larger `repl-backlog-size`",
		MissedBackBeforeElection: "a lower `cluster-node-timeout`",
		MissedRecordEnds:         "a longer `duration`",
		MissedManualTimeout:      "masters that are there to vote",
	}
}

// outageChanges are of shards that took no writes.
func outageChanges() map[Cause]string {
	return map[Cause]string{
		OutageMasterDown:      "see the phases of its failover, or why it was not replaced",
		OutageClientsCutOff:   "nothing in the cluster sees it; clients have to",
		OutageDied:            "the master's log, its machine",
		OutageCoverage:        "`cluster-require-full-coverage no`",
		OutageIncident:        "whoever did it",
		OutageNoMajority:      "more masters, or on other machines",
		OutageRejoining:       "a lower `cluster-node-timeout`: a master that is back waits for that, at most 5 s",
		OutageMinReplicas:     "`min-replicas-to-write`, `min-replicas-max-lag`, or more replicas",
		OutageOutOfMemory:     "`maxmemory`, or a `maxmemory-policy` that evicts",
		OutageDisk:            "room on the disk, or `stop-writes-on-bgsave-error no`",
		OutageLoading:         "less data, or a replica that takes over meanwhile",
		OutageNoPermission:    "the ACL",
		OutageOutOfClients:    "`maxclients`, or fewer connections",
		OutageManual:          "masters that are there to vote",
		OutageResolver:        "`cluster-announce-ip` with addresses",
		OutageStarved:         "a machine that is less busy",
		OutageEventLoop:       "what keeps its main thread: `SLOWLOG`, `LATENCY DOCTOR`, its log",
		OutageNotResponding:   "the master's log, its machine",
		OutageClientsOccupied: "`dial_timeout`, `dialer_retries`, `read_timeout`, `max_redirects`; more clients",
	}
}

// lossChanges are of acked writes that were lost, or removed by the servers themselves.
func lossChanges() map[Cause]string {
	return map[Cause]string{
		LossNotReplicated:    "`WAIT`, `min-replicas-to-write`",
		LossAckedWhileCutOff: "`min-replicas-to-write` and `min-replicas-max-lag`; a lower `cluster-node-timeout`",
		LossWinnerDropped:    "a larger `client-output-buffer-limit` of replicas, a larger `repl-backlog-size`",
		LossWinnerResyncing:  "a larger `repl-backlog-size`; more replicas",
		LossWinnerRestarted:  "`appendonly yes` on replicas; more replicas",
		LossWinnerStale:      "a lower `cluster-replica-validity-factor`, not 0",
		LossWinnerNotInSync:  "a larger `repl-backlog-size`, `cluster-replica-validity-factor`",
		LossForcedFailover:   "`CLUSTER FAILOVER` without FORCE or TAKEOVER",
		LossDied:             "`appendonly yes`, `appendfsync always`",
		RemovedEvicted:       "`maxmemory`, `maxmemory-policy noeviction`",
		RemovedExpired:       "a longer time to live",
	}
}

// phaseChanges are of phases that took longer than predicted.
func phaseChanges() map[Cause]string {
	return map[Cause]string{
		PhaseStarved:       "a machine that is less busy",
		PhaseNodesSilent:   "their logs, their machine",
		PhaseResolver:      "`cluster-announce-ip` with addresses",
		PhaseNoMajority:    "more masters, or on other machines",
		PhaseReplicaDown:   "more replicas",
		PhaseNoLink:        "a higher `cluster-replica-validity-factor`, or 0",
		PhaseMasterAway:    "`CLUSTER FAILOVER FORCE`, which does not ask the master",
		PhaseStoodBefore:   "more replicas; a replica stands again after four times `cluster-node-timeout`",
		PhaseBlocked:       "as its log says",
		PhaseVotesRefused:  "as their logs say",
		PhaseSlow:          "as its log says",
		PhaseRefused:       "as the answer says",
		PhaseCoverage:      "`cluster-require-full-coverage no`",
		PhaseClientsCutOff: "nothing in the cluster sees it; clients have to",
		PhaseRejoining:     "a lower `cluster-node-timeout`: it waits for that, at most 5 s",
	}
}
