package observe

import (
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// plain is a rule for a message whose own words, up to a full stop, an id or who
// asked for it, are the reason.
func plain(prefix string, kind record.LogKind) logRule {
	return logRule{prefix, kind, func(_ *logParser, e *record.Log, _ string) bool {
		e.Reason = reason(prefix)
		return true
	}}
}

// bare is a rule for a message that says nothing but what kind it is of.
func bare(prefix string, kind record.LogKind) logRule {
	return logRule{prefix, kind, func(*logParser, *record.Log, string) bool { return true }}
}

// onReplica is a rule for a message about the replica whose address follows.
func onReplica(prefix string, kind record.LogKind) logRule {
	return logRule{prefix, kind, func(p *logParser, e *record.Log, rest string) bool {
		e.Subject, _ = p.replica(rest)
		return true
	}}
}

// onNode is a rule for a message about the node whose id follows.
func onNode(prefix string, kind record.LogKind) logRule {
	return logRule{prefix, kind, func(p *logParser, e *record.Log, rest string) bool {
		e.Subject, _ = p.node(rest)
		return true
	}}
}

func failureRules() []logRule {
	return []logRule{
		{"Marking node ", record.LogMarkedFail, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.node(rest)
			return strings.Contains(rest, "as failing (quorum reached)")
		}},
		{"FAIL message received from ", record.LogFailReceived, func(p *logParser, e *record.Log, rest string) bool {
			_, rest = p.node(rest)
			rest, ok := strings.CutPrefix(rest, " about ")
			e.Subject, _ = p.node(rest)
			return ok
		}},
		{"Clear FAIL state for node ", record.LogFailCleared, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.node(rest)
			e.Reason = reason(rest)
			return true
		}},
		{"Cluster state changed: ", record.LogStateChanged, nil},
	}
}

func electionRules() []logRule {
	const postponed = "Failed primary rank updated to #"
	return []logRule{
		{"Start of election delayed for ", record.LogElectionDelayed, func(_ *logParser, e *record.Log, rest string) bool {
			e.Millis, e.Rank, e.Offset = number(rest, ""), int(number(rest, "(rank #")), number(rest, "offset ")
			if i := strings.Index(rest, "primary rank #"); i >= 0 { // Valkey 8.1 and later, if several primaries failed
				if n := number(rest[i:], "#"); n > 0 {
					e.Reason = "primary rank #" + strconv.FormatInt(n, 10)
				}
			}
			return true
		}},
		// Valkey 9, in place of a delay or at its early end
		plain("This is the best ranked replica and can initiate the election immediately", record.LogElectionDelayed),
		plain("Myself become the best ranked replica, initiate the election immediately", record.LogElectionDelayed),
		{"Replica rank updated to #", record.LogElectionPostpone, func(_ *logParser, e *record.Log, rest string) bool {
			e.Rank, e.Millis = int(number(rest, "")), number(rest, "added ")
			return true
		}},
		// Valkey 8.1 and later: not its own rank, but that of its failed primary among others
		{postponed, record.LogElectionPostpone, func(_ *logParser, e *record.Log, rest string) bool {
			e.Reason = postponed + strconv.FormatInt(number(rest, ""), 10)
			e.Millis = number(rest, "added ")
			return true
		}},
		{"Starting a failover election for epoch ", record.LogElectionStarted, func(_ *logParser, e *record.Log, rest string) bool {
			e.Epoch = number(rest, "")
			return true
		}},
		{"Failover auth granted to ", record.LogVoteGranted, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.node(rest)
			e.Epoch = number(rest, "epoch ")
			return true
		}},
		{"Failover auth denied to ", record.LogVoteRefused, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.node(rest)
			who, why, ok := strings.Cut(rest, ": ")
			e.Reason = why
			if !strings.Contains(why, "(") {
				e.Reason = strings.TrimSuffix(why, ")") // Valkey 9 has one too many
			}
			switch {
			case strings.HasPrefix(why, "already voted for epoch "):
				e.Epoch = number(why, "epoch ")
			case strings.HasPrefix(why, "reqEpoch ("):
				e.Epoch = number(why, "(")
			default: // Valkey 8.0 and later
				e.Epoch = number(who, "for epoch ")
			}
			return ok
		}},
		bare("Failover election won: ", record.LogElectionWon),
		{"Currently unable to failover: ", record.LogElectionBlocked, func(_ *logParser, e *record.Log, rest string) bool {
			e.Reason = reason(rest)
			if e.Reason == "Failover attempt expired" {
				e.Kind = record.LogElectionExpired
			}
			return true
		}},
		// Valkey 9: somebody else has the epoch, or a manual failover takes its place
		{"Failover election in progress for epoch ", record.LogElectionExpired, func(_ *logParser, e *record.Log, rest string) bool {
			e.Epoch = number(rest, "")
			_, why, ok := strings.Cut(rest, ", but ")
			e.Reason = reason(why)
			return ok
		}},
	}
}

// manualRules tell the steps of CLUSTER FAILOVER, at the replica and the master.
// The words for a master differ between Redis, with Valkey 7.2, and Valkey from
// 8.0 on, which also tells who asked for it.
func manualRules() []logRule {
	received := func(_ *logParser, e *record.Log, rest string) bool {
		e.Offset, e.Reason = number(rest, ""), "Received replication offset"
		return true
	}
	return []logRule{
		plain("Manual failover user request accepted", record.LogManualFailover),
		plain("Forced failover user request accepted", record.LogManualFailover),
		plain("Forced failover primary request accepted", record.LogManualFailover), // Valkey 9, when a primary is shut down
		plain("Taking over the master", record.LogManualFailover),
		plain("Taking over the primary", record.LogManualFailover),
		{"Manual failover requested by replica ", record.LogManualFailover, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, _ = p.node(rest)
			e.Reason = "Manual failover requested by replica"
			return true
		}},
		{"Received replication offset for paused master manual failover: ", record.LogManualFailover, received},
		{"Received replication offset for paused primary manual failover: ", record.LogManualFailover, received},
		plain("All master replication stream processed, manual failover can start", record.LogManualFailover),
		plain("All primary replication stream processed, manual failover can start", record.LogManualFailover),
		plain("Manual failover timed out", record.LogManualFailover),
		// Valkey 9
		plain("Perform auto failover to replica", record.LogManualFailover),
		plain("Unable to find a replica to perform the auto failover on shutdown", record.LogManualFailover),
		plain("Unable to perform auto failover on shutdown", record.LogManualFailover),
	}
}

// syncRules tell of replication, at the master and at the replica. "MASTER" is
// Redis and Valkey 7.2, "PRIMARY" is Valkey from 8.0 on.
func syncRules() []logRule {
	fullSync := func(_ *logParser, e *record.Log, rest string) bool {
		_, offset, ok := strings.Cut(rest, ":")
		e.Offset = number(offset, "")
		return ok
	}
	rules := []logRule{
		onReplica("Full resync requested by replica ", record.LogFullSync),
		{"Full resync from master: ", record.LogFullSync, fullSync},
		{"Full resync from primary: ", record.LogFullSync, fullSync},
		{"Partial resynchronization request from ", record.LogPartialSync, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.replica(rest)
			e.Offset = number(rest, "offset ")
			e.Reason = reason(strings.TrimPrefix(rest, "accepted. "))
			return true
		}},
		bare("Successful partial resynchronization with ", record.LogPartialSync),
		{"Partial resynchronization not accepted: ", record.LogSyncRefused, nil},
		{"Partial resynchronization not possible ", record.LogSyncRefused, nil},
		{"Unable to partial resync with replica ", record.LogSyncRefused, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.replica(rest)
			e.Reason = strings.TrimSuffix(rest, ".")
			// "was: 42", "was: <replication id>:42", or "was <replication id>:42, and …"
			if _, asked, ok := strings.Cut(rest, "request was"); ok {
				asked, _, _ = strings.Cut(asked, ",")
				e.Offset = number(asked[strings.LastIndexAny(asked, ": ")+1:], "")
			}
			return true
		}},
		{"Warning: replica ", record.LogSyncRefused, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.replica(rest)
			e.Reason = reason(rest)
			return strings.HasPrefix(rest, "tried to PSYNC with an offset that is greater ")
		}},
		{"Replica ", record.LogSyncRefused, func(p *logParser, e *record.Log, rest string) bool {
			e.Subject, rest = p.replica(rest)
			e.Reason = rest
			return rest == "asks for synchronization but with a wrong offset"
		}},
		plain("PSYNC is not possible, initialize RDB channel", record.LogSyncRefused), // Redis 8.0, Valkey 8.0 and later
		onReplica("Synchronization with replica ", record.LogReplicaUp),
		onReplica("Connection with replica (rdbchannel) ", record.LogConnectionLost), // Redis 8.0
		onReplica("Connection with replica ", record.LogConnectionLost),
		{"Client ", record.LogOutputBufferLimit, overLimit},
		{"Disconnecting timedout replica (", record.LogConnectionLost, func(p *logParser, e *record.Log, rest string) bool {
			_, addr, ok := strings.Cut(rest, "): ")
			e.Subject, _ = p.replica(addr)
			e.Reason = "Disconnecting timedout replica"
			return ok
		}},
		onNode("Configuration change detected. Reconfiguring myself as a replica of node ", record.LogReconfigured), // Valkey 8.0 and later
		onNode("Configuration change detected. Reconfiguring myself as a replica of ", record.LogReconfigured),
		onNode("I'm a sub-replica! Reconfiguring myself as a replica of grandmaster ", record.LogReconfigured), // Redis 7.0 and later
		onNode("I'm a sub-replica! Reconfiguring myself as a replica of ", record.LogReconfigured),             // Valkey 8.0 and later
		onNode("Lost my last slot during slot migration. Reconfiguring myself as a replica of ", record.LogReconfigured),
		onNode("Migrating to orphaned master ", record.LogReconfigured),
		onNode("Migrating to orphaned primary ", record.LogReconfigured),
	}
	for _, word := range []struct{ lower, title, upper string }{{"master", "Master", "MASTER"}, {"primary", "Primary", "PRIMARY"}} {
		sync := word.upper + " <-> REPLICA sync: "
		rules = append(rules,
			plain(sync+"Flushing old data", record.LogFlushedOldData),
			plain(sync+"Discarding old DB in background", record.LogFlushedOldData), // Redis 7.0 and later, with repl-diskless-load swapdb
			bare(sync+"Finished with success", record.LogReplicaUp),
			bare(sync+word.title+" accepted a Partial Resynchronization", record.LogReplicaUp),
			logRule{sync + "Loading DB in memory", record.LogLoading, func(_ *logParser, e *record.Log, _ string) bool {
				e.Reason = "Loading DB in memory"
				return true
			}},
			plain(word.title+" is currently unable to PSYNC but should be in the future", record.LogSyncRefused),
			plain(word.title+" does not support PSYNC or is in error state", record.LogSyncRefused),
			plain(word.title+" did not reply to PSYNC", record.LogSyncRefused),
			plain("Unexpected reply to PSYNC from "+word.lower, record.LogSyncRefused),
			plain("Connection with "+word.lower+" lost", record.LogConnectionLost),
			plain(word.upper+" timeout: no data nor PING received", record.LogConnectionLost),
			plain("Timeout connecting to the "+word.upper, record.LogConnectionLost),
			plain("Timeout receiving bulk data from "+word.upper, record.LogConnectionLost),
			logRule{"I/O error trying to sync with " + word.upper + ": ", record.LogConnectionLost, nil},
			logRule{"I/O error reading bulk count from " + word.upper + ": ", record.LogConnectionLost, nil},
			logRule{"I/O error writing to " + word.upper + ": ", record.LogConnectionLost, nil},
		)
	}
	return rules
}

// overLimit reads of a client that is dropped for client-output-buffer-limit: id=7
// addr=172.30.2.14:41202 … flags=S … scheduled to be closed ASAP for overcoming of
// output buffer limits. One that is no replica is of no interest.
func overLimit(p *logParser, e *record.Log, rest string) bool {
	const reason = "overcoming of output buffer limits"
	_, flags, _ := strings.Cut(rest, " flags=")
	flags, _, _ = strings.Cut(flags, " ")
	if !strings.Contains(rest, "closed") || !strings.HasSuffix(rest, "for "+reason+".") || !strings.Contains(flags, "S") {
		return false
	}
	// The port is not the one that it listens on.
	_, addr, _ := strings.Cut(rest, "addr=")
	addr, _, _ = strings.Cut(addr, " ")
	e.Subject, e.Reason = p.who.on(hostOf(addr)), reason
	return true
}

// lifeRules tell of a server's start and end.
func lifeRules() []logRule {
	took := func(what string) func(*logParser, *record.Log, string) bool {
		return func(_ *logParser, e *record.Log, rest string) bool {
			_, seconds, ok := cutLast(strings.TrimSuffix(rest, " seconds"), ": ")
			s, err := strconv.ParseFloat(seconds, 64)
			e.Millis, e.Reason = int64(s*1000+0.5), what
			return ok && err == nil
		}
	}
	return []logRule{
		plain("Loading RDB produced by", record.LogLoading),
		plain("Reading RDB base file on AOF loading", record.LogLoading), // Redis 7.0 and later
		{"DB loaded from disk", record.LogLoading, took("DB loaded from disk")},
		{"DB loaded from append only file", record.LogLoading, took("DB loaded from append only file")},
		{"DB loaded from base file", record.LogLoading, took("DB loaded from base file")}, // Redis 7.0 and later
		{"DB loaded from incr file", record.LogLoading, took("DB loaded from incr file")},
		bare("Ready to accept connections", record.LogReady),
		bare("The server is now ready to accept connections", record.LogReady), // on a Unix socket
		plain("User requested shutdown", record.LogShutdown),
		plain("Received SIGTERM", record.LogShutdown),
		plain("Received SIGINT", record.LogShutdown),
		plain("Received shutdown signal", record.LogShutdown),
		plain("Writing initial AOF, can't exit", record.LogShutdown), // it was asked, and refuses
		plain("Error trying to save the DB, can't exit", record.LogShutdown),
		{"=== ", record.LogCrash, func(_ *logParser, _ *record.Log, rest string) bool {
			return strings.Contains(rest, " BUG REPORT START")
		}},
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// slowRules tell of what a server says may slow it down.
func slowRules() []logRule {
	rules := []logRule{
		plain("Asynchronous AOF fsync is taking too long", record.LogSlow),
		plain("--- WATCHDOG TIMER EXPIRED ---", record.LogSlow),
	}
	// These go on with what went wrong.
	for _, prefix := range []string{
		"Can't save in background: fork: ", "Can't rewrite append only file in background: fork: ", "Failed to fork: ",
		"Error writing to the AOF file: ", "Short write while writing to the AOF file: ", "Fail to fsync the AOF file: ",
		"Write error saving DB on disk", "Write error while saving DB to the disk", "Background saving error",
		"Failed opening the RDB file ", "Failed opening the temp RDB file ", "Error moving temp DB file ",
		"Can't recover from AOF write error",
	} {
		rules = append(rules, logRule{prefix, record.LogSlow, func(_ *logParser, e *record.Log, rest string) bool {
			e.Reason = strings.TrimRight(prefix+rest, ".")
			return true
		}})
	}
	// Of its surroundings, once at its start. The advice that follows is left out.
	return append(rules, logRule{"WARNING", record.LogSlow, func(_ *logParser, e *record.Log, rest string) bool {
		e.Reason, _, _ = strings.Cut(strings.Trim(rest, ": "), ".")
		e.Reason, _, _ = strings.Cut(e.Reason, "!")
		for _, sign := range []string{"overcommit", "Transparent Huge Pages", "clocksource"} {
			if strings.Contains(e.Reason, sign) {
				return true
			}
		}
		return false
	}})
}
