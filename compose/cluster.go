package compose

import (
	"context"
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// Network is one of the two networks that every node is on.
type Network string

// The networks of a cluster.
const (
	ClientNetwork  Network = "client"  // clients
	ClusterNetwork Network = "cluster" // gossip and replication
)

// Ability is something that not every runtime can do to its nodes.
type Ability string

// What not every runtime can do.
const (
	// Networking is to take nodes off a network and put them back.
	Networking Ability = "take nodes off a network"
	// Separating is to take nodes off the network of clients alone, or off that of the cluster alone.
	Separating Ability = "take nodes off one network and leave them on the other"
	// Shaping is to change what becomes of the packets of a node.
	Shaping Ability = "change what becomes of packets"
	// Naming is to have nodes find each other by names, and to say which name
	// servers they ask for others.
	Naming Ability = "give nodes names in a DNS of their own"
	// LimitingMemory is to limit the memory of a node whose server runs.
	LimitingMemory Ability = "limit the memory of a server that runs"
	// Signalling is to send the process of a server signals, Starting to start one that has ended, and Throttling to
	// limit its CPU. Clusters that the tool deploys can do all of them.
	Signalling Ability = "signal the process of a server"
	Starting   Ability = "start a server that has ended"
	Throttling Ability = "limit the CPU of a server"
	// Seeing is to name the process of a server, and to change what it has of its machine.
	Seeing Ability = "change what the process of a server has"
	// Timeshifting is to have a server see another time than its machine. It takes Seeing, too.
	Timeshifting Ability = "have servers see another time"
	// Debugging is to run servers that take the command DEBUG.
	Debugging Ability = "run servers that take DEBUG"
	// Disking is to change what becomes of the writes to data directories.
	Disking Ability = "change what becomes of writes to data directories"
	// Filing is to change the files in data directories.
	Filing Ability = "change the files in data directories"
	// Readdressing is to give nodes other addresses.
	Readdressing Ability = "give nodes other addresses"
)

// Usual tells whether all clusters that the tool deploys can do it.
func (a Ability) Usual() bool { return a == Signalling || a == Starting || a == Throttling }

// Node is a node of a deployed cluster.
type Node struct {
	Name string
	// ID is the 40 hex digits of CLUSTER MYID.
	ID string
	// Addr is the ip:port on the cluster network. It may change.
	Addr string
	// Announced is what the node announces to the cluster: Addr, or a name:port.
	Announced string
	// ClientAddr is the ip:port on the client network.
	ClientAddr string
	// HostAddr is the published ip:port on the engine's host.
	HostAddr string
	// Shard is the shard that the node was a member of when the cluster was formed.
	Shard int
	// Replica: it started as a replica.
	Replica bool
	// Zone is the zone that it is in; "" in a cluster without zones.
	Zone string
	// Service is the Compose service of the user's that it is of; "" in any other cluster.
	Service string
}

// Cluster is a running cluster, whatever runs it. Nodes are named by Node.Name.
type Cluster interface {
	Servers
	Processes
	Networks
	Disks
	Files
	Sights
	Conditions

	// ClockOffset is how far the clock that Watch and Follow give times by is ahead
	// of this machine's wall clock, and by how much that may be wrong.
	ClockOffset(ctx context.Context) (offset, within time.Duration, err error)
	// Down removes the cluster with everything that belongs to it.
	Down(ctx context.Context) error
}

// Servers are the nodes of a cluster, and how they are reached.
type Servers interface {
	Nodes() []Node
	// Dial connects to a node by its Addr or by what it announces. Once the networks of the
	// cluster are gone it fails, whoever has their addresses then.
	Dial(ctx context.Context, network, addr string) (net.Conn, error)
}

// Address is where a node is dialled; "" if there is no such node.
func Address(s Servers, node string) string {
	for _, n := range s.Nodes() {
		if n.Name == node {
			return n.Addr
		}
	}
	return ""
}

// Processes is what can be done to the servers of nodes.
type Processes interface {
	// Signal sends a signal, named as in kill(1) ("SIGKILL"), to the server.
	Signal(ctx context.Context, node, signal string) error
	// Stop asks the server to end (SIGTERM) and kills it after grace.
	Stop(ctx context.Context, node string, grace time.Duration) error
	// Start starts a server that has ended, on its own data. A running one is left alone.
	Start(ctx context.Context, node string) error
	// Pause freezes the server's process; Unpause thaws it.
	Pause(ctx context.Context, node string) error
	Unpause(ctx context.Context, node string) error
	// LimitCPU gives a node's servers no more than a share of one CPU, of 0.001 to 1, whatever
	// becomes of them; 0 lifts the limit. None of that is a Happening.
	LimitCPU(ctx context.Context, node string, share float64) error
	// LimitMemory lets a node's server take so many bytes beyond what it has, or else have the kernel kill it; a
	// negative number lifts the limit. A server that is started meanwhile may have it or not. It needs LimitingMemory.
	LimitMemory(ctx context.Context, node string, more int64) error
	// PID is the id, on this machine, of the process of a node's server; 0 if none runs. It needs Seeing.
	PID(ctx context.Context, node string) (int, error)
}

// Networks is what can be done to the networks of nodes.
type Networks interface {
	// Disconnect takes a node off a network; Connect puts it back at the same address.
	Disconnect(ctx context.Context, node string, network Network) error
	Connect(ctx context.Context, node string, network Network) error
	// Readdress gives a node whose server has ended another address on the cluster network, which its servers announce
	// from then on. Nodes tells it at once, and Dial knows the one that it had no more. It needs Readdressing.
	Readdress(ctx context.Context, node string) error
	// Shape has rules stand where a node's packets pass, in place of those that stand under the same name;
	// none lifts these. Rules of other names go on. It needs Shaping.
	Shape(ctx context.Context, node, name string, rules []traffic.Rule) error
	// ShapedBy says what brings the rules about that stand under a name: "nfqueue, in a helper container"; ""
	// if there are none.
	ShapedBy(node, name string) string
	// Shaped is what the rules that stand under a name have done to packets by now.
	Shaped(ctx context.Context, node, name string) ([]traffic.StandingRule, error)
	// Reset ends the connections of a node that match, and says how many. It needs Shaping.
	Reset(ctx context.Context, node string, matches []traffic.Match) (ended int, err error)
}

// Sights is what is seen of nodes.
type Sights interface {
	// Watch tells what the runtime sees happening to nodes, until ctx ends.
	Watch(ctx context.Context) (<-chan Happening, error)
	// Follow tells every line that a node's servers have logged since the first
	// start, and goes on with what they log, through stops and starts, until ctx
	// ends. It returns when all that was logged by then has been told; with a ctx
	// that has ended, it tells what there is. An error means that lines are missing.
	Follow(ctx context.Context, node string, tell func(LogLine)) error
}

// Happening is something that the runtime saw, at the runtime's own time: see
// ClockOffset.
type Happening struct {
	Node    string
	Action  Action
	Network Network // for Disconnected and Connected
	Exit    string  // exit status, for Died
	Time    time.Time
}

// Action is what happened to a node.
type Action string

// What a runtime can see happening.
const (
	Died         Action = "died"
	Started      Action = "started"
	Paused       Action = "paused"
	Unpaused     Action = "unpaused"
	Signalled    Action = "signalled"
	OutOfMemory  Action = "out of memory"
	Removed      Action = "removed" // by somebody else: the run removes nothing before it is over
	Disconnected Action = "disconnected"
	Connected    Action = "connected"
	Healthy      Action = "healthy" // by a health check, if the runtime has one
	Unhealthy    Action = "unhealthy"
)

// LogLine is a line of a server's log and when the runtime received it, by its
// own clock.
type LogLine struct {
	Time time.Time
	// Text is without the line's end, and cut after MaxLogLine bytes.
	Text string
}

// MaxLogLine is how many bytes of a line of a log are kept. A server can log
// whatever its clients want it to.
const MaxLogLine = 64 << 10
