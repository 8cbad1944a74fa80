package local

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Options say what is deployed, and where.
type Options struct {
	RunID    string
	Masters  int
	Replicas int // per master
	// Zones are what the nodes are spread over; none is for a cluster without zones.
	Zones []string
	// Config holds redis.conf directives on top of the shared ones, each with its lines'
	// arguments.
	Config map[string][]string
	// Access is what the servers let clients do.
	Access compose.Access
	// Server is the redis-server or valkey-server binary, or the folder that one was unpacked
	// to; "" is the one on PATH.
	Server string
	// Dir is the run's folder. It receives a folder a node, with its data,
	// nodes.conf and log.
	Dir string
	// Mode is DetectMode's if it is not given.
	Mode Mode
	// FirstPort is where the search for free ports begins in unprivileged mode; 0
	// is 17000.
	FirstPort int
	// Disks has the data of each node be on a file system that faults can be set on, and DiskServer is the
	// command that serves one, as disk.ServeStdio does: this program's own if it is not given.
	Disks      bool
	DiskServer []string
	// Keep leaves the nodes' folders when the cluster is removed.
	Keep bool
	// Progress is told what happens, a line at a time; it may be nil.
	Progress func(string)

	program software.Program
}

// defaultFirstPort is where the search for ports begins.
const defaultFirstPort = 17000

// validRunID: it becomes part of the names of files and namespaces.
var validRunID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$`)

// complete checks the options and fills in what is left out.
func (o Options) complete() (Options, error) {
	if !validRunID.MatchString(o.RunID) {
		return o, fmt.Errorf("run id %q: letters, digits, _, . and - can be in it, the first one a letter or a digit", o.RunID)
	}
	if o.Dir == "" {
		return o, errors.New("no run folder given")
	}
	switch o.Mode {
	case "":
		o.Mode = DetectMode()
	case Unprivileged, Isolated:
	default:
		return o, fmt.Errorf("unknown mode %q; known: %s, %s", o.Mode, Unprivileged, Isolated)
	}
	if o.FirstPort == 0 {
		o.FirstPort = defaultFirstPort
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.DiskServer == nil {
		o.DiskServer = disk.OwnServer()
	}
	if o.Disks && o.DiskServer == nil {
		return o, errors.New(disk.Lacks(nil))
	}
	var err error
	o.program, err = software.FindProgram(o.Server)
	return o, err
}
