package local

import (
	"net/netip"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// layout says all that a run makes on the machine. Everything that it makes is
// found by what stands here, and nothing else of it is ever touched.
type layout struct {
	Mode Mode
	// Server is what the servers' processes run, without symbolic links: their binary, or the
	// loader that they were started by.
	Server string
	// Dir holds a folder a node. MadeDir: it was not there before.
	Dir     string
	MadeDir bool
	// Keep leaves the nodes' folders where they are.
	Keep  bool
	Nodes []string
	// Ports are the nodes' in unprivileged mode.
	Ports []int `json:",omitempty"`
	// ClientNet and ClusterNet are the subnets in isolated mode.
	ClientNet  netip.Prefix
	ClusterNet netip.Prefix
}

// item and entry are what the journal holds of a run.
type (
	item  = journal.Item[layout]
	entry = journal.Entry[layout]
)

// openJournal opens the journal of the runs on this machine.
func openJournal() (journal.Journal[layout], error) { return journal.Open[layout](place) }

// place is what the journals call this machine.
const place = "local"

// Unfinished lists the runs of this process of which something may be on this machine.
func Unfinished() ([]string, error) {
	return journal.Mine(func(p string) bool { return p == place })
}

// folder is where a node lives.
func (l layout) folder(node string) string { return filepath.Join(l.Dir, node) }
