package drive

import (
	"context"
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
)

// Library is a client library that the clients of a load go through.
type Library interface {
	// Open makes a client of the cluster. It connects when it is used.
	Open(ClientOptions) (ClusterClient, error)
	// Lacks lists the keys of a workload, such as "client.pool_size", that it cannot follow, and
	// the types, such as "type: pubsub", that it cannot do.
	Lacks() []string
}

// ClientOptions are what a client of the cluster is to be like.
type ClientOptions struct {
	Target Target
	// Scenario is what the scenario says, with what its preset adds.
	Scenario scenarios.ClientOptions
	// Concurrent is how many commands are under way at once; 0 if that is not known.
	Concurrent int
	// Node is where what the node at an address acks is entered; nil if no command carries
	// a write.
	Node func(addr string) *books.NodeAcks
	// ReadFrom is where reads go; empty if there are none.
	ReadFrom string
}

// Where reads can go.
const (
	// ReadFromMaster is where writes go, too.
	ReadFromMaster = "master"
	// ReadFromReplica is a replica, or the master where the client knows of none that works.
	ReadFromReplica = "replica"
	// ReadFromAny is the master or a replica, picked at random for each read.
	ReadFromAny = "any"
)

// ClusterClient is one client of the cluster, which any number of goroutines use at once. Its
// commands go to the masters of their keys. What else a client can do is in [Pipeliner],
// [Getter], [Subscribing] and [GroupReading].
type ClusterClient interface {
	// Reach loads the topology and has every master answer.
	Reach(ctx context.Context) error
	// Do sends a command and waits for what comes of it. It follows redirects and tries
	// again as the library does.
	Do(ctx context.Context, cmd *Command)
	// Settings is what the library has made of the options; nil if that is not known.
	Settings(ctx context.Context) *record.ClientSettings
	// Abort ends all commands that wait for an answer.
	Abort()
	Close() error
}

// Pipeliner is a client that sends several commands at once.
type Pipeliner interface {
	// DoAll sends commands to wherever their keys are, and tries again as the library does.
	DoAll(ctx context.Context, cmds []*Command)
	// DoShard sends commands, whose keys are all in the shard of the first one, to its master in
	// one pipeline, and tries again as the library does.
	DoShard(ctx context.Context, key string, cmds []*Command)
}

// Getter is a client that reads where its options say, and tells who answered.
type Getter interface {
	Get(ctx context.Context, key string) (value string, found bool, node string, err error)
	// MasterOf is the address of the node that it takes for the master of a key.
	MasterOf(ctx context.Context, key string) (addr string, err error)
}

// Subscribing is a client that subscribes to channels.
type Subscribing interface {
	// Subscribe subscribes to channels, by SSUBSCRIBE if that is sharded. It dials with the
	// ctx that [Subscription.Receive] is called with, or its own.
	Subscribe(ctx context.Context, sharded bool, channels ...string) Subscription
}

// Subscription is one connection at a time, which is made anew when it breaks.
type Subscription interface {
	// Receive waits for what comes next.
	Receive(ctx context.Context) (Received, error)
	// Ping sends a ping, and does not wait for its answer.
	Ping(ctx context.Context) error
	Close() error
}

// Received is a message, or the confirmation of a change to a subscription.
type Received struct {
	// Kind is MessageReceived, or what was confirmed, such as "subscribe"; empty for anything
	// else.
	Kind             string
	Channel, Payload string
}

// MessageReceived is the kind of a message.
const MessageReceived = "message"

// GroupReading is a client that reads streams as a consumer of a group.
type GroupReading interface {
	Do(ctx context.Context, cmd *Command)
	// ReadGroup is XREADGROUP of one stream. It waits for entries for as long as block says,
	// if that is not negative.
	ReadGroup(ctx context.Context, r GroupRead) ([]GroupEntry, error)
}

// GroupRead is what a consumer asks for.
type GroupRead struct {
	Group, Consumer, Stream string
	From                    string
	Count                   int
	Block                   time.Duration
}

// GroupEntry is an entry of a stream that a group was given.
type GroupEntry struct {
	ID     string
	Fields map[string]any
}

// ReadBack is a client that reads back what keys hold. It is none of those that are under
// test.
type ReadBack interface {
	GroupReading
	// Master is the node that it takes for the master of a key. The same node is equal to
	// itself.
	Master(ctx context.Context, key string) (Node, error)
	// Reload has it look at the topology again.
	Reload(ctx context.Context)
	Close() error
}

// Node is one node. What it is asked follows no redirects.
type Node interface {
	DoAll(ctx context.Context, cmds []*Command)
}

// Command is one command to the cluster, and what came of it. The client that is given it
// fills in Reply and Err.
type Command struct {
	// Args are its name and its arguments: strings, whole numbers, []byte, and whatever
	// marshals itself. A [Write] that it carries is the last of them, and every attempt that
	// the client library makes at it is to be told to that.
	Args []any
	// KeyAt is which of the arguments is the key, if it is not the first after the name.
	KeyAt int
	// Reply is what was answered: nil, int64, string, or []any of these.
	Reply any
	// Err is nil if there was an answer that is no error, a nil among them.
	Err error
	// Kept is the library's own. It stays with the command while that is sent again with
	// other arguments in the same slice.
	Kept any
}

// NewCommand is a command of its own.
func NewCommand(args ...any) *Command { return &Command{Args: args} }

// null tells whether the answer is nil.
func (c *Command) null() bool { return c.Err == nil && c.Reply == nil }

// NodeName is the name of the node at an address, or else the address.
func NodeName(target Target, addr string) string {
	if name := target.NodeAt(addr); name != "" {
		return name
	}
	return addr
}

// Target is the cluster, as far as a workload has to know it.
type Target interface {
	// Addrs are announced addresses ("ip:port" or "name:port") of nodes to start from.
	Addrs() []string
	// Dial connects to the node that the cluster names by addr.
	Dial(ctx context.Context, network, addr string) (net.Conn, error)
	// NodeAt is the name of the node that the cluster names by addr, whatever its
	// cluster-preferred-endpoint-type; "" if there is none.
	NodeAt(addr string) string
	// ShardOf is the number of the shard that owns a hash slot.
	ShardOf(slot int) int
	// Shards is how many shards there are.
	Shards() int
}
