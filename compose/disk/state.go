package disk

import "time"

// State is what a disk is set to, what it holds that is not durable, and what it
// has done since it was mounted. Durations are in nanoseconds.
type State struct {
	Below  string `json:"below"`
	At     string `json:"at"`
	Frozen bool   `json:"frozen"`

	Faults    map[string]InForce `json:"faults"` // by the names that they were set under
	Writeback Writeback          `json:"writeback"`

	Dirty   int64 `json:"dirty"`   // bytes written that are not durable
	Pending int   `json:"pending"` // changes of names, sizes and attributes that are not durable

	Ops         map[Op]Count `json:"ops"`          // of each kind that was done
	Synced      int64        `json:"synced"`       // bytes that fsync made durable
	WrittenBack int64        `json:"written_back"` // bytes that became durable otherwise: by writeback, Sync, or a rename over a file
	PowerLosses int          `json:"power_losses"`
	Lost        int64        `json:"lost"` // bytes, by all power losses
}

// InForce is a fault, and what it has done since it was set.
type InForce struct {
	Fault  Fault         `json:"fault"`
	Failed int           `json:"failed"` // operations that got its error, or were cut short for want of room
	Slowed int           `json:"slowed"` // operations that it held
	Held   time.Duration `json:"held"`   // for how long in all
}

// Count is what became of the operations of a kind.
type Count struct {
	Calls   int           `json:"calls"`  // all of them, those that failed too
	Failed  int           `json:"failed"` // with EIO, ENOSPC or EROFS of a fault
	Slowed  int           `json:"slowed"`
	Held    time.Duration `json:"held"`    // by Slow, all of them together
	Longest time.Duration `json:"longest"` // by Slow, one of them
}

// Loss is what a power loss took.
type Loss struct {
	Bytes int64      `json:"bytes"` // written, acknowledged and gone; those overwritten before count once
	Files []FileLoss `json:"files"` // in order of their names
	// Changes are those of names, sizes and attributes that are gone, in order:
	// "create temp-1.rdb", "rename temp-1.rdb to dump.rdb".
	Changes []string `json:"changes"`
}

// FileLoss is what a power loss took of a file, by the name that it had before.
type FileLoss struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Kept  int64  `json:"kept"` // bytes that a torn write left
}

// Writeback is what becomes durable without fsync, as the kernel does it. The zero value is
// nothing: then what is lost depends on the programs alone.
type Writeback struct {
	Expire time.Duration `json:"expire,omitempty"` // bytes so long after they were written (vm.dirty_expire_centisecs: 30 s); 0 is never
	Commit time.Duration `json:"commit,omitempty"` // the journal (ext4's commit=: 5 s); 0 is never
	// MaxDirty is how many bytes are kept before the file that waits longest is
	// written back; 0 is no bound.
	MaxDirty int64 `json:"max_dirty,omitempty"`
}
