package compose

import (
	"context"
	"errors"

	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// Runtime is a way to run clusters: in containers, or as processes of this machine.
type Runtime interface {
	// Name is what --runtime and result.json call it: "docker".
	Name() string
	// Open connects to what the clusters are on. Unavailable is in the chain of the error that
	// this machine has nothing of the kind.
	Open(ctx context.Context) (Host, error)
	// Prepare is Open, and finds what deploying takes beside that. server is a server of this
	// machine that is to be run, and "" leaves the choice.
	Prepare(ctx context.Context, server string) (Deployer, error)
	// Unfinished lists the runs of this process of which something may be left.
	Unfinished() ([]string, error)
	// Parts says what a cluster is made of: "containers, networks and volumes".
	Parts() string
}

// Host is where the clusters of a runtime are.
type Host interface {
	// Place is what the journals call where the clusters are.
	Place(ctx context.Context) (string, error)
	// RemoveStale removes what runs that were killed have left behind. Live runs and clusters
	// that were kept are left alone.
	RemoveStale(ctx context.Context) (Swept, error)
	// Remove removes all that there is of a run that has ended. That there is nothing is fine;
	// that the run is live is a *journal.InProgressError.
	Remove(ctx context.Context, runID string) error
	Close() error
}

// Standing is implemented by hosts whose clusters go on without the program that deployed them.
type Standing interface {
	// Lacks is that of Deployer.
	Lacks(Ability) string
	// Runs lists the runs of which there is something, and Clusters those that have nodes.
	Runs(ctx context.Context) ([]string, error)
	Clusters(ctx context.Context) ([]string, error)
	// Attach finds the cluster of a run; that there is none is an error.
	Attach(ctx context.Context, runID string) (Cluster, error)
	// Occupy is Attach, and keeps all others off the cluster, be they runs or who would remove it, until
	// Deployed.Keep lets go of it, or this program ends, whatever way. That another one has it is a
	// *journal.InProgressError, and that it is what a killed run has left a *journal.StaleError. Of the server it
	// tells the image alone, and the layout is left to FindLayout: some node may be away.
	Occupy(ctx context.Context, runID string, warn func(string)) (*Deployed, error)
}

// Deployer is a host that clusters can be deployed to.
type Deployer interface {
	Host
	// Where says where the nodes run: "in containers".
	Where() string
	// Lacks says why clusters here cannot do something; "" if they can.
	Lacks(Ability) string
	// Deploy starts a cluster and forms it. It removes what it made if it fails.
	Deploy(ctx context.Context, o Order) (*Deployed, error)
}

// DefaultRunID is the run of the committed docker-compose.yml, and of what `chaos up` starts.
const DefaultRunID = "up"

// Order is a cluster that is wanted.
type Order struct {
	RunID string
	// PlainNames has the names of what is made not begin with RunID: there can be one such
	// cluster at a time.
	PlainNames bool
	Masters    int // 3 to 30
	Replicas   int // per master, 0 to 5
	// Zones are what the nodes are spread over; none is for a cluster without zones.
	Zones []string
	// Config holds redis.conf directives on top of the shared ones, each with its lines'
	// arguments, and Modules is the modules that they load.
	Config  map[string][]string
	Modules []Module
	// AnnounceNames has the nodes announce names in place of addresses, and DNS is the name
	// servers for others; these need Naming.
	AnnounceNames bool
	DNS           []string
	// Shaped: what becomes of the nodes' packets will be changed, so that what that takes is made ready. It
	// needs Shaping.
	Shaped bool
	// Access is what the servers let clients do; its Debug needs Debugging.
	Access Access
	// Disks has the data directories be on file systems of their own, which faults can be set on; it
	// needs Disking. Writes take longer there.
	Disks bool
	// Image is the server's, for runtimes that have images. Server is one of this machine: a
	// program, or the folder that one was unpacked to. "" leaves it to the image, or to PATH.
	Image  string
	Server string
	// Dir is the folder that the nodes go on using.
	Dir   string
	Ports PortPolicy
	// Keep leaves what the nodes have written when the cluster is removed.
	Keep bool
	// Progress is told what happens, and Warn what is wrong with the machine.
	Progress, Warn func(string)
}

// Module is a module that servers load.
type Module struct {
	Path string
	// Where names it: "cluster.config", or the line of a file.
	Where string
}

// DefaultPort is the host port of the first node where none is asked for.
const DefaultPort = 6379

// PortPolicy says what to do about host ports that are taken.
type PortPolicy struct {
	// First is the host port of the first node; the others follow it.
	First int
	// Fixed makes a taken port an error, in place of moving on to the next free one.
	Fixed bool
}

// Deployed is a cluster with what a reader of a report should know of it.
type Deployed struct {
	Cluster Cluster
	Server  Server
	Config  map[string]string // effective redis.conf directives
	// Layout is which slots each shard has.
	Layout slots.Layout
	Engine string // what runs it: "Docker 28.2.2, docker compose 2.32.4"
	// Keep lets the cluster go on without this program; nil if it cannot.
	Keep func() error
}

// Server is the server that a cluster's nodes run.
type Server struct {
	Name    string // "redis" or "valkey"
	Version string
	Image   string // "" without images
	Asked   string // the image that was asked for, where another one is used
	Binary  string // the program that runs, where no image does
	Built   string // the program of this machine that the image was built from, if it was
}

// Swept is what came of removing what runs that are over have left behind.
type Swept struct {
	// Removed lists the runs of which nothing is left by now.
	Removed []string
	// Left tells what could not be removed, a run each.
	Left []error
}

// LeftError tells what could not be removed of a run. The run is over all the same.
type LeftError interface {
	error
	// LeftOf is the run.
	LeftOf() string
}

// Unavailable is in the chain of the error that a machine has nothing for a runtime to run clusters
// on, and says what it lacks.
type Unavailable string

func (u Unavailable) Error() string { return string(u) }

// IsUnavailable tells whether a runtime has nothing to run clusters on, and what it lacks.
func IsUnavailable(err error) (lacks string, ok bool) {
	var u Unavailable
	ok = errors.As(err, &u)
	return string(u), ok
}
