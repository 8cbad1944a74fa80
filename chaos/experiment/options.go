package experiment

import (
	"cmp"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report"
)

// Options are how a scenario is run, beside what it says itself.
type Options struct {
	// Out is the folder that receives the run's own folder.
	Out string
	// Runtime is one of Runtimes; none is RuntimeAuto.
	Runtime string
	// RedisServer is a local server, a binary or the folder that one was unpacked to, that
	// is run, or that the image is built from, in place of the scenario's image.
	RedisServer string
	Ports       compose.PortPolicy
	// Keep leaves the cluster up at the end.
	Keep bool
	// On is the cluster that stands that it is run on, by the name or the id that it was deployed under; "": on one
	// of its own.
	On string
	// Part: it is one of several runs, and Out is their folder: it gets no link to the newest.
	Part bool
	// Reserve has a cluster that the run may take over, and receives it for the next run; nil:
	// it has one of its own.
	Reserve *Reserve
	// Tool is this program's name and version, for the report.
	Tool string
	// Progress is told what happens, a line at a time; Status, once a second,
	// how far the run is. Any of the three may be nil.
	Progress func(string)
	Status   func(string)
	// Warn is told what is wrong with the machine without being this run's matter, and
	// what of the run could not be removed.
	Warn func(string)
}

// complete fills in what is left out.
func (o Options) complete() Options {
	o.Runtime = cmp.Or(o.Runtime, RuntimeAuto)
	for _, tell := range []*func(string){&o.Progress, &o.Status, &o.Warn} {
		if *tell == nil {
			*tell = func(string) {}
		}
	}
	if o.Ports.First == 0 {
		o.Ports.First = compose.DefaultPort
	}
	return o
}

// warn tells of something that is wrong with this machine, and not with the run.
func (o Options) warn(err error) {
	if err != nil {
		o.Warn(err.Error())
	}
}

// removed is what is left of the error of removing a cluster once it is told what could not be
// removed: the run is over, whatever came of it.
func (o Options) removed(err error) error {
	if left, ok := err.(compose.LeftError); ok {
		o.warn(left)
		return nil
	}
	return err
}

// Outcome is what is left of a run.
type Outcome struct {
	Result *report.Result
	// Dir is the run's folder of artifacts.
	Dir string
	// Reports are the paths of the reports for people, as far as they could be written.
	Reports []string
	// Cluster is the id of the run that deployed the cluster, and Turn how many runs that had
	// served before this one.
	Cluster string
	Served  int
}

// What Options.Runtime can name, of what others need by name.
const (
	RuntimeAuto   = "auto"   // the first one that is available
	RuntimeDocker = "docker" // containers
	RuntimeLocal  = "local"  // processes of this machine
)
