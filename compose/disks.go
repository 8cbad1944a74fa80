package compose

import (
	"context"
	"os"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// Disks is what can be done to the file systems that the data directories of nodes are on. It needs
// Disking, and an Order with Disks.
type Disks interface {
	// SetDisk puts a fault in force on the disk of a node under a name, in place of the one that is in
	// force under that; LiftDisk ends it. That there is none is no error.
	SetDisk(ctx context.Context, node, name string, f disk.Fault) error
	LiftDisk(ctx context.Context, node, name string) error
	// LosePower ends a node's server, and drops what was not durable by then. Whatever the server had
	// acknowledged it had acknowledged before: nothing becomes durable any more while it ends.
	LosePower(ctx context.Context, node string, tear disk.Tear) (disk.Loss, error)
	// DiskState is what the disk of a node is set to, and has done.
	DiskState(ctx context.Context, node string) (disk.State, error)
}

// OnDisks is what Deployed.Engine tells of nodes whose data directories are on such file systems.
const OnDisks = "data on FUSE, where writes take longer"

// UsualWriteback is what becomes durable there by itself, as Linux does it on ext4 by default: bytes 30 s
// after they were written (vm.dirty_expire_centisecs), and names after 5 s (commit=).
func UsualWriteback() disk.Writeback {
	return disk.Writeback{Expire: 30 * time.Second, Commit: 5 * time.Second}
}

// Files is what can be done to the files of nodes.
type Files interface {
	// Data opens the data directory of a node, whose server should have ended. The caller closes it. It
	// needs Filing.
	Data(ctx context.Context, node string) (*os.Root, error)
}
