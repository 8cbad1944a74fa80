package compose

import "context"

// Brought names a cluster of the user's.
type Brought struct {
	// Compose is the path of a compose file, and Project the name of its project, "" for that which Compose gives it.
	Compose, Project string
	// Services are those whose containers may run nodes; none is for all.
	Services []string
	// Up has the project started, and removed by Leave as far as it did not run before.
	Up bool
	// Bootstrap has lone empty nodes joined into a cluster of Masters masters with Replicas of each.
	Bootstrap         bool
	Masters, Replicas int
	// Addrs are addresses of some nodes of a cluster that is not in a compose file.
	Addrs []string
	// AddressMap is where nodes are dialled by what they announce, for what cannot be found out.
	AddressMap map[string]string
	// Access is what the servers want to hear of clients.
	Access Access
	// RunID is the run that the cluster is for.
	RunID string
	// Unwell: the cluster is brought to be healed, whatever its health. Nodes that give no answer are those of the last
	// time that it was found well, and so are the addresses of containers that have none at the moment.
	Unwell bool
	// Shaped: what becomes of the nodes' packets will be changed, so that what that takes is made ready.
	Shaped bool
	// Progress is told what happens, and Warn what is wrong with the machine.
	Progress, Warn func(string)
}

// Bringer is implemented by hosts that find clusters which others have deployed.
type Bringer interface {
	// Brings tells whether clusters that are named in this way are found here.
	Brings(b Brought) bool
	// Bring finds a cluster, whose nodes all have their IDs, shards and roles. It
	// keeps all others off the cluster until it is left: that another run has it is a
	// *journal.InProgressError. One that is not healthy, or not whole, is an error, and nothing has been done to it.
	Bring(ctx context.Context, b Brought) (*Found, error)
}

// Found is a cluster that was brought.
type Found struct {
	Deployed
	// Name is what the ledger of its faults goes by: always the same for the same cluster.
	Name string
	// Lacks says why this very cluster cannot do something; "" if it can.
	Lacks func(Ability) string
	// Leave lets go of the cluster, and removes what was started for it. The cluster is not to be used any more.
	Leave func(ctx context.Context) error
	// Notes are what a reader of the report should know of it.
	Notes []string
}
