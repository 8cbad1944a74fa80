package record

// LogKind says what a line of a server's log means.
type LogKind string

// What log lines are understood to say.
const (
	LogMarkedFail       LogKind = "marked_fail"       // quorum reached, by this node, on Subject
	LogFailReceived     LogKind = "fail_received"     // told by another node, on Subject
	LogFailCleared      LogKind = "fail_cleared"      // Subject is reachable again
	LogElectionDelayed  LogKind = "election_delayed"  // Millis: the delay it chose; Rank, Offset
	LogElectionPostpone LogKind = "election_postpone" // its rank grew to Rank: Millis more
	LogElectionStarted  LogKind = "election_started"  // Epoch
	LogVoteGranted      LogKind = "vote_granted"      // to Subject for Epoch
	LogVoteRefused      LogKind = "vote_refused"      // to Subject; Reason
	LogElectionWon      LogKind = "election_won"
	LogElectionExpired  LogKind = "election_expired"
	LogElectionBlocked  LogKind = "election_blocked" // why this replica does not stand: Reason
	LogManualFailover   LogKind = "manual_failover"  // a step of CLUSTER FAILOVER: Reason
	LogStateChanged     LogKind = "state_changed"    // Reason: ok or fail
	LogFullSync         LogKind = "full_sync"        // as master or as replica
	LogPartialSync      LogKind = "partial_sync"     // as master or as replica
	LogSyncRefused      LogKind = "sync_refused"     // a partial resynchronization; Reason
	LogReplicaUp        LogKind = "replica_up"       // synchronization succeeded
	LogConnectionLost   LogKind = "connection_lost"  // with its master or its replica
	// LogOutputBufferLimit: drops Subject, a replica, which fell too far behind; Subject
	// is empty where several nodes share an address.
	LogOutputBufferLimit LogKind = "output_buffer_limit"
	LogFlushedOldData    LogKind = "flushed_old_data" // discards its data set, to take its master's
	LogReconfigured      LogKind = "reconfigured"     // becomes a replica of Subject
	LogLoading           LogKind = "loading"          // RDB or AOF; Millis when it is done
	LogReady             LogKind = "ready"            // accepts connections
	LogShutdown          LogKind = "shutdown"         // was asked to end, or refuses to: Reason
	LogCrash             LogKind = "crash"            // a crash report begins
	LogSlow              LogKind = "slow"             // says that it is slow itself: fsync, fork, memory; Reason
)

// Log is a line of a server's log that says something about a failover, at
// the time that the line itself carries, corrected by the ClockOffset. Lines of
// before the run, such as those of forming the cluster, have a negative time.
type Log struct {
	Node    string  `json:"node"`
	Kind    LogKind `json:"kind"`
	Subject string  `json:"subject,omitempty"` // the node that it is about
	Epoch   int64   `json:"epoch,omitempty"`
	Millis  int64   `json:"millis,omitempty"`
	Rank    int     `json:"rank,omitempty"`
	Offset  int64   `json:"offset,omitempty"` // replication offset
	Reason  string  `json:"reason,omitempty"` // in the server's words
	Text    string  `json:"text"`
}

// Type implements Data.
func (*Log) Type() string { return "log" }
