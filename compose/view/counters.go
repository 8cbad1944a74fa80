package view

// Counters are what a server has counted since it started.
type Counters struct {
	// RunID is 40 hex digits, others after each start.
	RunID string

	EvictedKeys         int64
	ExpiredKeys         int64
	RejectedConnections int64 // because of maxclients
	FullSyncs           int64 // with its replicas, as are the next two
	PartialSyncs        int64
	PartialSyncsRefused int64
	// Flushes are calls of FLUSHALL and FLUSHDB, those that its master told it of
	// included.
	Flushes int64
	// SlotChanges are calls of the subcommands of CLUSTER that give slots or take
	// them. Redis 6.2 does not count them, and neither is what nodes agree on among
	// themselves.
	SlotChanges int64

	Keys int64 // there are now, in database 0
}

// CounterCommands are what ParseCounters takes the replies of, in their order. Redis
// 6.2 takes one section at a time.
func CounterCommands() [][]string {
	return [][]string{{"INFO", "server"}, {"INFO", "stats"}, {"INFO", "commandstats"}, {"INFO", "keyspace"}}
}

// ParseCounters parses the replies to CounterCommands.
func ParseCounters(replies []string) Counters {
	server, stats, commands, keyspace := replies[0], replies[1], replies[2], replies[3]
	calls := func(names ...string) (sum int64) {
		for _, name := range names {
			sum += integer(part(field(commands, "cmdstat_"+name), "calls"))
		}
		return sum
	}
	return Counters{
		RunID:               field(server, "run_id"),
		EvictedKeys:         integer(field(stats, "evicted_keys")),
		ExpiredKeys:         integer(field(stats, "expired_keys")),
		RejectedConnections: integer(field(stats, "rejected_connections")),
		FullSyncs:           integer(field(stats, "sync_full")),
		PartialSyncs:        integer(field(stats, "sync_partial_ok")),
		PartialSyncsRefused: integer(field(stats, "sync_partial_err")),
		Flushes:             calls("flushall", "flushdb"),
		SlotChanges: calls("cluster|setslot", "cluster|addslots", "cluster|addslotsrange", "cluster|delslots",
			"cluster|delslotsrange", "cluster|flushslots", "cluster|reset"),
		Keys: integer(part(field(keyspace, "db0"), "keys")),
	}
}
