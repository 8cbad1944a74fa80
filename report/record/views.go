package record

// NodeFlag is a change in how one node sees another.
type NodeFlag struct {
	Observer string `json:"observer"`
	Subject  string `json:"subject"`
	Flag     string `json:"flag"` // "ok", "pfail" or "fail"
}

// Role is a change of a node's role by its own word.
type Role struct {
	Node   string `json:"node"`
	Role   string `json:"role"` // "master" or "replica"
	Master string `json:"master,omitempty"`
}

// SlotOwner is a change in whom one node sees as the master of a shard.
type SlotOwner struct {
	Observer string `json:"observer"`
	Shard    int    `json:"shard"`
	Owner    string `json:"owner"`
	Epoch    int64  `json:"epoch"`
}

// ClusterState is a change of cluster_state by one node's word.
type ClusterState struct {
	Node string `json:"node"`
	OK   bool   `json:"ok"`
}

// Replication is a change in a master's word on one of its replicas.
type Replication struct {
	Master  string `json:"master"`
	Replica string `json:"replica"`
	// InSync: it is online, and has reached the offset that the master had when it was
	// first seen online; however far it falls behind then, until it is no longer online.
	InSync bool `json:"in_sync"`
}

// Reachable is a change in whether the observer gets answers from a node.
type Reachable struct {
	Node string `json:"node"`
	OK   bool   `json:"ok"`
}

// Epoch is a change of a node's epochs, by its own word.
type Epoch struct {
	Node    string `json:"node"`
	Current int64  `json:"current"` // currentEpoch, the cluster's
	Config  int64  `json:"config"`  // configEpoch, its own or its master's
}

// Link is a change of a node's cluster bus link to another one, by its own word.
type Link struct {
	Observer string `json:"observer"`
	Subject  string `json:"subject"`
	Up       bool   `json:"up"`
}

// Lag is how far a replica is behind its master, in bytes of replication
// stream. It is recorded when it passes 4 KiB, 16 KiB, 64 KiB or the next power of
// four, up or down, while the replica is online.
type Lag struct {
	Master  string `json:"master"`
	Replica string `json:"replica"`
	Bytes   int64  `json:"bytes"`
}

// MasterLink is a change of a replica's replication link, by its own word.
type MasterLink struct {
	Replica string `json:"replica"`
	Up      bool   `json:"up"`
}

// Persistence is a change of what a node does with its disk, by its own word.
type Persistence struct {
	Node       string `json:"node"`
	Loading    bool   `json:"loading,omitempty"`     // reads its data set
	Saving     bool   `json:"saving,omitempty"`      // an RDB file is being written
	Rewriting  bool   `json:"rewriting,omitempty"`   // the AOF is being rewritten
	WriteError bool   `json:"write_error,omitempty"` // the last RDB or AOF write failed
}

// Counters is what a node has counted since its server started, by its own word. It is
// asked once a second, and recorded when anything but Keys has changed.
type Counters struct {
	Node string `json:"node"`
	// RunID is the server's, another one after each start. Counters go on from 0 then.
	RunID               string `json:"run_id"`
	EvictedKeys         int64  `json:"evicted_keys,omitempty"`
	ExpiredKeys         int64  `json:"expired_keys,omitempty"`
	RejectedConnections int64  `json:"rejected_connections,omitempty"`
	// SyncFull, SyncPartialOK and SyncPartialErr are what its replicas asked of it.
	SyncFull       int64 `json:"sync_full,omitempty"`
	SyncPartialOK  int64 `json:"sync_partial_ok,omitempty"`
	SyncPartialErr int64 `json:"sync_partial_err,omitempty"`
	// Flushes are calls of FLUSHALL and FLUSHDB.
	Flushes int64 `json:"flushes,omitempty"`
	// SlotChanges are calls of the subcommands of CLUSTER that give slots or take them;
	// Redis 6.2 does not count them.
	SlotChanges int64 `json:"slot_changes,omitempty"`
	Loading     bool  `json:"loading,omitempty"` // reads its data set
	Keys        int64 `json:"keys"`              // there are at this moment
}

// Type implements Data.
func (*NodeFlag) Type() string     { return "node_flag" }
func (*Role) Type() string         { return "role" }
func (*SlotOwner) Type() string    { return "slot_owner" }
func (*ClusterState) Type() string { return "cluster_state" }
func (*Replication) Type() string  { return "replication" }
func (*Reachable) Type() string    { return "reachable" }
func (*Epoch) Type() string        { return "epoch" }
func (*Link) Type() string         { return "link" }
func (*Lag) Type() string          { return "lag" }
func (*MasterLink) Type() string   { return "master_link" }
func (*Persistence) Type() string  { return "persistence" }
func (*Counters) Type() string     { return "counters" }
